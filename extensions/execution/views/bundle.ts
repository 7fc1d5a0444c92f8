// From a saved bundle to the view that it was saved to show.

import {traceVersion, type TraceBundle} from "../../../cluster/trace.js";
import {TraceModel} from "../model/trace-model.js";
import {viewNamed} from "./all.js";
import {timelineView} from "./timeline.js";
import type {View} from "./view.js";

/**
 * Makes the view that a bundle was saved to show; null when the bundle holds nothing of that view.
 * Throws on a bundle of a version that this Tasklab cannot read, and on an unknown view.
 */
export function viewOf(bundle: TraceBundle): View | null {
  checkBundle(bundle);
  const trace = new TraceModel();
  trace.add(bundle.events);
  const {task, workers} = bundle;
  const run = trace.runs.get(bundle.runs.at(-1)!);
  const kind = viewNamed(bundle.view);
  const chosen = {run, task, workers};
  // A pair of which nothing was recorded is shown as the one run that there is.
  const alone = kind.about === "two runs" ? timelineView : null;
  return kind.of(trace, chosen) ?? alone?.of(trace, chosen) ?? null;
}

/** Checks a bundle that comes from a file, before its events are read. */
export function checkBundle(bundle: unknown): asserts bundle is TraceBundle {
  const {version, events, runs} = (bundle ?? {}) as Partial<TraceBundle>;
  if (version !== traceVersion)
    throw new Error(
      `unknown version of a saved trace: ${version}; this Tasklab reads version ${traceVersion}`,
    );
  if (!Array.isArray(events) || !Array.isArray(runs))
    throw new Error("broken saved trace: it has no list of runs and events");
}
