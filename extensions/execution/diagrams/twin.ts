// Twin lanes: one process above, the cluster below, the ideal as a ghost, one time axis.

import type {Bar, Segment} from "../model/bars.js";
import type {Lane} from "../model/lane.js";
import {comparison, type TwinView} from "../model/twin.js";
import {count, duration} from "../model/words.js";
import {drawAxis, timeScale, type TimeScale} from "./axis.js";
import {round, type Canvas} from "./canvas.js";
import {
  drawHeading,
  drawLegend,
  drawPaper,
  drawSentence,
  headingWidth,
  labelWidthOf,
  margin,
  type Hint,
} from "./frame.js";
import {drawLane, type LaneStyle} from "./lanes.js";
import {mergeLanes, type Merged} from "./merge.js";
import {fitting, textWidth} from "./text.js";

export interface LanesOptions {
  isFocusable: boolean;
  hasPaper: boolean;
}

export function drawTwin(
  canvas: Canvas,
  view: TwinView,
  {isFocusable, hasPaper}: LanesOptions,
): TimeScale {
  const labelWidth = labelWidthOf(canvas.width);
  const left = margin + labelWidth;
  const time = timeScale(view.untilUs, view.nowUs, left, canvas.width - margin);
  const lanes = lanesOf(view);
  const merged = mergeLanes(lanes, (us) => time.x(us) - left);
  const style = {...styleOf(lanes), margin, labelWidth, isFocusable};
  const bars = (lane: Lane) => merged.get(lane) ?? [];
  canvas.frame(view.sentence, describe(view), () => {
    for (const layer of ["paper", "tracks", "grid", "idle", "bars", "labels", "marks", "axis"])
      canvas.layer(layer);
    let y = drawSentence(canvas, view.sentence, noteOf(view));
    y = drawLegend(canvas, view.legend, y, hintsOf(view, lanes)) + 4;
    const top = y + 21;
    const marks: Mark[] = [];
    if (view.sequential !== null) {
      const {lane, figures} = view.sequential;
      const aside = "in one process";
      const begin = y;
      y = drawHeading(canvas, "sequential", y, "One after another", aside);
      y = drawLane(canvas, time, lane, bars(lane), y, {...style, rowHeight: 26, innerHeight: 15});
      const clear = margin + headingWidth("One after another", aside);
      marks.push({key: "one", from: begin + 18, to: y - 4, us: figures.tookUs, clear, ...figures});
      y += 8;
    }
    let cluster = {from: 0, to: 0};
    if (view.distributed !== null) {
      const {groups, figures} = view.distributed;
      const begin = y;
      const aside = groups.map(({label}) => label).join(", ");
      y = drawHeading(canvas, "distributed", y, "On the cluster", aside);
      if (groups.length === 0) y = drawWaiting(canvas, y, left);
      for (const group of groups) {
        if (groups.length > 1) y = drawHeading(canvas, group.key, y - 4, "", group.label);
        for (const lane of group.lanes) y = drawLane(canvas, time, lane, bars(lane), y, style);
      }
      cluster = {from: begin + 21, to: y - 4};
      const clear = margin + headingWidth("On the cluster", aside);
      marks.push({key: "many", from: begin + 18, to: y - 4, us: figures.tookUs, clear, ...figures});
      y += 8;
    }
    if (view.ideal !== null) {
      const begin = y;
      const name = view.isIdeal ? "Desired execution" : "Ideal";
      const workers = count(view.ideal.workers, "worker");
      const aside = fitting(
        [`estimate: the measured calls, split perfectly over ${workers}`, `estimate, ${workers}`],
        Math.max(left, canvas.width - 2 * margin - 200),
        12,
      );
      y = drawHeading(canvas, "ideal", y, name, aside);
      const rowHeight = view.isIdeal ? 24 : view.ideal.workers > 8 ? 6 : 11;
      const slim = {...style, rowHeight, isFocusable: false};
      for (const lane of view.ideal.lanes)
        y = drawGhostLane(canvas, time, lane, bars(lane), y, slim);
      const clear = margin + headingWidth(name, aside);
      const us = view.ideal.splitUs;
      marks.push({
        key: "ideal",
        from: begin + 18,
        to: y,
        us,
        clear,
        isRunning: false,
        isGhost: true,
      });
      if (cluster.to > 0) drawIdealLine(canvas, time, us, cluster.from, begin + 18);
      y += 8;
    }
    const bottom = y;
    for (const mark of marks) drawEnd(canvas, time, mark);
    drawGain(canvas, time, view, cluster);
    y = drawAxis(canvas, time, top, bottom) + 6;
    return hasPaper ? drawPaper(canvas, y) : y;
  });
  return time;
}

function lanesOf(view: TwinView): Lane[] {
  return [
    ...(view.sequential === null ? [] : [view.sequential.lane]),
    ...(view.distributed?.groups.flatMap(({lanes}) => lanes) ?? []),
    ...(view.ideal?.lanes ?? []),
  ];
}

/** Many rows are drawn slimmer. */
export function styleOf(lanes: Lane[]): Pick<LaneStyle, "rowHeight"> {
  const rows = lanes
    .filter(({kind}) => kind === "worker")
    .reduce((sum, lane) => sum + lane.rows, 0);
  return {rowHeight: rows <= 14 ? 22 : rows <= 26 ? 17 : rows <= 48 ? 12 : rows <= 100 ? 7 : 4};
}

export function hintsOf(view: {untilUs: number; ideal?: unknown}, lanes: Lane[]): Hint[] {
  const has = (test: (bar: Bar) => boolean) =>
    lanes.some((lane) => lane.kind !== "ideal" && lane.bars.some(test));
  const hints: Hint[] = [];
  if (has(({segments}) => segments.some(({kind}) => kind === "blocked")))
    hints.push("waits in get");
  const moving = ({kind, from, to}: Segment) =>
    (kind === "fetch" || kind === "store") && (to ?? from) - from > view.untilUs * 0.005;
  if (has(({segments}) => segments.some(moving))) hints.push("fetches or stores");
  if (view.ideal != null) hints.push("estimate");
  return hints;
}

function noteOf(view: TwinView): string {
  const notes = [];
  const {efficiency} = comparison(view) ?? {efficiency: null};
  if (efficiency !== null && efficiency > 1.05)
    notes.push(
      "More than ideal: the same functions ran faster on the workers than in one process.",
    );
  const slower = slowdown(view);
  if (slower >= 1.25)
    notes.push(
      `The same functions took ${slower.toFixed(1)} times as long on the workers as in one process.`,
    );
  if (view.dropped > 0) notes.push("Older events were dropped; this is the newest part.");
  return notes.join(" ");
}

/** How much longer the functions themselves ran on the workers: busy cores show here. */
function slowdown(view: TwinView): number {
  if (comparison(view) === undefined) return 1;
  const lanes = view.distributed?.groups.flatMap((group) => group.lanes) ?? [];
  const ran = lanes
    .flatMap(({bars}) => bars.flatMap(({segments}) => segments))
    .reduce((sum, {kind, from, to}) => sum + (kind === "run" ? (to ?? from) - from : 0), 0);
  return view.ideal === null ? 1 : ran / view.ideal.totalUs;
}

/** The picture in words, for whoever cannot see it. */
function describe(view: TwinView): string {
  const words = view.legend.map(({fn, count: number}) => `${fn} ${number} times`).join(", ");
  const workers = view.distributed?.groups
    .flatMap(({lanes}) => lanes)
    .map((lane) => `${lane.label} ${lane.detail}: ${count(lane.bars.length, "bar")}`);
  return [
    `Bars on one time axis: ${words}.`,
    workers === undefined || workers.length === 0 ? "" : `${workers.join("; ")}.`,
  ]
    .filter((word) => word !== "")
    .join(" ");
}

interface Mark {
  key: string;
  from: number;
  to: number;
  us: number;
  /** Its label stays right of this. */
  clear: number;
  isRunning: boolean;
  isGhost?: boolean;
}

/** Where a run ended, with its time; while it runs, the line moves with "now". */
function drawEnd(canvas: Canvas, time: TimeScale, mark: Mark): void {
  if (mark.us === 0) return;
  const role = mark.isGhost ? "ink2" : "ink";
  const signature = [
    mark.key,
    mark.from,
    mark.to,
    mark.us,
    mark.clear,
    mark.isRunning,
    time.untilUs,
    time.right,
  ];
  canvas.item("marks", `end ${mark.key}`, signature, (group) => {
    const draw = (us: number) => {
      const x = time.x(Math.min(us, time.untilUs));
      const words = duration(us);
      const half = textWidth(words, 12, {bold: true}) / 2;
      const at = Math.max(mark.clear + 12 + half, Math.min(time.right - half, x));
      text.attr("x", round(at)).text(words);
      line.attr("d", `M${round(x)},${mark.from}V${mark.to}`);
    };
    const line = canvas.stroke(group.append("path"), role, mark.isGhost ? 1 : 1.5);
    if (mark.isGhost) line.attr("stroke-dasharray", "4 3");
    const text = canvas.text(group, 0, mark.from - 4, "", {bold: true, anchor: "middle", role});
    draw(mark.us);
    return mark.isRunning ? draw : undefined;
  });
}

function drawIdealLine(
  canvas: Canvas,
  time: TimeScale,
  us: number,
  from: number,
  to: number,
): void {
  canvas.item("marks", "ideal line", [us, from, to, time.untilUs, time.right], (group) => {
    canvas
      .stroke(group.append("path"), "ink2", 1)
      .attr("d", `M${round(time.x(us))},${from}V${to}`)
      .attr("stroke-dasharray", "4 3")
      .attr("opacity", 0.6);
  });
}

/** The time that was won: an arrow from the one end to the other, with the speed-up. */
function drawGain(
  canvas: Canvas,
  time: TimeScale,
  view: TwinView,
  {from, to}: {from: number; to: number},
): void {
  const compared = comparison(view);
  const one = view.sequential?.figures.tookUs ?? 0;
  const many = view.distributed?.figures.tookUs ?? 0;
  const room = time.x(one) - time.x(many);
  if (compared === undefined || compared.speedUp <= 1 || room < 64 || to - from < 30) return;
  const words = `${compared.speedUp >= 9.95 ? Math.round(compared.speedUp) : compared.speedUp.toFixed(1)}×`;
  canvas.item("marks", "gain", [words, from, to, one, many, time.untilUs, time.right], (group) => {
    const y = round((from + to) / 2);
    const [start, end] = [round(time.x(many) + 8), round(time.x(one) - 2)];
    canvas
      .stroke(group.append("path"), "ink2", 1.25)
      .attr("fill", "none")
      .attr("d", `M${end},${y}H${start}m6,-4l-6,4l6,4M${end},${y - 5}v10`);
    const middle = (start + end) / 2;
    const label = canvas.text(group, middle, y - 8, words, {
      size: 20,
      bold: true,
      anchor: "middle",
    });
    canvas.stroke(label, "lane", 4).attr("paint-order", "stroke").attr("stroke-linejoin", "round");
    if (room > 120)
      canvas.text(group, middle, y + 17, `${duration(one - many)} won`, {
        size: 11,
        role: "ink2",
        anchor: "middle",
      });
  });
}

function drawGhostLane(
  canvas: Canvas,
  time: TimeScale,
  lane: Lane,
  bars: Merged[],
  y: number,
  style: LaneStyle,
): number {
  const gap = style.rowHeight > 15 ? 0 : 5;
  return drawLane(canvas, time, lane, bars, y, style) - gap;
}

function drawWaiting(canvas: Canvas, y: number, left: number): number {
  canvas.item("labels", "waiting", [y], (group) => {
    canvas.text(group, left, y + 14, "no worker yet", {role: "ink2"});
  });
  return y + 24;
}
