// From a saved bundle to the view that it was saved to show.

import {traceVersion, type TraceBundle} from "../../../cluster/trace.js";
import {TraceModel} from "../model/trace-model.js";
import {viewNamed} from "./all.js";
import type {View} from "./view.js";

/**
 * Null when the bundle holds nothing of the view. Throws on a bundle of a version that it cannot
 * read, and of a view that is not there.
 */
export function viewOf(bundle: TraceBundle): View | null {
  checkBundle(bundle);
  const trace = new TraceModel();
  trace.add(bundle.events);
  const {task, workers} = bundle;
  const run = trace.runs.get(bundle.runs.at(-1)!);
  return viewNamed(bundle.view).of(trace, {run, task, workers});
}

/** What comes from a file is checked before it is read. */
export function checkBundle(bundle: unknown): asserts bundle is TraceBundle {
  const {version, events, runs} = (bundle ?? {}) as Partial<TraceBundle>;
  if (version !== traceVersion)
    throw new Error(
      `unknown version of a saved trace: ${version}; this Tasklab reads version ${traceVersion}`,
    );
  if (!Array.isArray(events) || !Array.isArray(runs))
    throw new Error("broken saved trace: it has no list of runs and events");
}
