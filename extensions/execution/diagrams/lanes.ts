// Draws lanes: a soft track for the time a worker was there, its bars in rows, its name at the
// left.

import type {Lane} from "../model/lane.js";
import {duration} from "../model/words.js";
import type {TimeScale} from "./axis.js";
import {drawBar, rect} from "./bars.js";
import type {Canvas} from "./canvas.js";
import type {Merged} from "./merge.js";
import {shortened, textWidth} from "./text.js";

export interface LaneStyle {
  rowHeight: number;
  /** Rows after the first, when they are slimmer. */
  innerHeight?: number;
  margin: number;
  labelWidth: number;
  showsIdle?: boolean;
  isFocusable?: boolean;
}

export const lanePadding = 3;

export function laneHeight(lane: Lane, {rowHeight, innerHeight = rowHeight}: LaneStyle): number {
  return Math.max(16, rowHeight + (lane.rows - 1) * innerHeight) + 2 * lanePadding;
}

/** Draws a lane at `y`; returns where the next one may begin. */
export function drawLane(
  canvas: Canvas,
  time: TimeScale,
  lane: Lane,
  bars: Merged[],
  y: number,
  style: LaneStyle,
): number {
  const height = laneHeight(lane, style);
  drawTrack(canvas, time, lane, y, height);
  drawLabel(canvas, lane, y, height, style);
  if (style.showsIdle) drawIdle(canvas, time, lane, y, height);
  const inner = style.innerHeight ?? style.rowHeight;
  for (const {bar, count} of bars) {
    const top = bar.row === 0 ? 0 : style.rowHeight + (bar.row - 1) * inner;
    const thick = bar.row === 0 ? style.rowHeight : inner;
    drawBar(
      canvas,
      time,
      bar,
      {
        layer: "bars",
        lane: lane.key,
        laneLabel: lane.label,
        y: y + lanePadding + top + 0.5,
        height: thick - (thick > 6 ? 1.5 : 0.5),
        isGhost: lane.kind === "ideal",
      },
      {merged: count, isFocusable: style.isFocusable === true && lane.kind !== "ideal"},
    );
  }
  return y + height + (lane.kind === "ideal" ? 1 : 4);
}

function drawTrack(canvas: Canvas, time: TimeScale, lane: Lane, y: number, height: number): void {
  const edge = (us: number | null) => (us === null ? time.right : Math.min(time.right, time.x(us)));
  const signature = [
    ...[y, height, lane.present, lane.starting, lane.left, time.untilUs, time.right],
    lane.left && lane.bars.length,
  ];
  canvas.item("tracks", `track ${lane.key}`, signature, (group) => {
    if (lane.kind === "ideal") return;
    for (const {from, to} of lane.present)
      canvas.fill(rect(group, time.x(from), y, edge(to) - time.x(from), height, 4), "lane");
    if (lane.starting !== null) {
      const left = time.x(lane.starting.from);
      const width = Math.max(1, edge(lane.starting.to) - left);
      canvas.hatch(rect(group, left, y, width, height, 4), "c8").attr("opacity", 0.5);
      if (textWidth("starting", 10) < width - 8)
        canvas.text(group, left + 5, y + height / 2 + 3.5, "starting", {size: 10, role: "ink2"});
    }
    if (lane.left === null) return;
    const x = time.x(lane.left.at);
    const colour = lane.left.isCrash ? "bad" : "ink2";
    canvas
      .stroke(group.append("path"), colour, 1.5)
      .attr("d", `M${x},${y}v${height}`)
      .attr("stroke-dasharray", lane.left.isCrash ? "2 2" : null);
    const words = `${lane.left.verb}: ${lane.left.reason}`;
    // A bar that was cut off has its mark beside it, where it is too narrow.
    const cutOff = lane.bars.find(({to}) => to === lane.left!.at);
    const gap = cutOff !== undefined && x - time.x(cutOff.from) < 24 ? 18 : 5;
    if (x + gap + textWidth(words, 10) + 3 < time.right)
      canvas.text(group, x + gap, y + height / 2 + 3.5, words, {size: 10, role: colour});
  });
}

function drawLabel(
  canvas: Canvas,
  lane: Lane,
  y: number,
  height: number,
  {margin, labelWidth}: LaneStyle,
): void {
  const signature = [lane.label, lane.detail, y, height, labelWidth];
  canvas.item("labels", `label ${lane.key}`, signature, (group) => {
    const room = labelWidth - 10;
    const lineOf = (detail: string) => (detail === "" ? lane.label : `${lane.label} · ${detail}`);
    // The whole detail, or its first words, as there is room.
    const short = [lane.detail, lane.detail.split(", ")[0]!, ""].find(
      (detail) => textWidth(lineOf(detail), 12) <= room,
    );
    if (short === lane.detail || height < 30) {
      const label = canvas.text(group, margin, y + height / 2 + 4, "", {size: 12});
      label
        .append("tspan")
        .text(short === undefined ? shortened(lane.label, room, 12) : lane.label);
      if (short) canvas.fill(label.append("tspan") as never, "ink2").text(` · ${short}`);
      group.append("title").text(lineOf(lane.detail));
      return;
    }
    canvas.text(group, margin, y + height / 2 - 2, shortened(lane.label, room, 12), {size: 12});
    const detail = shortened(lane.detail, room, 11);
    canvas.text(group, margin, y + height / 2 + 12, detail, {size: 11, role: "ink2"});
  });
}

/** Idle time says why, where there is room. */
function drawIdle(canvas: Canvas, time: TimeScale, lane: Lane, y: number, height: number): void {
  canvas.item(
    "idle",
    `idle ${lane.key}`,
    [lane.idle, y, height, time.untilUs, time.right],
    (group) => {
      for (const {from, to, reason} of lane.idle) {
        const left = time.x(from);
        const width = time.x(to) - left;
        const area = rect(group, left, y, width, height, 0).attr("fill", "transparent");
        area.append("title").text(`idle for ${duration(to - from)}: ${reason}`);
        const isCovered = lane.bars.some((bar) => bar.from < to && (bar.to ?? Infinity) > from);
        if (isCovered || textWidth(reason, 10) > width - 10) continue;
        canvas.text(group, left + width / 2, y + height / 2 + 3.5, reason, {
          size: 10,
          role: "ink2",
          anchor: "middle",
        });
      }
    },
  );
}
