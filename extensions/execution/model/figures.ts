// The figures of one run, and words for them. They never claim anything that was not measured.

import {actorOn} from "./actors.js";
import {spanState, type RunWork} from "./bars.js";
import type {Run} from "./records.js";
import type {TraceModel} from "./trace-model.js";
import {count, duration} from "./words.js";

/** The figures of one run that its sentence tells. */
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

export function isComplete(figures: RunFigures): boolean {
  return !figures.isRunning && figures.runs > 0 && figures.done === figures.runs;
}

export function onlyOne(one: RunFigures): string {
  const words = `${count(one.runs, "run")} in one process, one after another`;
  if (one.isRunning) return progress(one, words);
  if (!isComplete(one)) return `${words}: ${outcome(one)}, after ${duration(one.tookUs)}.`;
  return `${words}, took ${duration(one.tookUs)}.`;
}

export function progress(figures: RunFigures, words: string): string {
  if (figures.runs === 0) return "Running: none of the notebook's functions was called yet";
  const trouble = figures.failed > 0 ? `, ${figures.failed} failed` : "";
  return `${words}: ${figures.done} of ${figures.runs} done${trouble} after ${duration(figures.tookUs)}`;
}

export function outcome(figures: RunFigures): string {
  const words = [
    figures.done > 0 ? `${figures.done} finished` : "",
    figures.failed > 0 ? `${figures.failed} failed` : "",
    figures.cancelled > 0 ? `${figures.cancelled} cancelled` : "",
    figures.waiting > 0 ? `${figures.waiting} never began` : "",
  ].filter((word) => word !== "");
  return words.length === 0 ? "no function of the notebook was called" : words.join(", ");
}
