// The cluster over time: a box a node, a row a worker, joining and leaving as they happened.

import type {ClusterView, NodeBox, WorkerRow} from "../model/cluster-view.js";
import type {Lane} from "../model/lane.js";
import {drawAxis, timeScale, type TimeScale} from "./axis.js";
import type {Canvas} from "./canvas.js";
import {drawHeading, drawLegend, drawPaper, drawSentence, labelWidthOf, margin} from "./frame.js";
import {drawLane} from "./lanes.js";
import {mergeLanes} from "./merge.js";
import {drawScaling} from "./scaling.js";
import {styleOf, type LanesOptions} from "./twin.js";

export function drawCluster(
  canvas: Canvas,
  view: ClusterView,
  {isFocusable, hasPaper}: LanesOptions,
): TimeScale {
  const labelWidth = labelWidthOf(canvas.width);
  const left = margin + labelWidth;
  const time = timeScale(view.untilUs, view.nowUs, left, canvas.width - margin);
  const boxes = view.nodes.map((node) => ({node, lanes: node.workers.map(laneOf)}));
  const lanes = boxes.flatMap((box) => box.lanes);
  const merged = mergeLanes(lanes, (us) => time.x(us) - left);
  const style = {...styleOf(lanes), margin, labelWidth, isFocusable};
  canvas.frame(view.sentence, describe(view), () => {
    for (const layer of ["paper", "tracks", "grid", "bars", "labels", "marks", "axis"])
      canvas.layer(layer);
    let y = drawSentence(canvas, view.sentence);
    y = drawLegend(canvas, view.legend, y, []) + 6;
    const flags = y + 6;
    if (view.scaling.length > 0) y += 18;
    const top = y;
    for (const {node, lanes: workers} of boxes) {
      y = drawHeading(canvas, node.key, y, node.label, headOf(node));
      for (const lane of workers)
        y = drawLane(canvas, time, lane, merged.get(lane) ?? [], y, style);
      y += 8;
    }
    y = drawAxis(canvas, time, top, y) + 4;
    y = drawScaling(canvas, time, view.scaling, {from: flags, to: y - 28, y}) + 6;
    return hasPaper ? drawPaper(canvas, y) : y;
  });
  return time;
}

function headOf(node: NodeBox): string {
  const state = node.isGone ? "gone" : node.present;
  return node.detail === "" ? state : `${node.detail} · ${state}`;
}

function laneOf(worker: WorkerRow): Lane {
  return {
    key: worker.key,
    kind: "worker",
    label: worker.label,
    detail: worker.detail,
    rows: worker.rows,
    bars: worker.bars,
    present: worker.alive === null ? [] : [worker.alive],
    starting: worker.starting,
    left: worker.left,
    idle: [],
  };
}

function describe(view: ClusterView): string {
  return view.nodes
    .flatMap((node) =>
      node.workers.map(({label, left}) =>
        left === null ? `${label} on ${node.label}` : `${label} ${left.verb}: ${left.reason}`,
      ),
    )
    .join("; ");
}
