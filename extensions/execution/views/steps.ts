// The way of one task, from its call to its value.

import {drawSteps} from "../diagrams/steps.js";
import {steps, type StepsView} from "../model/steps.js";
import {duration} from "../model/words.js";
import {defineView} from "./view.js";

export const stepsView = defineView<StepsView>({
  id: "steps",
  label: "Follow one task",
  hint: "From the call to the value in hand",
  empty:
    "No task yet. Call a remote function with .remote: its way through the cluster is drawn here.",
  about: "a task",
  hasTab: true,
  model: (trace, {task, now}) => steps(trace, {task, now}),
  draw: drawSteps,
  table: (facts) => ({
    caption: `Steps of ${facts.fn}`,
    columns: ["step", "where", "what", "at", "took"],
    rows: facts.steps.map((step) => [
      String(step.number),
      step.placeLabel,
      step.detail === "" ? step.title : `${step.title}: ${step.detail}`,
      duration(step.from),
      step.to === null ? "running" : duration(step.to - step.from),
    ]),
  }),
});
