// The separate process: runs what it is sent, one call after another.

import {decodeLoading, encodeError, encodeResult} from "../../../cluster/codec.js";
import "../../../cluster/index.js";
import {enterNotebook} from "../../../cluster/notebook.js";
import {revive} from "../../../cluster/shipping/revive.js";
import type {Answer, Call} from "./elsewhere.js";

enterNotebook(process.argv[2] ?? import.meta.dirname);

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
