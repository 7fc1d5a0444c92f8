// The time axis: a linear scale in seconds or milliseconds, its ticks and its grid.

import {axisBottom} from "d3-axis";
import {select} from "d3-selection";
import {scaleLinear, type ScaleLinear} from "d3-scale";
import type {Canvas, Group, Pen} from "./canvas.js";
import {round} from "./canvas.js";

export interface TimeScale {
  /** Microseconds to pixels. */
  x: (us: number) => number;
  left: number;
  right: number;
  untilUs: number;
  unit: string;
  unitUs: number;
  scale: ScaleLinear<number, number>;
}

/** While something runs the axis reaches ahead in steps, so that bars grow and the axis stands. */
export function timeScale(
  untilUs: number,
  nowUs: number | null,
  left: number,
  right: number,
): TimeScale {
  let until = untilUs * 1.04;
  if (nowUs !== null && nowUs * 1.04 >= untilUs)
    until = Math.max(
      untilUs,
      1.4 ** Math.ceil(Math.log(Math.max(nowUs * 1.2, 1000)) / Math.log(1.4)),
    );
  const [unit, unitUs] = until >= 1e6 ? ["s", 1e6] : until >= 1e3 ? ["ms", 1e3] : ["µs", 1];
  const scale = scaleLinear()
    .domain([0, until / unitUs])
    .range([left, right]);
  return {x: (us) => scale(us / unitUs), left, right, untilUs: until, unit, unitUs, scale};
}

/** Ticks below, and faint lines from `top` to `bottom`. */
export function drawAxis(
  canvas: Canvas,
  time: TimeScale,
  top: number,
  bottom: number,
  {hasGrid = true} = {},
): number {
  const ticks = Math.max(2, Math.min(10, Math.floor((time.right - time.left) / 84)));
  const signature = [time.untilUs, time.left, time.right, top, bottom];
  const draw = (group: Group): void => {
    for (const tick of time.scale.ticks(ticks))
      canvas
        .stroke(group.append("path"), "line")
        .attr("d", `M${round(time.scale(tick))},${round(top)}V${round(bottom)}`)
        .attr("fill", "none");
  };
  if (hasGrid) canvas.item("grid", "grid", signature, draw);
  canvas.item("axis", "axis", signature, (group) => {
    const axis = axisBottom(time.scale)
      .ticks(ticks)
      .tickSize(4)
      .tickFormat((value, index) => `${value}${index === 0 ? "" : ` ${time.unit}`}`);
    group.attr("transform", `translate(0,${round(bottom)})`).attr("aria-hidden", "true");
    group.call(axis as never);
    group.attr("font-size", 11).attr("font-family", null);
    group.selectAll(".domain").remove();
    group.selectAll<SVGElement, unknown>(".tick line").each(function () {
      canvas.stroke(pen(this), "line");
    });
    group.selectAll<SVGElement, unknown>(".tick text").each(function () {
      canvas.fill(pen(this), "ink2");
    });
  });
  return bottom + 24;
}

function pen(node: SVGElement): Pen {
  return select(node) as unknown as Pen;
}
