// The separate process: runs what it is sent, one call after another.

import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";
import {decodeLoading, encodeError, encodeResult} from "../../../cluster/codec.js";
import {remote} from "../../../cluster/index.js";
import {revive} from "../../../cluster/shipping/revive.js";
import {installCellRuntime} from "../../../cluster/shipping/runtime.js";
import {installStackMaps} from "../../../cluster/shipping/stacks.js";
import type {Answer, Call} from "./elsewhere.js";

const require = createRequire(import.meta.url);
installStackMaps();
installCellRuntime({
  import: (specifier) => import(specifier) as Promise<Record<string, unknown>>,
  meta: {
    url: import.meta.url,
    dirname: import.meta.dirname,
    filename: import.meta.filename,
    resolve: (specifier) => pathToFileURL(require.resolve(specifier)).href,
  },
  remote: remote as never,
});

/** What these tests call the functions that they ship. */
const fn = "subject";

process.on("message", (call: Call) => {
  void answer(call).then((sent) => process.send!(sent));
});

async function answer({id, code, args}: Call): Promise<Answer> {
  try {
    const shipped = await revive(code);
    const {value} = await decodeLoading(args);
    const result: unknown = await shipped(...(value as unknown[]));
    return {id, ok: true, frames: encodeResult(result, fn).frames};
  } catch (error) {
    const place = {fn, task: `task ${id}`, pid: process.pid, node: "elsewhere"};
    return {id, ok: false, frames: encodeError(error, place)};
  }
}
