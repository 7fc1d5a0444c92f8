// The ideal: a sequential run's measured top-level calls, split perfectly over the workers. An
// estimate, and drawn as one: calls are laid end to end and wrapped, so all workers end together.

import {spanEnd, type Bar, type RunWork} from "./bars.js";
import type {Lane} from "./lane.js";
import type {TraceModel} from "./trace-model.js";

export interface Ideal {
  workers: number;
  /** Time of all measured top-level calls together. */
  totalUs: number;
  /** `totalUs / workers`: no split over these workers is faster. */
  splitUs: number;
  lanes: Lane[];
}

/** Undefined until the sequential run is over. */
export function idealOf(model: TraceModel, work: RunWork, workers: number): Ideal | undefined {
  if (work.end === null || work.tops.length === 0 || workers < 1) return undefined;
  const calls = work.tops.map((span) => ({
    span,
    us: (spanEnd(model, span, work.run) ?? 0) - (span.attempts[0]?.startedAt ?? span.submittedAt),
  }));
  const folded = model.foldedTopsOf(work.run.id).reduce((sum, {totalUs}) => sum + totalUs, 0);
  const totalUs = calls.reduce((sum, {us}) => sum + us, folded);
  const splitUs = totalUs / workers;
  const lanes = Array.from({length: workers}, (_, index) => idealLane(index, workers));
  let at = 0;
  calls.forEach(({span, us}, index) => {
    let rest = us;
    for (let piece = 1; rest > totalUs * 1e-9; piece++) {
      const slot = Math.min(workers - 1, Math.floor((at + totalUs * 1e-9) / splitUs));
      const room = slot === workers - 1 ? rest : Math.min(rest, (slot + 1) * splitUs - at);
      const from = at - slot * splitUs;
      lanes[slot]?.bars.push({
        key: `ideal ${span.id}/${piece}`,
        span: span.id,
        parent: null,
        fn: span.fn,
        colour: model.colour(span.fn),
        ordinal: index + 1,
        depth: 0,
        row: 0,
        from,
        to: from + room,
        segments: [{kind: "run", from, to: from + room}],
        state: "finished",
        attempt: 1,
        attempts: 1,
        cpus: 0,
        error: "",
      } satisfies Bar);
      at += room;
      rest -= room;
    }
  });
  return {workers, totalUs, splitUs, lanes};
}

function idealLane(index: number, workers: number): Lane {
  return {
    key: `ideal ${index}`,
    kind: "ideal",
    label: index === 0 ? `${workers} worker${workers === 1 ? "" : "s"}` : "",
    detail: "",
    rows: 1,
    bars: [],
    present: [{from: 0, to: null}],
    starting: null,
    left: null,
    idle: [],
  };
}
