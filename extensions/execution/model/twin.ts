// Twin lanes: the same work as one row in one process, and spread over workers, on one time axis.

import {actorOn} from "./actors.js";
import {spanState, workOf, type RunWork} from "./bars.js";
import {idealOf, type Ideal} from "./ideal.js";
import {sequentialLane, workerGroups, type Lane, type LaneGroup} from "./lanes.js";
import {legendOf, type LegendEntry} from "./legend.js";
import type {Run} from "./records.js";
import type {TraceModel} from "./trace-model.js";
import {count} from "./words.js";

/** What a summary needs to know of one run. */
export interface RunFigures {
  run: Run;
  /** Top-level spans: what the cell asked for. */
  runs: number;
  done: number;
  failed: number;
  cancelled: number;
  waiting: number;
  /** Processes that take any task. */
  workers: number;
  /** Actors that were made or called. */
  actors: number;
  /** Where it ran: "2 workers and 1 actor". */
  places: string;
  /** How many calls or tasks could have run at once where it ran. */
  slots: number;
  /** From the first span to the last value; up to now while it runs. */
  tookUs: number;
  isRunning: boolean;
  /** Names of its top-level functions. */
  functions: string[];
}

export interface TwinView {
  kind: "twin";
  /** Drawn to show the ideal: the sequential run, and below it what could be. */
  isIdeal: boolean;
  name: string;
  sequential: {figures: RunFigures; lane: Lane} | null;
  distributed: {figures: RunFigures; groups: LaneGroup[]} | null;
  ideal: Ideal | null;
  legend: LegendEntry[];
  /** The end of the time axis' data, microseconds. */
  untilUs: number;
  /** Now, in the running run's time; null when nothing runs. */
  nowUs: number | null;
  /** Microseconds of the model's clock that are zero on the axis of the running run. */
  zero: number;
  dropped: number;
}

export interface TwinOptions {
  /** Which pair of runs; the newest one's name by default. */
  name?: string;
  now?: number;
  /** Shows the sequential run beside its ideal over so many workers, and no distributed run. */
  idealWorkers?: number;
}

/** The newest sequential and the newest distributed run of one name; null if there is neither. */
export function twin(
  model: TraceModel,
  {name, now = model.lastAt, idealWorkers}: TwinOptions = {},
): TwinView | null {
  const recorded = model.runsByStart().filter((run) => run.mode !== "plain");
  const chosen = name ?? recorded.at(-1)?.name;
  if (chosen === undefined) return null;
  const newest = (mode: Run["mode"]) =>
    recorded.findLast((run) => run.name === chosen && run.mode === mode);
  const sequentialRun = newest("sequential");
  const distributedRun = idealWorkers === undefined ? newest("distributed") : undefined;
  if (sequentialRun === undefined && distributedRun === undefined) return null;

  const one = sequentialRun && workOf(model, sequentialRun);
  const many = distributedRun && workOf(model, distributedRun);
  const sequential = one && {figures: figuresOf(model, one, now), lane: sequentialLane(model, one)};
  const distributed = many && {
    figures: figuresOf(model, many, now),
    groups: workerGroups(model, many, now),
  };
  const slots = idealWorkers ?? distributed?.figures.slots ?? 0;
  const ideal = (one && idealOf(model, one, slots)) ?? null;
  const running = [many, one].find((work) => work !== undefined && work.end === null);
  return {
    kind: "twin",
    isIdeal: idealWorkers !== undefined,
    name: chosen,
    sequential: sequential ?? null,
    distributed: distributed ?? null,
    ideal,
    legend: legendOf(
      model,
      [one, many].filter((work) => work !== undefined),
    ),
    untilUs: Math.max(
      1,
      sequential?.figures.tookUs ?? 0,
      distributed?.figures.tookUs ?? 0,
      ideal?.splitUs ?? 0,
    ),
    nowUs: running === undefined ? null : Math.max(0, now - running.zero),
    zero: running?.zero ?? 0,
    dropped: model.dropped,
  };
}

export function figuresOf(model: TraceModel, work: RunWork, now: number): RunFigures {
  const states = work.tops.map((span) => spanState(model, span, work.run));
  const number = (state: (typeof states)[number]) => states.filter((each) => each === state).length;
  const until = work.end ?? Math.max(now, work.zero);
  const used = new Set(
    work.spans
      .flatMap((span) => span.attempts.map(({worker}) => worker))
      .filter((id) => id !== null),
  );
  const ofActors = [...used]
    .map((id) => actorOn(model, id)?.actor)
    .filter((actor) => actor !== undefined);
  const actors = new Set(ofActors).size;
  const workers = Math.max(used.size - ofActors.length, mostAlive(model, work.zero, until));
  // An actor's calls run on no worker.
  const usesWorkers = actors === 0 || used.size > ofActors.length;
  // Calls past the limit were counted, not told one by one: they are runs all the same.
  const folded = model.foldedTopsOf(work.run.id).reduce((sum, {count}) => sum + count, 0);
  return {
    run: work.run,
    runs: work.tops.length + folded,
    done: number("finished") + folded,
    failed: number("failed") + number("lost"),
    cancelled: number("cancelled"),
    waiting: number("waiting"),
    workers,
    actors,
    places: [usesWorkers ? count(workers, "worker") : "", actors > 0 ? count(actors, "actor") : ""]
      .filter((word) => word !== "")
      .join(" and "),
    slots: (usesWorkers ? workers : 0) + actors,
    tookUs: work.spans.length === 0 ? 0 : until - work.zero,
    isRunning: work.end === null,
    functions: [...new Set(work.tops.map((span) => span.fn))],
  };
}

/** The most workers that were alive at once between two times, and took any task. */
function mostAlive(model: TraceModel, from: number, to: number): number {
  const changes: [number, number][] = [];
  for (const {id, joinedAt, leftAt} of model.workers.values()) {
    if (actorOn(model, id)) continue;
    if (joinedAt === null || joinedAt > to || (leftAt !== null && leftAt <= from)) continue;
    changes.push([joinedAt, 1]);
    if (leftAt !== null) changes.push([leftAt, -1]);
  }
  changes.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  let alive = 0;
  let most = 0;
  for (const [at, change] of changes) {
    alive += change;
    if (at <= to) most = Math.max(most, alive);
  }
  return most;
}
