// What diagrams share: margins, the sentence on top, the legend, section headings.

import type {LegendEntry} from "../model/legend.js";
import {count} from "../model/words.js";
import {rect} from "./bars.js";
import type {Canvas} from "./canvas.js";
import {functionRole} from "./palette.js";
import {textWidth, wrapped} from "./text.js";

export const margin = 14;

/** Room for lane names, by the width of the diagram. */
export function labelWidthOf(width: number): number {
  return width >= 620 ? 142 : 86;
}

/** A paper of its own for a picture that stands alone. */
export function drawPaper(canvas: Canvas, height: number): number {
  canvas.item("paper", "paper", [height], (group) => {
    canvas.fill(rect(group, 0, 0, canvas.width, height, 6), "paper");
  });
  return height;
}

/** The sentence; returns where to go on. */
export function drawSentence(canvas: Canvas, sentence: string, note = ""): number {
  const room = canvas.width - 2 * margin;
  const lines = wrapped(sentence, room, 15, {bold: true});
  const notes = note === "" ? [] : wrapped(note, room, 11.5);
  canvas.item("labels", "sentence", [lines, notes], (group) => {
    lines.forEach((line, index) =>
      canvas.text(group, margin, 24 + index * 20, line, {size: 15, bold: true}),
    );
    notes.forEach((line, index) =>
      canvas.text(group, margin, 24 + lines.length * 20 + index * 16, line, {
        size: 11.5,
        role: "ink2",
      }),
    );
  });
  return 24 + (lines.length - 1) * 20 + (notes.length > 0 ? notes.length * 16 + 4 : 0) + 10;
}

/** Functions by colour, and what stripes mean if there are any. */
export function drawLegend(
  canvas: Canvas,
  legend: LegendEntry[],
  y: number,
  hints: Hint[],
): number {
  const entries = legend.map((entry) => ({
    role: functionRole(entry.colour),
    isHatched: false,
    text: [
      entry.fn,
      entry.needs === "" ? "" : ` · ${pipsOf(entry.needs)}${entry.needs}`,
      entry.folded > 0 ? ` · ${count(entry.folded, "more call")} not drawn` : "",
    ].join(""),
  }));
  const striped = hints.map((text) => ({role: "c8" as const, isHatched: true, text}));
  const all = [...entries, ...striped];
  let x = margin;
  let line = 0;
  const places = all.map((entry) => {
    const width = 16 + textWidth(entry.text, 12) + 18;
    if (x > margin && x + width - 18 > canvas.width - margin) {
      x = margin;
      line++;
    }
    const place = {...entry, x, line};
    x += width;
    return place;
  });
  canvas.item("labels", "legend", [places, y], (group) => {
    for (const {role, isHatched, text, x: left, line: row} of places) {
      const top = y + 4 + row * 19;
      const swatch = rect(group, left, top, 11, 11, 2.5);
      if (isHatched) canvas.hatch(swatch, role);
      if (text === "estimate") canvas.stroke(swatch, role).attr("stroke-dasharray", "2 1.5");
      if (!isHatched) canvas.fill(swatch, role);
      canvas.text(group, left + 16, top + 10, text, {size: 12, role: "ink2"});
    }
  });
  return y + (all.length === 0 ? 0 : (line + 1) * 19) + 8;
}

/** "2 CPUs" are shown as ▪▪ in bars; the legend says so. */
function pipsOf(needs: string): string {
  const cpus = Number(/^([2-4]) CPUs/.exec(needs)?.[1] ?? 0);
  return cpus === 0 ? "" : `${"▪".repeat(cpus)} `;
}

export type Hint = "waits in get" | "estimate" | "fetches or stores" | "starting";

/** A section's name, with a few quiet words behind it. */
export function drawHeading(
  canvas: Canvas,
  key: string,
  y: number,
  name: string,
  aside = "",
): number {
  canvas.item("labels", `heading ${key}`, [name, aside, y], (group) => {
    const heading = canvas.text(group, margin, y + 14, "", {size: 12});
    heading.append("tspan").attr("font-weight", 600).text(name);
    if (aside !== "") canvas.fill(heading.append("tspan") as never, "ink2").text(`  ${aside}`);
  });
  return y + 21;
}

/** How wide a heading is, so that marks beside it keep clear. */
export function headingWidth(name: string, aside = ""): number {
  return textWidth(name, 12, {bold: true}) + (aside === "" ? 0 : textWidth(`  ${aside}`, 12));
}
