// Bars: what one attempt of a span looks like on the time axis of its run.

import type {Attempt, Run, Span, SpanId} from "./records.js";
import type {TraceModel} from "./trace-model.js";
import {cpus} from "./words.js";

export type BarState = "running" | "finished" | "failed" | "cancelled" | "lost";

/** A piece of a bar. `fetch` and `store` are the moving of arguments and results. */
export interface Segment {
  kind: "run" | "blocked" | "fetch" | "store";
  from: number;
  /** null while it goes on. */
  to: number | null;
}

/** Times are microseconds since the run's first span. */
export interface Bar {
  key: string;
  span: SpanId;
  parent: SpanId | null;
  fn: string;
  colour: number;
  /** The number of its top-level span in the run, from 1: nested spans share their parent's. */
  ordinal: number;
  depth: number;
  row: number;
  from: number;
  to: number | null;
  segments: Segment[];
  state: BarState;
  attempt: number;
  attempts: number;
  cpus: number;
  error: string;
}

/** A run's spans with what follows from their parents, and the window of its work. */
export interface RunWork {
  run: Run;
  spans: Span[];
  tops: Span[];
  depth: Map<SpanId, number>;
  ordinal: Map<SpanId, number>;
  /** Time of the first span; bars are relative to it. */
  zero: number;
  /** End of the last one; null while any is unfinished. */
  end: number | null;
}

export function workOf(model: TraceModel, run: Run): RunWork {
  const spans = model.spansOf(run.id);
  const known = new Map(spans.map((span) => [span.id, span]));
  const tops = spans.filter((span) => span.parent === null || !known.has(span.parent));
  const depth = new Map<SpanId, number>();
  const ordinal = new Map<SpanId, number>();
  tops.forEach((span, index) => {
    depth.set(span.id, 0);
    ordinal.set(span.id, index + 1);
  });
  const place = (span: Span): void => {
    if (depth.has(span.id) || span.parent === null) return;
    const parent = known.get(span.parent);
    if (parent === undefined) return;
    place(parent);
    depth.set(span.id, (depth.get(parent.id) ?? 0) + 1);
    ordinal.set(span.id, ordinal.get(parent.id) ?? 0);
  };
  spans.forEach(place);
  const first = spans[0];
  return {
    run,
    spans,
    tops,
    depth,
    ordinal,
    zero: first === undefined ? run.startedAt : first.submittedAt,
    end: endOf(model, run, spans, tops),
  };
}

/** When a run's work was done: its last span ended and the cell had the values it asked for. */
function endOf(model: TraceModel, run: Run, spans: Span[], tops: Span[]): number | null {
  if (spans.length === 0) return run.endedAt;
  let end = 0;
  for (const span of spans) {
    const state = spanState(model, span, run);
    const ended = spanEnd(model, span, run);
    if (state === "waiting" || state === "running" || ended === null) return null;
    end = Math.max(end, ended);
  }
  if (run.state === "running" && run.mode !== "plain") return null;
  for (const {at} of model.foldedTopsOf(run.id)) end = Math.max(end, at);
  for (const span of tops)
    for (const {at, by} of span.fetches)
      if (by === null && (run.endedAt === null || at <= run.endedAt)) end = Math.max(end, at);
  return end;
}

export type SpanState = BarState | "waiting";

export function spanState(model: TraceModel, span: Span, run: Run): SpanState {
  const last = span.attempts.at(-1);
  if (last === undefined) return run.state === "interrupted" ? "cancelled" : "waiting";
  const state = attemptState(model, span, last, run);
  return state === "running" && last.startedAt === null ? "waiting" : state;
}

/** When the last attempt ended; null while it has not. */
export function spanEnd(model: TraceModel, span: Span, run: Run): number | null {
  const last = span.attempts.at(-1);
  if (last === undefined) return run.state === "interrupted" ? run.endedAt : null;
  return attemptEnd(model, span, last, run);
}

export function attemptState(model: TraceModel, span: Span, attempt: Attempt, run: Run): BarState {
  if (attempt.state !== null) return attempt.state;
  if (isFetched(span, attempt)) return "finished";
  if (workerLeftAt(model, attempt) !== null) return "lost";
  if (isCutShort(span, run)) return run.state === "failed" ? "failed" : "cancelled";
  return attempt === span.attempts.at(-1) ? "running" : "lost";
}

export function attemptEnd(
  model: TraceModel,
  span: Span,
  attempt: Attempt,
  run: Run,
): number | null {
  if (attempt.endedAt !== null) return attempt.endedAt;
  if (isFetched(span, attempt)) return span.fetches[0]!.at;
  const left = workerLeftAt(model, attempt);
  if (left !== null) return left;
  if (isCutShort(span, run)) return run.endedAt;
  const next = span.attempts.find(({number}) => number > attempt.number);
  return next === undefined ? null : (next.leasedAt ?? next.startedAt);
}

/** Its value is in hand, though its process was lost before it could tell. */
function isFetched(span: Span, attempt: Attempt): boolean {
  return attempt === span.attempts.at(-1) && span.fetches.length > 0;
}

/**
 * A plain call never outlives its cell; a task outlives an interrupted one only to be cancelled.
 */
function isCutShort(span: Span, run: Run): boolean {
  if (run.endedAt === null) return false;
  return span.kind === "call" || run.state === "interrupted";
}

function workerLeftAt(model: TraceModel, attempt: Attempt): number | null {
  if (attempt.worker === null) return null;
  return model.workers.get(attempt.worker)?.leftAt ?? null;
}

/** The bars of a span: one for each attempt that a worker began. `zero` is the axis' origin. */
export function barsOf(model: TraceModel, work: RunWork, span: Span): Bar[] {
  const bars: Bar[] = [];
  for (const attempt of span.attempts) {
    if (attempt.startedAt === null) continue;
    const end = attemptEnd(model, span, attempt, work.run);
    bars.push({
      key: `${span.id}/${attempt.number}`,
      span: span.id,
      parent: span.parent,
      fn: span.fn,
      colour: model.colour(span.fn),
      ordinal: work.ordinal.get(span.id) ?? 0,
      depth: work.depth.get(span.id) ?? 0,
      row: 0,
      from: attempt.startedAt - work.zero,
      to: end === null ? null : end - work.zero,
      segments: segmentsOf(span, attempt, end, work.zero),
      state: attemptState(model, span, attempt, work.run),
      attempt: attempt.number,
      attempts: span.attempts.length,
      cpus: cpus(span.resources),
      error: attempt.error,
    });
  }
  return bars;
}

function segmentsOf(span: Span, attempt: Attempt, end: number | null, zero: number): Segment[] {
  const start = attempt.startedAt ?? 0;
  const segments: Segment[] = [];
  const push = (kind: Segment["kind"], from: number, to: number | null) => {
    if (to === null || to > from)
      segments.push({kind, from: from - zero, to: to === null ? null : to - zero});
  };
  push("fetch", start - attempt.fetchUs, start);
  const runEnd = end === null ? null : Math.max(start, end - attempt.storeUs);
  let at = start;
  for (const {from, to} of blocksOf(span)) {
    if (from < at || (runEnd !== null && from >= runEnd)) continue;
    push("run", at, from);
    const until = to ?? runEnd;
    push("blocked", from, until === null ? null : Math.min(until, runEnd ?? Infinity));
    if (until === null) return segments;
    at = runEnd === null ? until : Math.min(until, runEnd);
  }
  push("run", at, runEnd);
  if (end !== null && runEnd !== null) push("store", runEnd, end);
  return segments;
}

/** The times that a span waited in `get` or `wait`; `to` is null while it still does. */
export function blocksOf(span: Span): {from: number; to: number | null}[] {
  return span.blockedAt.map((from) => ({
    from,
    to: span.unblockedAt.find((at) => at >= from) ?? null,
  }));
}

/**
 * Rows of one lane. An actor may have begun many calls at once: the last row takes all that have
 * none of their own.
 */
export const maxRows = 40;

/** Gives each bar the lowest free row, nested bars below a parent that is in the same lane. */
export function pack(bars: Bar[]): number {
  const free: number[] = [];
  const rowOf = new Map<SpanId, number>();
  bars.sort((a, b) => a.from - b.from || a.depth - b.depth || (a.key < b.key ? -1 : 1));
  for (const bar of bars) {
    const above = bar.parent === null ? undefined : rowOf.get(bar.parent);
    let row = above === undefined ? 0 : above + 1;
    while ((free[row] ?? -Infinity) > bar.from) row++;
    row = Math.min(row, maxRows - 1);
    for (let gap = free.length; gap < row; gap++) free[gap] = -Infinity;
    free[row] = bar.to ?? Infinity;
    bar.row = row;
    rowOf.set(bar.span, row);
  }
  return Math.max(1, free.length);
}
