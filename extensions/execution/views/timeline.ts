// The timeline of one run: what each worker did, and why it did nothing.

import {drawTimeline} from "../diagrams/timeline.js";
import type {Lane} from "../model/lane.js";
import {tableOfLanes} from "../model/table.js";
import {timeline, type TimelineView} from "../model/timeline.js";
import {defineView} from "./view.js";

export const timelineView = defineView<TimelineView>({
  id: "timeline",
  label: "Timeline",
  hint: "One run: every worker, waiting and idle time explained",
  empty:
    "Nothing has run yet. Call a remote function with .remote, or begin a cell with %%distributed.",
  about: "a run",
  hasTab: true,
  model: (trace, {run, now}) => timeline(trace, {run: run?.id, now}),
  draw: drawTimeline,
  table: ({groups}) =>
    tableOfLanes(
      groups.flatMap(({lanes}) => lanes.map((lane): [string, Lane] => [lane.label, lane])),
    ),
});
