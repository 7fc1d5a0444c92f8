// A view in one sentence. It never claims what was not measured.

import type {ClusterView} from "./cluster-view.js";
import type {StepsView} from "./steps.js";
import type {TimelineView} from "./timeline.js";
import type {RunFigures, TwinView} from "./twin.js";
import {count, duration} from "./words.js";

export type View = TwinView | TimelineView | StepsView | ClusterView;

export function summary(view: View): string {
  switch (view.kind) {
    case "twin":
      return twinSentence(view);
    case "timeline":
      return timelineSentence(view);
    case "steps":
      return view.sentence;
    case "cluster":
      return view.sentence;
  }
}

/** How the two runs of a twin compare; undefined unless both are complete and equal work. */
export function comparison(
  view: TwinView,
): {speedUp: number; efficiency: number | null} | undefined {
  const one = view.sequential?.figures;
  const many = view.distributed?.figures;
  if (one === undefined || many === undefined) return undefined;
  if (!isComplete(one) || !isComplete(many) || one.runs !== many.runs) return undefined;
  return {
    speedUp: one.tookUs / many.tookUs,
    efficiency: view.ideal === null ? null : view.ideal.splitUs / many.tookUs,
  };
}

function twinSentence(view: TwinView): string {
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

function onlyOne(one: RunFigures): string {
  const words = `${count(one.runs, "run")} in one process, one after another`;
  if (one.isRunning) return progress(one, words);
  if (!isComplete(one)) return `${words}: ${outcome(one)}, after ${duration(one.tookUs)}.`;
  return `${words}, took ${duration(one.tookUs)}.`;
}

function estimate({ideal}: TwinView): string {
  if (ideal === null) return ".";
  const spread = count(ideal.workers, "worker");
  return `; split perfectly over ${spread}: ${duration(ideal.splitUs)} (estimate)`;
}

function timelineSentence({figures, legend}: TimelineView): string {
  const tasks = legend.reduce((sum, entry) => sum + entry.count, 0);
  if (figures.run.mode === "sequential") return onlyOne(figures);
  const inside = tasks > figures.runs ? ` (${count(tasks, "task")} in all)` : "";
  const words = `${count(figures.runs, "run")}${inside} on ${figures.places}`;
  if (figures.isRunning) return progress(figures, words);
  if (!isComplete(figures))
    return `${words}: ${outcome(figures)}, after ${duration(figures.tookUs)}.`;
  return `${words} took ${duration(figures.tookUs)}.`;
}

function progress(figures: RunFigures, words: string): string {
  if (figures.runs === 0) return "Running: none of the notebook's functions was called yet";
  const trouble = figures.failed > 0 ? `, ${figures.failed} failed` : "";
  return `${words}: ${figures.done} of ${figures.runs} done${trouble} after ${duration(figures.tookUs)}`;
}

function beside(one: RunFigures | undefined): string {
  if (one === undefined || !isComplete(one)) return "";
  return `; one after another took ${duration(one.tookUs)}`;
}

function outcome(figures: RunFigures): string {
  const words = [
    figures.done > 0 ? `${figures.done} finished` : "",
    figures.failed > 0 ? `${figures.failed} failed` : "",
    figures.cancelled > 0 ? `${figures.cancelled} cancelled` : "",
    figures.waiting > 0 ? `${figures.waiting} never began` : "",
  ].filter((word) => word !== "");
  return words.length === 0 ? "no function of the notebook was called" : words.join(", ");
}

function isComplete(figures: RunFigures): boolean {
  return !figures.isRunning && figures.runs > 0 && figures.done === figures.runs;
}

function named(name: string): string {
  return name === "" ? "" : ` named ${name}`;
}

function times(speedUp: number): string {
  return `${speedUp >= 9.95 ? Math.round(speedUp) : speedUp.toFixed(1)}×`;
}
