// Decisions of the autoscaler: a numbered flag on the time axis each, and its reason below.

import type {ScaleMark} from "../model/timeline.js";
import {count, duration} from "../model/words.js";
import type {TimeScale} from "./axis.js";
import {round, type Canvas} from "./canvas.js";
import {margin} from "./frame.js";
import {shortened} from "./text.js";

/** Decisions written out; the newest are kept. */
const maxWritten = 8;

/** Draws flags between `from` and `to`, the list at `y`; returns where to go on. */
export function drawScaling(
  canvas: Canvas,
  time: TimeScale,
  scaling: ScaleMark[],
  {from, to, y}: {from: number; to: number; y: number},
): number {
  if (scaling.length === 0) return y;
  const shown = scaling.slice(-maxWritten);
  canvas.item("marks", "scaling flags", [shown, from, to, time.untilUs, time.right], (group) => {
    shown.forEach(({at}, index) => {
      const x = round(time.x(at));
      canvas
        .stroke(group.append("path"), "ink2")
        .attr("d", `M${x},${from}V${to}`)
        .attr("stroke-dasharray", "1 3");
      numbered(canvas, group, x, from, index + 1);
    });
  });
  canvas.item("labels", "scaling list", [shown, y, canvas.width], (group) => {
    shown.forEach((mark, index) => {
      const line = y + 8 + index * 19;
      numbered(canvas, group, margin + 8, line, index + 1);
      const words = `${duration(mark.at)}: ${mark.workers} → ${count(mark.wanted, "worker")}, ${mark.reason}`;
      const room = canvas.width - 2 * margin - 24;
      canvas.text(group, margin + 24, line + 4, shortened(words, room, 12), {role: "ink2"});
    });
  });
  return y + shown.length * 19 + 4;
}

function numbered(
  canvas: Canvas,
  group: Parameters<Canvas["text"]>[0],
  x: number,
  y: number,
  number: number,
): void {
  const ring = group.append("circle").attr("cx", x).attr("cy", y).attr("r", 7.5);
  canvas.fill(ring as never, "ink2");
  canvas.text(group, x, y + 3.5, String(number), {
    size: 10,
    bold: true,
    anchor: "middle",
    role: "paper",
  });
}
