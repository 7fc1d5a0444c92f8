// What the JavaScript of cells calls, under `globalThis.__tasklab`: in the kernel where cells run, and
// in workers, where parts of cells do.

import {putMembers} from "./class-members.js";
import {noteEffect} from "./setup/effects.js";
import {putThunk} from "./stamps.js";
import {runtimeName, sessionScope, type CellRuntime, type CellSpans} from "./thunk.js";

export interface RuntimeParts {
  import: CellRuntime["import"];
  meta: CellRuntime["meta"];
  remote: CellRuntime["remote"];
  setup: CellRuntime["setup"];
  /** Shipped text has no spans, so workers need none. */
  spans?: CellSpans;
}

const noSpans: CellSpans = {
  tracing: false,
  enter: () => 0,
  exit() {},
  failed: (_span, error) => error,
  paused: (_span, value) => value,
  resumed: (_span, value) => value,
};

/** Makes the runtime and puts it where emitted code finds it. */
export function installCellRuntime({
  import: load,
  meta,
  remote,
  setup,
  spans = noSpans,
}: RuntimeParts): CellRuntime {
  const runtime: CellRuntime = {
    fn(fn, _name, source, captured) {
      putThunk(fn, source, captured);
      return fn;
    },
    import: load,
    meta,
    members: putMembers,
    reviving: false,
    spans,
    last: undefined,
    effect: noteEffect,
    setup,
    remote,
  };
  Object.defineProperty(globalThis, runtimeName, {value: runtime, configurable: true});
  sessionScope();
  return runtime;
}
