// Measures plain calls: in a `%%sequential` cell every named function of the notebook opens a span
// when it is called and closes the span when it ends. Spans nest as calls do, and a task that a
// call submits has that call as its parent. A function's calls beyond a limit are counted and added
// up, and not told one by one, so that a tight loop stays fast and a diagram readable.

import {nowUs} from "../clock.js";
import {ambient, setAmbient} from "./context.js";
import type {RunId} from "../ids.js";
import type {CallListener} from "../shipping/functions/measured.js";
import type {CallId, TraceEvent} from "../trace.js";

/** So many calls of one function in one run are told one by one. */
export const toldCallsPerFunction = 500;

type Parent = ReturnType<typeof ambient>["parent"];

interface Span {
  fn: string;
  /** The id of the call; null for a call that is only counted. */
  call: CallId | null;
  /** The nearest call around this one that is told, or else the task or cell. */
  outer: Parent;
  startedMs: number;
  open: boolean;
}

/** A measured call; null for a call that is not measured. */
export type MeasuredCall = Span | null;

interface Fold {
  parent: Parent;
  fn: string;
  count: number;
  totalMs: number;
}

/** Measures the calls of one run at a time. */
export class Spans implements CallListener<MeasuredCall> {
  #isOn = false;
  #run = "" as RunId;
  #cell = "";
  #listener: (events: TraceEvent[]) => void = () => {};
  readonly #open = new Set<Span>();
  readonly #counts = new Map<string, number>();
  #folds = new Map<Parent, Map<string, Fold>>();
  #runs = 0;
  #calls = 0;

  /** Begins to measure the calls that the current cell causes, as part of `run`. */
  start(run: RunId, listener: (events: TraceEvent[]) => void): void {
    this.stop();
    this.#run = run;
    this.#cell = ambient().cell;
    this.#listener = listener;
    this.#runs++;
    this.#isOn = true;
  }

  /**
   * Ends the run. Calls that are still open, because an interrupt cut them off, count as failed.
   */
  stop(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    for (const span of this.#open) this.#close(span, "failed");
    this.#flush();
    this.#calls = 0;
    this.#counts.clear();
  }

  begin(fn: string): MeasuredCall {
    if (!this.#isOn) return null;
    const {parent: outer, cell} = ambient();
    if (cell !== this.#cell) return null;
    const before = this.#counts.get(fn) ?? 0;
    this.#counts.set(fn, before + 1);
    const isTold = before < toldCallsPerFunction;
    const call = isTold ? (`call-${this.#runs}-${++this.#calls}` as CallId) : null;
    const span: Span = {fn, call, outer, startedMs: performance.now(), open: true};
    this.#open.add(span);
    if (call !== null) {
      setAmbient({parent: call});
      this.#listener([
        {kind: "call-started", at: nowUs(), call, run: this.#run, parent: outer, fn},
      ]);
    }
    return span;
  }

  end(span: MeasuredCall): void {
    if (span?.open) this.#close(span, "finished");
  }

  fail(span: MeasuredCall, error: unknown): unknown {
    if (span?.open) this.#close(span, "failed");
    return error;
  }

  pause(span: MeasuredCall): void {
    if (span?.open && span.call !== null && ambient().parent === span.call)
      setAmbient({parent: span.outer});
  }

  resume(span: MeasuredCall): void {
    if (span?.open && span.call !== null) setAmbient({parent: span.call});
  }

  #close(span: Span, state: "finished" | "failed"): void {
    span.open = false;
    this.#open.delete(span);
    if (span.call === null) {
      this.#fold(span);
      return;
    }
    const folded = this.#folds.get(span.call);
    if (folded !== undefined) this.#tell(span.call, folded);
    this.#listener([{kind: "call-ended", at: nowUs(), call: span.call, state}]);
    if (ambient().parent === span.call) setAmbient({parent: span.outer});
  }

  #fold({fn, outer, startedMs}: Span): void {
    let byName = this.#folds.get(outer);
    if (byName === undefined) this.#folds.set(outer, (byName = new Map()));
    let fold = byName.get(fn);
    if (fold === undefined) byName.set(fn, (fold = {parent: outer, fn, count: 0, totalMs: 0}));
    fold.count++;
    fold.totalMs += performance.now() - startedMs;
  }

  #flush(): void {
    for (const [parent, folded] of this.#folds) this.#tell(parent, folded);
  }

  #tell(parent: Parent, folded: Map<string, Fold>): void {
    this.#folds.delete(parent);
    const at = nowUs();
    this.#listener(
      [...folded.values()].map(({fn, count, totalMs}) => {
        const totalUs = totalMs * 1000;
        return {kind: "calls-folded", at, run: this.#run, parent, fn, count, totalUs};
      }),
    );
  }
}
