// What the JavaScript of cells calls, under `globalThis.__tasklab`: in the kernel where cells run, and
// in workers, where parts of cells do.

import {putThunk} from "./stamps.js";
import {runtimeName, type CellRuntime} from "./thunk.js";

export interface RuntimeParts {
  import: CellRuntime["import"];
  meta: CellRuntime["meta"];
  remote: CellRuntime["remote"];
  /** Measures plain calls. Shipped text has no spans, so workers need none. */
  spans?: Pick<CellRuntime, "tracing" | "enter" | "exit" | "failed">;
}

const noSpans: Required<RuntimeParts>["spans"] = {
  tracing: false,
  enter: () => 0,
  exit() {},
  failed: (_span, error) => error,
};

/** Makes the runtime and puts it where emitted code finds it. */
export function installCellRuntime({
  import: load,
  meta,
  remote,
  spans = noSpans,
}: RuntimeParts): CellRuntime {
  const runtime: CellRuntime = {
    fn(fn, name, source, captured) {
      // Only the anonymous: a class may have a `name` of its own.
      if ((fn as {name?: unknown}).name === "")
        Object.defineProperty(fn, "name", {value: name, configurable: true});
      putThunk(fn, source, captured);
      return fn;
    },
    import: load,
    meta,
    get tracing() {
      return spans.tracing;
    },
    enter: (fn) => spans.enter(fn),
    exit: (span) => spans.exit(span),
    failed: (span, error) => spans.failed(span, error),
    last: undefined,
    remote,
  };
  Object.defineProperty(globalThis, runtimeName, {value: runtime, configurable: true});
  return runtime;
}
