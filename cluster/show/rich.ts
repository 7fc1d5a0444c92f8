// What a cell makes to be shown richly: `html("<b>now</b>")` as its last value, as an argument of
// `display`, or as a task's result.

import {Rich} from "./displayable.js";
import {UsageError} from "../errors.js";
import {markupOf} from "./markup.js";

type Template = readonly [source: string] | readonly [TemplateStringsArray, ...unknown[]];

/**
 * Shows as HTML: `html("<b>now</b>")`, or html`<b>${name}</b>` as a template, where values are escaped,
 * other `html` and `svg` go in as they are, and arrays piece by piece.
 */
export function html(...source: Template): Rich {
  return ofText("text/html", textIn(source, markupOf));
}

/** Shows as SVG: `svg("<svg>…</svg>")`, or as a template, where values are escaped as in `html`. */
export function svg(...source: Template): Rich {
  return ofText("image/svg+xml", textIn(source, markupOf));
}

/** Shows as Markdown: `markdown("# Results")`, or as a template. */
export function markdown(...source: Template): Rich {
  return ofText("text/markdown", textIn(source, String));
}

/** Shows as a formula: latex`\frac{a}{b}`; put between `$$` unless it has its own. */
export function latex(...source: Template): Rich {
  const text = textIn(source, String);
  const isWhole = /\$|\\\(|\\\[|\\begin\{/.test(text);
  return new Rich({"text/latex": isWhole ? text : `$$${text}$$`, "text/plain": text});
}

export interface JsonOptions {
  /** All levels are open at first. */
  expanded?: boolean;
  /** The name of the root. */
  root?: string;
}

/** Shows as a tree that can be searched: anything that JSON can hold. */
export function json(value: unknown, {expanded = false, root}: JsonOptions = {}): Rich {
  const metadata = {"application/json": {expanded, ...(root === undefined ? {} : {root})}};
  const text = JSON.stringify(value, null, 2) as string | undefined;
  if (text === undefined) throw new UsageError(`json: JSON can't hold a ${typeof value}`);
  return new Rich({"application/json": JSON.parse(text), "text/plain": text}, metadata);
}

/** Shows a chart of Vega-Lite: its specification, or a chart that has `toSpec`. */
export function vegalite(spec: object): Rich {
  const {toSpec} = spec as {toSpec?: unknown};
  const made: unknown = typeof toSpec === "function" ? toSpec.call(spec) : spec;
  return new Rich({
    "application/vnd.vegalite.v5+json": checkObject("vegalite: the specification", made),
    "text/plain": `Vega-Lite chart${titleOf(made)}`,
  });
}

/** A figure as Plotly takes it. */
export interface PlotlyFigure {
  data: readonly object[];
  layout?: object;
  config?: object;
}

/** Shows a figure of Plotly, where Jupyter has its renderer (`pip install plotly`). */
export function plotly(figure: PlotlyFigure): Rich {
  const {data, layout = {}, config = {}} = checkObject("plotly: the figure", figure);
  if (!Array.isArray(data)) throw new UsageError("plotly: the figure has no array `data`");
  return new Rich({
    "application/vnd.plotly.v1+json": {data, layout, config},
    "text/plain": `Plotly figure${titleOf(layout)}`,
  });
}

function ofText(type: string, text: string): Rich {
  return new Rich({[type]: text, "text/plain": text});
}

function textIn([source, ...values]: Template, write: (value: unknown) => string): string {
  if (typeof source === "string") return source;
  return String.raw({raw: source.raw}, ...values.map(write));
}

function checkObject<T>(what: string, value: T): T {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new UsageError(`${what} must be an object, not ${value === null ? "null" : typeof value}`);
}

function titleOf(spec: unknown): string {
  const {title} = spec as {title?: string | {text?: string}};
  const text = typeof title === "object" ? title.text : title;
  return typeof text === "string" ? `: ${text}` : "";
}
