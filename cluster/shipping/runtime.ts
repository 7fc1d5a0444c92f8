// What the JavaScript of cells calls, under `globalThis.__tasklab`: in the kernel, where cells run,
// and in workers, where functions of cells do.

import {putMembers} from "./functions/class-members.js";
import {noteEffect} from "./setup/effects.js";
import {statements} from "./setup/replays.js";
import {putThunk} from "./functions/stamps.js";
import {runtimeName, sessionScope, type CellRuntime} from "./source/thunk.js";

export interface RuntimeParts {
  import: CellRuntime["import"];
  meta: CellRuntime["meta"];
  remote: CellRuntime["remote"];
  setup: CellRuntime["setup"];
  /**
   * Hears of each function or remote class of a cell whose calls can be measured (see
   * `CellRuntime.fn`).
   */
  measurable(fn: object, name: string, source: string, measured: string | readonly string[]): void;
}

/** Makes the runtime and puts it where emitted code finds it. */
export function installCellRuntime({
  import: load,
  meta,
  remote,
  setup,
  measurable,
}: RuntimeParts): CellRuntime {
  const runtime: CellRuntime = {
    fn(fn, name, source, captured, measured) {
      putThunk(fn, source, captured);
      if (measured !== undefined) measurable(fn, name, source, measured);
      return fn;
    },
    import: load,
    meta,
    members: putMembers,
    reviving: false,
    last: undefined,
    effect: noteEffect,
    statements: statements as CellRuntime["statements"],
    setup,
    remote,
  };
  Object.defineProperty(globalThis, runtimeName, {value: runtime, configurable: true});
  sessionScope();
  return runtime;
}
