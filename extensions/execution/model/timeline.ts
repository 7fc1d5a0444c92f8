// The timeline of one run: every worker's bars with waiting, fetching and idle time explained.

import type {RunId} from "../../../cluster/ids.js";
import {workOf, type RunWork} from "./bars.js";
import {figuresOf, isComplete, onlyOne, outcome, progress, type RunFigures} from "./figures.js";
import {sequentialLane, workerGroups, type LaneGroup} from "./lanes.js";
import {legendOf, type LegendEntry} from "./legend.js";
import type {TraceModel} from "./trace-model.js";
import {count, duration} from "./words.js";

/** From `at` on, so many tasks were submitted and not begun. */
export interface QueueStep {
  at: number;
  waiting: number;
}

export interface ScaleMark {
  at: number;
  workers: number;
  wanted: number;
  reason: string;
}

export interface TimelineView {
  kind: "timeline";
  /** The run in one sentence. */
  sentence: string;
  figures: RunFigures;
  groups: LaneGroup[];
  queue: QueueStep[];
  mostWaiting: number;
  scaling: ScaleMark[];
  legend: LegendEntry[];
  untilUs: number;
  nowUs: number | null;
  zero: number;
  dropped: number;
}

/** The given run, or the newest one that has spans; null if there is none. */
export function timeline(
  model: TraceModel,
  {run: id, now = model.lastAt}: {run?: RunId | undefined; now?: number | undefined} = {},
): TimelineView | null {
  const run =
    id === undefined
      ? model.runsByStart().findLast((each) => model.spansOf(each.id).length > 0)
      : model.runs.get(id);
  if (run === undefined) return null;
  const work = workOf(model, run);
  const figures = figuresOf(model, work, now);
  const isSequential = run.mode === "sequential" || work.spans.every(({kind}) => kind === "call");
  const queue = isSequential ? [] : queueOf(work);
  const legend = legendOf(model, [work]);
  return {
    kind: "timeline",
    sentence: sentenceOf(figures, legend),
    figures,
    groups: isSequential
      ? [{key: "here", label: "this process", lanes: [sequentialLane(model, work)]}]
      : workerGroups(model, work, now, {explain: true}),
    queue,
    mostWaiting: queue.reduce((most, {waiting}) => Math.max(most, waiting), 0),
    scaling: isSequential ? [] : scalingOf(model, work, now),
    legend,
    untilUs: Math.max(1, figures.tookUs),
    nowUs: work.end === null ? Math.max(0, now - work.zero) : null,
    zero: work.zero,
    dropped: model.dropped,
  };
}

function queueOf(work: RunWork): QueueStep[] {
  const changes: [number, number][] = [];
  for (const span of work.spans) {
    if (span.kind !== "task") continue;
    changes.push([span.submittedAt - work.zero, 1]);
    const begun = span.attempts[0]?.startedAt ?? span.attempts[0]?.endedAt ?? null;
    if (begun !== null) changes.push([begun - work.zero, -1]);
  }
  changes.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  const steps: QueueStep[] = [];
  let waiting = 0;
  for (const [at, change] of changes) {
    waiting += change;
    const last = steps.at(-1);
    if (last?.at === at) last.waiting = waiting;
    else steps.push({at, waiting});
  }
  return steps;
}

function scalingOf(model: TraceModel, work: RunWork, now: number): ScaleMark[] {
  const until = work.end ?? now;
  return [...model.scaling.values()]
    .filter(({at}) => at >= work.zero && at <= until)
    .map((mark) => ({...mark, at: mark.at - work.zero}))
    .sort((a, b) => a.at - b.at);
}

function sentenceOf(figures: RunFigures, legend: LegendEntry[]): string {
  const tasks = legend.reduce((sum, entry) => sum + entry.count, 0);
  if (figures.run.mode === "sequential") return onlyOne(figures);
  const inside = tasks > figures.runs ? ` (${count(tasks, "task")} in all)` : "";
  const words = `${count(figures.runs, "run")}${inside} on ${figures.places}`;
  if (figures.isRunning) return progress(figures, words);
  if (!isComplete(figures))
    return `${words}: ${outcome(figures)}, after ${duration(figures.tookUs)}.`;
  return `${words} took ${duration(figures.tookUs)}.`;
}
