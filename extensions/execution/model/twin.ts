// Twin lanes: the same work as one row in one process, and spread over workers, on one time axis.

import {workOf} from "./bars.js";
import {figuresOf, isComplete, onlyOne, outcome, progress, type RunFigures} from "./figures.js";
import {idealOf, type Ideal} from "./ideal.js";
import type {Lane} from "./lane.js";
import {sequentialLane, workerGroups, type LaneGroup} from "./lanes.js";
import {legendOf, type LegendEntry} from "./legend.js";
import type {Run} from "./records.js";
import type {TraceModel} from "./trace-model.js";
import {count, duration} from "./words.js";

export interface TwinView {
  kind: "twin";
  /** Both runs in one sentence. */
  sentence: string;
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
  name?: string | undefined;
  now?: number | undefined;
  /** Shows the sequential run beside its ideal over so many workers, and no distributed run. */
  idealWorkers?: number | undefined;
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
  const facts = {
    kind: "twin" as const,
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
  return {...facts, sentence: sentenceOf(facts)};
}

type Facts = Omit<TwinView, "sentence">;

/** How the two runs of a twin compare; undefined unless both are complete and equal work. */
export function comparison(view: Facts): {speedUp: number; efficiency: number | null} | undefined {
  const one = view.sequential?.figures;
  const many = view.distributed?.figures;
  if (one === undefined || many === undefined) return undefined;
  if (!isComplete(one) || !isComplete(many) || one.runs !== many.runs) return undefined;
  return {
    speedUp: one.tookUs / many.tookUs,
    efficiency: view.ideal === null ? null : view.ideal.splitUs / many.tookUs,
  };
}

function sentenceOf(view: Facts): string {
  const one = view.sequential?.figures;
  const many = view.distributed?.figures;
  if (many === undefined) {
    if (one === undefined) return "Nothing has run yet.";
    return view.isIdeal ? onlyOne(one).replace(/\.$/, "") + estimate(view) : onlyOne(one);
  }
  const spread = `${count(many.runs, "run")} on ${many.places}`;
  if (many.isRunning) return `${progress(many, spread)}${beside(one)}`;
  if (!isComplete(many)) return `${spread}: ${outcome(many)}, after ${duration(many.tookUs)}.`;
  const took = `${spread} took ${duration(many.tookUs)}`;
  if (one === undefined)
    return `${took}. To compare, run the same calls in a %%sequential cell${named(view.name)}.`;
  if (one.isRunning) return `${took}; ${progress(one, `${count(one.runs, "run")} in one process`)}`;
  if (!isComplete(one)) return `${took}. The sequential run did not finish: ${outcome(one)}.`;
  if (one.runs !== many.runs)
    return `${took}; the sequential run had ${count(one.runs, "run")}, so the two are not compared.`;
  const {speedUp, efficiency} = comparison(view) ?? {speedUp: 1, efficiency: null};
  const share = efficiency === null ? "" : `, ${Math.round(efficiency * 100)} % of ideal`;
  return `${took} instead of ${duration(one.tookUs)}: ${times(speedUp)}${share}`;
}

function estimate({ideal}: Facts): string {
  if (ideal === null) return ".";
  const spread = count(ideal.workers, "worker");
  return `; split perfectly over ${spread}: ${duration(ideal.splitUs)} (estimate)`;
}

function beside(one: RunFigures | undefined): string {
  if (one === undefined || !isComplete(one)) return "";
  return `; one after another took ${duration(one.tookUs)}`;
}

function named(name: string): string {
  return name === "" ? "" : ` named ${name}`;
}

function times(speedUp: number): string {
  return `${speedUp >= 9.95 ? Math.round(speedUp) : speedUp.toFixed(1)}×`;
}
