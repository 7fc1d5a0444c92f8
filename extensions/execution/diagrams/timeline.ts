// The timeline of one run: what waited, each worker's bars, why workers were idle.

import type {TimelineView} from "../model/timeline.js";
import {count, duration} from "../model/words.js";
import {drawAxis, timeScale, type TimeScale} from "./axis.js";
import {round, type Canvas} from "./canvas.js";
import {drawHeading, drawLegend, drawPaper, drawSentence, labelWidthOf, margin} from "./frame.js";
import {drawLane} from "./lanes.js";
import {mergeLanes} from "./merge.js";
import {drawScaling} from "./scaling.js";
import {hintsOf, styleOf, type LanesOptions} from "./twin.js";

export function drawTimeline(
  canvas: Canvas,
  view: TimelineView,
  {isFocusable, hasPaper}: LanesOptions,
): TimeScale {
  const labelWidth = labelWidthOf(canvas.width);
  const left = margin + labelWidth;
  const time = timeScale(view.untilUs, view.nowUs, left, canvas.width - margin);
  const lanes = view.groups.flatMap((group) => group.lanes);
  const merged = mergeLanes(lanes, (us) => time.x(us) - left);
  const style = {...styleOf(lanes), margin, labelWidth, isFocusable, showsIdle: true};
  canvas.frame(view.sentence, describe(view), () => {
    for (const layer of ["paper", "tracks", "grid", "idle", "bars", "labels", "marks", "axis"])
      canvas.layer(layer);
    let y = drawSentence(canvas, view.sentence, noteOf(view));
    y = drawLegend(canvas, view.legend, y, hintsOf(view, lanes)) + 4;
    const flags = y + 6;
    if (view.scaling.length > 0) y += 18;
    const top = y;
    if (view.mostWaiting > 0) y = drawQueue(canvas, time, view, y, labelWidth) + 6;
    for (const group of view.groups) {
      y = drawHeading(canvas, group.key, y, group.label);
      for (const lane of group.lanes) {
        const isHere = lane.kind === "sequential";
        const heights = isHere ? {...style, rowHeight: 26, innerHeight: 18} : style;
        y = drawLane(canvas, time, lane, merged.get(lane) ?? [], y, heights);
      }
      y += 6;
    }
    y = drawAxis(canvas, time, top, y) + 4;
    y = drawScaling(canvas, time, view.scaling, {from: flags, to: y - 28, y}) + 6;
    return hasPaper ? drawPaper(canvas, y) : y;
  });
  return time;
}

function noteOf(view: TimelineView): string {
  return view.dropped > 0 ? "Older events were dropped; this is the newest part." : "";
}

function describe(view: TimelineView): string {
  const words = view.legend.map(({fn, count: number}) => `${fn} ${number} times`).join(", ");
  const idle = view.groups
    .flatMap(({lanes}) => lanes)
    .flatMap((lane) =>
      lane.idle.map((gap) => `${lane.label} ${duration(gap.to - gap.from)}: ${gap.reason}`),
    )
    .slice(0, 8);
  return `Bars on one time axis: ${words}.${idle.length === 0 ? "" : ` Idle: ${idle.join("; ")}.`}`;
}

/** How many tasks were submitted and not yet begun, as steps. */
function drawQueue(
  canvas: Canvas,
  time: TimeScale,
  view: TimelineView,
  y: number,
  labelWidth: number,
): number {
  const height = 26;
  const {queue, mostWaiting} = view;
  canvas.item("tracks", "queue", [queue, y, time.untilUs, time.right], (group) => {
    const bottom = y + height;
    const level = (waiting: number) => round(bottom - (waiting / mostWaiting) * (height - 3));
    let path = `M${round(time.x(0))},${bottom}`;
    for (const {at, waiting} of queue) path += `H${round(time.x(at))}V${level(waiting)}`;
    path += `H${round(time.x(Math.min(view.untilUs, time.untilUs)))}V${bottom}Z`;
    canvas.fill(group.append("path"), "c8").attr("d", path).attr("opacity", 0.28);
    const words =
      labelWidth > 100 ? `up to ${count(mostWaiting, "task")} wait` : `≤ ${mostWaiting} wait`;
    canvas.text(group, margin, y + height / 2 + 5, words, {size: 11, role: "ink2"});
  });
  return y + height;
}
