// The table of views, in the order of the panel's tabs.

import {clusterView} from "./cluster.js";
import {idealView} from "./ideal.js";
import {stepsView} from "./steps.js";
import {timelineView} from "./timeline.js";
import {twinView} from "./twin.js";
import type {ViewKind} from "./view.js";

export const views: readonly ViewKind[] = [
  twinView,
  idealView,
  timelineView,
  stepsView,
  clusterView,
];

/** Throws, with the names of all views, when there is none of this name. */
export function viewNamed(id: string): ViewKind {
  const found = views.find((view) => view.id === id);
  if (found) return found;
  const ids = views.map((view) => view.id).join(", ");
  throw new Error(`there is no view ${JSON.stringify(id)}; this Tasklab draws ${ids}`);
}
