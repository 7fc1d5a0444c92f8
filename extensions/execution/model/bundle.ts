// From a saved bundle to the view that it was saved to show.

import {traceVersion, type TraceBundle} from "../../../cluster/trace.js";
import {clusterView} from "./cluster-view.js";
import {steps} from "./steps.js";
import type {View} from "./summary.js";
import {timeline} from "./timeline.js";
import {TraceModel} from "./trace-model.js";
import {twin} from "./twin.js";

/** Throws on a bundle of a version that it cannot read; null when the bundle holds no such view. */
export function viewOf(bundle: TraceBundle): View | null {
  checkBundle(bundle);
  const model = new TraceModel();
  model.add(bundle.events);
  const newest = bundle.runs.at(-1);
  const name = newest === undefined ? undefined : model.runs.get(newest)?.name;
  switch (bundle.view) {
    case "ideal":
      return twin(model, {
        ...(name === undefined ? {} : {name}),
        idealWorkers: bundle.workers ?? 4,
      });
    case "timeline":
      return timeline(model, newest === undefined ? {} : {run: newest});
    case "steps":
      return steps(model, bundle.task === undefined ? {} : {task: bundle.task});
    case "cluster":
      return clusterView(model);
    default:
      return (
        twin(model, name === undefined ? {} : {name}) ??
        timeline(model, newest === undefined ? {} : {run: newest})
      );
  }
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
