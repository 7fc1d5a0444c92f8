// The sequential run beside its ideal: what perfect use of so many workers would make of it.

import {drawTwin} from "../diagrams/twin.js";
import {twin, type TwinView} from "../model/twin.js";
import {tableOfTwin} from "./twin.js";
import {defineView} from "./view.js";

/** The workers of an ideal for which nobody has said a number. */
const usualWorkers = 4;

export const idealView = defineView<TwinView>({
  id: "ideal",
  label: "Ideal",
  hint: "One after another, and how long that would take if split perfectly over workers",
  empty: "Nothing has run yet. Begin a cell with %%sequential and run it.",
  about: "a run",
  hasTab: false,
  model: (trace, {run, now, workers = usualWorkers}) =>
    twin(trace, {name: run?.name, now, idealWorkers: workers}),
  draw: drawTwin,
  table: tableOfTwin,
});
