// Draws one bar: solid while it ran, striped while it waited or moved data, marked when it failed.

import type {Bar, Segment} from "../model/bars.js";
import {stateOf} from "../model/table.js";
import {count, duration} from "../model/words.js";
import type {TimeScale} from "./axis.js";
import {round, type Canvas, type Grow, type Group} from "./canvas.js";
import {functionRole, type Role} from "./palette.js";
import {fitting, textWidth} from "./text.js";

export interface BarPlace {
  /** Layer and lane it lies in; bars of one lane are walked with the arrow keys. */
  layer: string;
  lane: string;
  laneLabel: string;
  y: number;
  height: number;
  isGhost?: boolean;
}

/** Draws it unless it is up to date; `bar` may stand for `merged` bars too narrow to see. */
export function drawBar(
  canvas: Canvas,
  time: TimeScale,
  bar: Bar,
  place: BarPlace,
  {merged = 1, isFocusable = false} = {},
): void {
  const edges = bar.segments.map(({kind, from, to}) => [
    kind,
    round(time.x(from)),
    to === null ? null : round(time.x(to)),
  ]);
  const signature = [
    edges,
    bar.to === null,
    bar.state,
    bar.attempt,
    bar.colour,
    bar.ordinal,
    merged,
    place.y,
    place.height,
    isFocusable,
    time.untilUs,
  ];
  canvas.item(place.layer, bar.key, signature, (group) => {
    const words = describe(bar, place, merged);
    group.attr("class", "bar");
    if (isFocusable)
      group
        .attr("tabindex", -1)
        .attr("role", "button")
        .attr("aria-label", words)
        .attr("data-span", bar.span)
        .attr("data-lane", place.lane)
        .attr("data-fn", bar.fn)
        .attr("data-ordinal", bar.ordinal);
    else group.attr("aria-hidden", "true");
    if (!place.isGhost) group.append("title").text(words);
    return render(canvas, time, bar, place, group, merged);
  });
}

/** "multiply, run 3, on worker 1: 31 ms, from 12 ms, finished". */
function describe(bar: Bar, place: BarPlace, merged: number): string {
  const where = `on ${place.laneLabel}`;
  if (merged > 1)
    return `${count(merged, "short bar")}, most of them ${bar.fn}, ${where}, from ${duration(bar.from)}`;
  const took = bar.to === null ? "running" : duration(bar.to - bar.from);
  const waited = bar.segments
    .filter(({kind}) => kind === "blocked")
    .reduce((sum, {from, to}) => sum + ((to ?? bar.to ?? from) - from), 0);
  const waiting = waited > 0 ? `, ${duration(waited)} of it waiting in get` : "";
  const state = bar.to === null ? "" : `, ${stateOf(bar)}`;
  return `${bar.fn}, run ${bar.ordinal}, ${where}: ${took}${waiting}, from ${duration(bar.from)}${state}`;
}

function render(
  canvas: Canvas,
  time: TimeScale,
  bar: Bar,
  place: BarPlace,
  group: Group,
  merged: number,
): Grow | undefined {
  const {y, height} = place;
  const role = functionRole(bar.colour);
  const left = time.x(bar.from);
  const right = time.x(bar.to ?? bar.from);
  const width = Math.max(1, right - left - (right - left > 4 ? 1 : 0));
  const radius = Math.min(3, width / 2, height / 3);
  if (place.isGhost) {
    const ghost = rect(group, left, y, width, height, radius);
    canvas.hatch(ghost, role);
    canvas.stroke(ghost, role, 0.75).attr("stroke-dasharray", "3 2");
    writeLabel(canvas, time, group, bar, left, y, width, height, true);
    return undefined;
  }
  const isPlain = bar.segments.every(({kind}) => kind === "run");
  const grows: Grow[] = [];
  if (isPlain && merged === 1) {
    const body = canvas.fill(rect(group, left, y, width, height, radius), role);
    if (bar.to === null) grows.push(growing(time, left, body));
  } else if (isPlain) {
    canvas.fill(rect(group, left, y, width, height, radius), role).attr("opacity", 0.8);
  } else {
    const begin = Math.min(...bar.segments.map(({from}) => from));
    const outline = canvas.stroke(
      rect(
        group,
        time.x(begin),
        y + 0.5,
        Math.max(1, right - time.x(begin) - 1),
        height - 1,
        radius,
      ),
      role,
    );
    outline.attr("fill", "none");
    if (bar.to === null) grows.push(growing(time, time.x(begin), outline));
    for (const segment of bar.segments) {
      const grow = drawSegment(canvas, time, group, segment, role, y, height);
      if (grow !== undefined) grows.push(grow);
    }
  }
  if (bar.state === "failed" || bar.state === "lost" || bar.state === "cancelled")
    drawFate(canvas, group, bar, left, right, y, height);
  if (merged === 1)
    writeLabel(canvas, time, group, bar, left, y, width, height, !isSolidStart(bar, time));
  if (grows.length === 0) return undefined;
  group.attr("class", "bar running");
  return (nowUs) => grows.forEach((grow) => grow(nowUs));
}

function drawSegment(
  canvas: Canvas,
  time: TimeScale,
  group: Group,
  {kind, from, to}: Segment,
  role: Role,
  y: number,
  height: number,
): Grow | undefined {
  const left = time.x(from);
  const width = to === null ? 1 : Math.max(0.5, time.x(to) - left);
  const inset = kind === "run" || kind === "blocked" ? 0 : height * 0.3;
  const shape = rect(group, left, y + inset, width, height - 2 * inset, 0);
  if (kind === "run") canvas.fill(shape, role);
  else canvas.hatch(shape, role);
  shape.attr("class", `${shape.attr("class") ?? ""} ${kind}`.trim());
  return to === null ? growing(time, left, shape) : undefined;
}

function growing(time: TimeScale, left: number, shape: ReturnType<typeof rect>): Grow {
  return (nowUs) =>
    shape.attr("width", round(Math.max(1, time.x(Math.min(nowUs, time.untilUs)) - left)));
}

/** How it ended, as a shape: ✕ for failed, a barred ring for cancelled, a torn edge for lost. */
function drawFate(
  canvas: Canvas,
  group: Group,
  bar: Bar,
  left: number,
  right: number,
  y: number,
  height: number,
): void {
  const middle = y + height / 2;
  const size = Math.max(3, Math.min(5, height / 3));
  const x = right - left > 4 * size ? right - size - 4 : right + size + 2;
  const paper = group.append("circle").attr("cx", round(x)).attr("cy", round(middle));
  canvas.fill(paper.attr("r", round(size + 2.5)) as never, "paper");
  const mark = canvas.stroke(group.append("path"), bar.state === "cancelled" ? "ink" : "bad", 1.8);
  mark.attr("fill", "none").attr("stroke-linecap", "round");
  const [r, s] = [round(size), round(size * 0.7)];
  const at = `M${round(x)},${round(middle)}`;
  if (bar.state === "failed")
    mark.attr("d", `${at}m-${s},-${s}l${2 * s},${2 * s}m0,-${2 * s}l-${2 * s},${2 * s}`);
  else if (bar.state === "cancelled")
    mark.attr(
      "d",
      `${at}m-${r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 -${2 * r},0m${round(size - s)},${s}l${2 * s},-${2 * s}`,
    );
  else
    mark.attr(
      "d",
      `${at}m${-s},-${r}l${s},${s}l-${s},${s}l${s},${s}m${s / 2},-${2 * s + 1}l${s},${s}l-${s},${s}`,
    );
  const edge = rect(group, left, y, Math.max(1, right - left - 1), height, 3).attr("fill", "none");
  canvas.stroke(edge, bar.state === "cancelled" ? "ink2" : "bad", 1.25);
  if (bar.state !== "failed") edge.attr("stroke-dasharray", "4 2");
}

function writeLabel(
  canvas: Canvas,
  time: TimeScale,
  group: Group,
  bar: Bar,
  left: number,
  y: number,
  width: number,
  height: number,
  onPaper: boolean,
): void {
  if (height < 10) return;
  const size = height >= 18 ? 11 : 10;
  const solid = onPaper ? width : Math.min(width, solidWidth(bar, time));
  const room = solid - 8 - (bar.state === "finished" || bar.state === "running" ? 0 : 18);
  const again = bar.attempt > 1 ? ` ↻${bar.attempt}` : "";
  const label = fitting([`${bar.fn} ${bar.ordinal}${again}`, `${bar.ordinal}${again}`], room, size);
  if (label === "") return;
  const baseline = y + height / 2 + size * 0.36;
  const text = canvas.text(group, left + 5, baseline, label, {size});
  const role = functionRole(bar.colour);
  if (onPaper) {
    text.attr("stroke-linejoin", "round").attr("paint-order", "stroke");
    canvas.stroke(text, "lane", 3);
  } else canvas.fillTextOn(text.attr("class", null), role);
  if (bar.cpus <= 1 || bar.to === null) return;
  if (room < textWidth(label, size) + pipsWidth(bar.cpus) + 2) return;
  drawPips(canvas, group, bar.cpus, left + solid - 5, y + height / 2, role);
}

/** A pip for each CPU that a task holds, when it holds more than one: ▪▪ is two. */
export function drawPips(
  canvas: Canvas,
  group: Group,
  cpus: number,
  right: number,
  middle: number,
  role: Role,
): void {
  if (cpus > maxPips || !Number.isInteger(cpus)) {
    const text = canvas.text(group, right, middle + 3.5, count(cpus, "CPU"), {
      size: 10,
      anchor: "end",
    });
    canvas.fillTextOn(text.attr("class", null), role);
    return;
  }
  for (let pip = 0; pip < cpus; pip++) {
    const square = rect(group, right - 4.5 - pip * 6.5, middle - 2.25, 4.5, 4.5, 1);
    canvas.fillTextOn(square, role);
  }
}

const maxPips = 4;

function pipsWidth(cpus: number): number {
  return cpus > maxPips || !Number.isInteger(cpus) ? textWidth(count(cpus, "CPU"), 10) : cpus * 6.5;
}

/** Whether a label at its left edge lies on solid colour. */
function isSolidStart(bar: Bar, time: TimeScale): boolean {
  return bar.segments.some(({kind, from, to}) => {
    if (kind !== "run" || from !== bar.from) return false;
    return to === null || to === bar.to || time.x(to) - time.x(from) > 18;
  });
}

/** The width of the solid piece that a bar begins with. */
function solidWidth(bar: Bar, time: TimeScale): number {
  const first = bar.segments.find(({kind, from}) => kind === "run" && from === bar.from);
  return first?.to == null ? Infinity : time.x(first.to) - time.x(first.from);
}

export function rect(
  group: Group,
  x: number,
  y: number,
  width: number,
  height: number,
  radius: number,
) {
  const shape = group
    .append("rect")
    .attr("x", round(x))
    .attr("y", round(y))
    .attr("width", round(width))
    .attr("height", round(height));
  if (radius > 0) shape.attr("rx", round(radius));
  return shape;
}
