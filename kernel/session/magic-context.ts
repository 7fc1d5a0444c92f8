// What a magic can do, by way of the session that runs it and of the other threads.

import {MagicError, type MagicContext} from "../magics/magic.js";
import type {SettingsReport} from "../threads.js";
import {orAborted} from "./one-by-one.js";
import {flushTrace} from "./runs.js";
import type {RunningCell, SessionParts} from "./parts.js";

/** `session`: what only the session itself can do. */
export function magicContext(
  {host, compiler, magics, runtime}: SessionParts,
  {cell, executionCount, signal, payload}: RunningCell,
  session: Pick<MagicContext, "run" | "names" | "value">,
): MagicContext {
  const configure = async (words: string[]): Promise<SettingsReport> => {
    const {answer} = await compiler.request({kind: "configure", words});
    if ("refused" in answer) throw new MagicError(`%tsconfig: ${answer.refused}`);
    return answer;
  };
  const wholeTrace = async () => {
    // What earlier cells did may still be on its way.
    await flushTrace();
    return host.trace();
  };
  return {
    ...session,
    cell,
    executionCount,
    signal,
    magics,
    show: (data, {metadata = {}, displayId, update = false} = {}) =>
      host.display({
        ...{cell, data, metadata},
        type: update ? "update_display_data" : "display_data",
        ...(displayId === undefined ? {} : {displayId}),
      }),
    replaceInput: (text) => payload.replaceInput(text),
    clearOutput: ({wait = false} = {}) => host.post({kind: "clear-output", cell, wait}),
    record: (events) => host.record(events),
    trace: () => orAborted(wholeTrace(), signal),
    folder: runtime.meta.dirname,
    forgetPackages: async () => void (await compiler.request({kind: "forget-packages"})),
    configure: (words) => orAborted(configure(words), signal),
    draw: (bundle) => orAborted(compiler.request({kind: "draw", bundle}), signal),
  };
}
