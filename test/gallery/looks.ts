// Every look of a diagram that is kept as a golden picture.

import {timelineView} from "../../extensions/execution/views/timeline.js";
import {twinView} from "../../extensions/execution/views/twin.js";
import {svgOf, drawSaved} from "../../extensions/execution/views/saved.js";
import {timeline} from "../../extensions/execution/model/timeline.js";
import {TraceModel} from "../../extensions/execution/model/trace-model.js";
import {twin} from "../../extensions/execution/model/twin.js";
import {Story} from "../extensions/story.js";
import {
  autoscaled,
  crowd,
  sequentialRun,
  troubled,
  tutorial,
  withActors,
} from "../extensions/stories.js";

/** Name of the golden file, what it shows, and how it is made. */
export const looks: [name: string, caption: string, svg: () => string][] = [
  ["twin", "The tutorial: ten runs in one process, and on two workers", saved("twin")],
  [
    "twin-ideal",
    "The desired execution, before anything was distributed",
    saved("ideal", {workers: 4}),
  ],
  [
    "twin-sequential",
    "The sequential run alone",
    () => drawSaved(sequentialAlone().bundle("twin")).svg,
  ],
  ["twin-live", "Half-way: bars still grow", live(860)],
  ["twin-narrow", "The same in a narrow panel", live(380)],
  ["timeline", "One run, worker by worker", saved("timeline")],
  [
    "timeline-autoscaled",
    "Workers join while tasks wait",
    () => drawSaved(autoscaled().bundle("timeline")).svg,
  ],
  [
    "timeline-trouble",
    "Failed, cancelled, lost and run again",
    () => drawSaved(troubled().bundle("timeline")).svg,
  ],
  [
    "timeline-actors",
    "Tasks that share an actor, which is lost and made anew",
    () => drawSaved(withActors().bundle("timeline")).svg,
  ],
  ["timeline-crowd", "Twenty thousand tasks", () => drawSaved(crowd().bundle("timeline")).svg],
  [
    "timeline-sequential",
    "One process, call by call",
    () => drawSaved(sequentialAlone().bundle("timeline")).svg,
  ],
  ["timeline-live", "A run that goes on", liveTimeline],
  ["steps", "One task from call to value", saved("steps")],
  ["steps-autoscaled", "A task that waited for a new worker", () => drawSaved(lateSteps()).svg],
  ["steps-failed", "A task that failed", () => drawSaved(failedSteps()).svg],
  ["steps-actor", "A call that waited for its turn", () => drawSaved(actorSteps()).svg],
  [
    "cluster-actors",
    "Workers, and processes of actors",
    () => drawSaved(withActors().bundle("cluster")).svg,
  ],
  ["cluster", "Workers joining and leaving", () => drawSaved(autoscaled().bundle("cluster")).svg],
];

function saved(view: string, more: {workers?: number} = {}): () => string {
  return () => drawSaved(tutorial().bundle(view, more)).svg;
}

function sequentialAlone(): Story {
  const story = new Story();
  sequentialRun(story, 10);
  return story;
}

function failedSteps() {
  const story = troubled();
  const failed = story.events.find(
    (event) => event.kind === "task-ended" && event.state === "failed",
  );
  return story.bundle("steps", failed?.kind === "task-ended" ? {task: failed.task} : {});
}

function actorSteps() {
  const story = withActors();
  const calls = story.events.filter(
    (event) => event.kind === "task-submitted" && event.fn === "Progress.report",
  );
  const call = calls.at(4);
  return story.bundle("steps", call?.kind === "task-submitted" ? {task: call.task} : {});
}

function lateSteps() {
  const story = autoscaled();
  const [, , late] = story.events.filter((event) => event.kind === "task-submitted");
  return story.bundle("steps", late === undefined ? {} : {task: late.task});
}

function live(width: number): () => string {
  return () => {
    const model = new TraceModel();
    model.add(tutorial().until(1_900));
    const view = twin(model, {now: 1_900_000});
    return view === null ? "" : svgOf(twinView.show(view), {width});
  };
}

function liveTimeline(): string {
  const model = new TraceModel();
  model.add(autoscaled().until(340));
  const view = timeline(model, {now: 340_000});
  return view === null ? "" : svgOf(timelineView.show(view));
}

/** Numbers rounded to 3 digits, one element a line: differences can be read. */
export function golden(svg: string): string {
  return `${svg
    .replace(/-?\d+\.\d{4,}/g, (number) => String(Math.round(Number(number) * 1000) / 1000))
    .replaceAll("><", ">\n<")}\n`;
}
