// Follow one task: its steps from the call to the value in hand, told at the left, measured at the
// right.

import type {Step} from "../model/step.js";
import type {StepsView} from "../model/steps.js";
import {duration} from "../model/words.js";
import {drawAxis, timeScale, type TimeScale} from "./axis.js";
import {rect} from "./bars.js";
import {round, type Canvas, type Grow, type Group} from "./canvas.js";
import {drawPaper, drawSentence, margin} from "./frame.js";
import {functionRole, type Role} from "./palette.js";
import {shortened, textWidth, wrapped} from "./text.js";
import type {LanesOptions} from "./twin.js";

const ring = 11;

interface Row {
  step: Step;
  y: number;
  height: number;
  /** Middle of its bar. */
  middle: number;
  title: string[];
  detail: string[];
}

export function drawSteps(canvas: Canvas, view: StepsView, {hasPaper}: LanesOptions): TimeScale {
  const isWide = canvas.width >= 640;
  const textLeft = margin + 2 * ring + 10;
  const axisLeft = isWide ? Math.round(canvas.width * 0.53) : textLeft;
  const textRoom = (isWide ? axisLeft - 18 : canvas.width - margin) - textLeft;
  const time = timeScale(view.untilUs, view.nowUs, axisLeft, canvas.width - margin - 58);
  canvas.frame(view.sentence, describe(view), () => {
    for (const layer of ["paper", "tracks", "grid", "bars", "labels", "marks", "axis"])
      canvas.layer(layer);
    const top = drawSentence(canvas, view.sentence) + 6;
    const rows = layOut(view.steps, top, textRoom, isWide);
    const last = rows.at(-1);
    const bottom = last === undefined ? top : last.y + last.height;
    drawThread(canvas, rows);
    for (const row of rows) {
      drawWords(canvas, row, textLeft, textRoom);
      drawSpan(canvas, time, view, row);
    }
    if (isWide) drawHops(canvas, time, rows);
    const y = drawAxis(canvas, time, top, bottom, {hasGrid: isWide}) + 6;
    return hasPaper ? drawPaper(canvas, y) : y;
  });
  return time;
}

function layOut(steps: Step[], top: number, textRoom: number, isWide: boolean): Row[] {
  let y = top;
  return steps.map((step) => {
    const title = wrapped(step.title, textRoom, 13, {bold: true});
    const words = step.detail === "" ? step.placeLabel : `${step.placeLabel}: ${step.detail}`;
    const detail = wrapped(words, textRoom, 12);
    const text = title.length * 17 + detail.length * 16;
    const height = text + (isWide ? 18 : 42);
    const middle = isWide ? y + 4 + ring : y + text + 20;
    const row = {step, y, height, middle, title, detail};
    y += height;
    return row;
  });
}

/** The thread that the task runs along: done, running or failed by colour and by shape. */
function drawThread(canvas: Canvas, rows: Row[]): void {
  const first = rows[0];
  const last = rows.at(-1);
  if (first === undefined || last === undefined) return;
  canvas.item("tracks", "thread", [first.y, last.y], (group) => {
    canvas
      .stroke(group.append("path"), "line", 2)
      .attr("d", `M${margin + ring},${first.y + 15}V${last.y + 15}`);
  });
}

function drawWords(canvas: Canvas, row: Row, left: number, room: number): void {
  const {step, y, title, detail} = row;
  canvas.item("labels", `step ${step.number}`, [row, left, room], (group) => {
    const circle = group
      .append("circle")
      .attr("cx", margin + ring)
      .attr("cy", y + 4 + ring)
      .attr("r", ring);
    const role: Role = step.state === "failed" ? "bad" : "ink";
    if (step.state === "running") {
      canvas.fill(circle as never, "paper");
      canvas.stroke(circle as never, role, 2);
    } else canvas.fill(circle as never, role);
    canvas.text(
      group,
      margin + ring,
      y + 8 + ring,
      step.state === "failed" ? "✕" : String(step.number),
      {
        size: 12,
        bold: true,
        anchor: "middle",
        role: step.state === "running" ? "ink" : "paper",
      },
    );
    title.forEach((line, index) =>
      canvas.text(group, left, y + 19 + index * 17, line, {size: 13, bold: true}),
    );
    detail.forEach((line, index) => {
      const text = canvas.text(group, left, y + 19 + title.length * 17 + index * 16, "", {
        role: "ink2",
      });
      if (index > 0 || !line.startsWith(step.placeLabel))
        return text.text(shortened(line, room, 12));
      canvas.fill(text.append("tspan") as never, "ink").text(step.placeLabel);
      return text.append("tspan").text(line.slice(step.placeLabel.length));
    });
  });
}

/**
 * The step's time: a moment is a diamond, waiting is striped, only the execution has its colour.
 */
function drawSpan(canvas: Canvas, time: TimeScale, view: StepsView, {step, middle}: Row): void {
  const role = roleOf(step, view);
  const signature = [step, middle, role, time.untilUs, time.left, time.right];
  canvas.item("bars", `span ${step.number}`, signature, (group) => {
    const left = time.x(step.from);
    if (step.to === step.from) {
      canvas
        .fill(group.append("path"), role)
        .attr("d", `M${round(left)},${middle - 5}l5,5l-5,5l-5,-5z`);
      return undefined;
    }
    const height = 16;
    const width = Math.max(2.5, time.x(step.to ?? step.from) - left);
    const body = canvas.fill(rect(group, left, middle - height / 2, width, height, 3), role);
    for (const wait of step.waits) drawWait(canvas, time, group, wait, role, middle, height);
    const text = canvas.text(group, 0, middle + 4, "", {size: 11.5, bold: true});
    const place = (toUs: number) => {
      const end = time.x(Math.min(toUs, time.untilUs));
      body.attr("width", round(Math.max(2.5, end - left)));
      const words = duration(toUs - step.from);
      const isLong = end + 8 + textWidth(words, 11.5) > canvas.width - margin;
      text.attr("x", round(isLong ? left - 6 : Math.max(end, left + 2.5) + 6)).text(words);
      text.attr("text-anchor", isLong ? "end" : null);
    };
    place(step.to ?? Math.max(step.from, view.nowUs ?? step.from));
    const grow: Grow | undefined = step.to === null ? place : undefined;
    return grow;
  });
}

function drawWait(
  canvas: Canvas,
  time: TimeScale,
  group: Group,
  {from, to}: {from: number; to: number | null},
  role: Role,
  middle: number,
  height: number,
): void {
  if (to === null) return;
  const left = time.x(from);
  const width = time.x(to) - left;
  if (width < 1) return;
  canvas.fill(rect(group, left, middle - height / 2 + 1, width, height - 2, 0), "paper");
  canvas.hatch(rect(group, left, middle - height / 2 + 1, width, height - 2, 0), role);
}

/** Hops from the end of one step to the begin of the next. */
function drawHops(canvas: Canvas, time: TimeScale, rows: Row[]): void {
  canvas.item(
    "tracks",
    "hops",
    [rows.map(({step, middle}) => [step.from, step.to, middle]), time.untilUs],
    (group) => {
      rows.forEach((row, index) => {
        const next = rows[index + 1];
        if (next === undefined || row.step.to === null) return;
        const x = Math.min(time.x(row.step.to), time.x(next.step.from));
        canvas
          .stroke(group.append("path"), "c8", 1)
          .attr("d", `M${round(x)},${row.middle + 8}V${next.middle - 8}`)
          .attr("stroke-dasharray", "2 3");
      });
    },
  );
}

function roleOf(step: Step, view: StepsView): Role {
  if (step.state === "failed") return "bad";
  if (step.kind === "executed") return functionRole(view.colour);
  return step.place === "store" || step.place === "worker" ? "c8" : "ink2";
}

function describe(view: StepsView): string {
  return view.steps
    .map((step) => {
      const took = step.to === null ? "running" : duration(step.to - step.from);
      return `${step.number}. ${step.title} (${step.placeLabel}, ${took}).`;
    })
    .join(" ");
}
