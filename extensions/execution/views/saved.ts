// The picture that a notebook keeps: a standalone SVG that reads on GitHub, in light and dark, and
// the same in words.

import {parseHTML} from "linkedom";
import type {TraceBundle} from "../../../cluster/trace.js";
import {viewOf} from "./bundle.js";
import {draw} from "./draw.js";
import type {View} from "./view.js";

/** How wide a saved picture is: an output cell of a notebook, and a page on GitHub. */
export const savedWidth = 860;

/** Draws what the bundle was saved to show. `text` alone when there is nothing to draw. */
export function drawSaved(bundle: TraceBundle): {svg: string; text: string} {
  const view = viewOf(bundle);
  if (view === null) return {svg: "", text: "Nothing was recorded."};
  // Several saved pictures may end up inline in one page, so each names its parts after its runs.
  const id = ["tasklab", bundle.view, ...bundle.runs].join("-").replace(/[^\w-]/g, "");
  return {svg: svgOf(view, {id}), text: view.sentence};
}

export function svgOf(view: View, {width = savedWidth, id = "tasklab"} = {}): string {
  const {document} = parseHTML("<!doctype html><html><body></body></html>");
  const {node} = draw(view, {document, width, theme: "auto", id, hasPaper: true});
  return node.toString();
}
