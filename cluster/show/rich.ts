// Makes values that are shown richly: as a cell's last value, as an argument of `display`, or as a
// task's result.

import {Rich} from "./displayable.js";
import {UsageError} from "../errors.js";
import {markupOf} from "./markup.js";

type Template = readonly [source: string] | readonly [TemplateStringsArray, ...unknown[]];

/**
 * Makes a value that is shown as HTML, from a text or as a template. In a template, values are
 * escaped, other `html` and `svg` values go in as they are, arrays piece by piece, and null,
 * undefined and false leave nothing.
 *
 * @example
 * ```ts
 * import {html} from "tasklab";
 *
 * const names = ["R&D", "Sales"];
 * const list = html`<ul>${names.map((name) => html`<li>${name}</li>`)}</ul>`;
 * console.log(String(list)); // → <ul><li>R&amp;D</li><li>Sales</li></ul>
 * ```
 */
export function html(...source: Template): Rich {
  return ofText("text/html", textIn(source, markupOf));
}

/**
 * Makes a value that is shown as SVG, from a text or as a template, which escapes values as `html`
 * does.
 *
 * @example
 * ```ts
 * import {svg} from "tasklab";
 *
 * const dot = (radius: number) =>
 *   svg`<svg width="20" height="20"><circle cx="10" cy="10" r="${radius}"/></svg>`;
 * console.log(String(dot(5)).includes('r="5"')); // → true
 * ```
 */
export function svg(...source: Template): Rich {
  return ofText("image/svg+xml", textIn(source, markupOf));
}

/**
 * Makes a value that is shown as Markdown, from a text or as a template. Values in a template are
 * written as they are.
 *
 * @example
 * ```ts
 * import {markdown} from "tasklab";
 *
 * const count = 3;
 * console.log(String(markdown`**${count}** results`)); // → **3** results
 * ```
 */
export function markdown(...source: Template): Rich {
  return ofText("text/markdown", textIn(source, String));
}

/**
 * Makes a value that is shown as a formula, from a text or as a template. The formula is put
 * between `$$`, unless it has signs of its own, such as `$` or `\begin{…}`.
 *
 * @example
 * ```ts
 * import {latex} from "tasklab";
 *
 * console.log(latex`\frac{a}{b}`.data["text/latex"]); // → $$\frac{a}{b}$$
 * ```
 */
export function latex(...source: Template): Rich {
  const text = textIn(source, String);
  const isWhole = /\$|\\\(|\\\[|\\begin\{/.test(text);
  return new Rich({"text/latex": isWhole ? text : `$$${text}$$`, "text/plain": text});
}

/**
 * How `json` shows a tree.
 *
 * @example
 * ```ts
 * import {json, type JsonOptions} from "tasklab";
 *
 * const options: JsonOptions = {expanded: true, root: "settings"};
 * console.log(json({a: 1}, options).metadata["application/json"]);
 * // → { expanded: true, root: 'settings' }
 * ```
 */
export interface JsonOptions {
  /** Open all levels at first. Default: false. */
  expanded?: boolean;
  /** The name of the root. Default: "root", from JupyterLab. */
  root?: string;
}

/**
 * Makes a value that is shown as a tree, which can be searched. The value is taken as JSON at once:
 * later changes do not show.
 *
 * @throws UsageError for a value that JSON can't hold, such as a function; TypeError for one that
 * contains itself.
 *
 * @example
 * ```ts
 * import {json} from "tasklab";
 *
 * console.log(json({name: "Ada", born: 1815}).data["application/json"]);
 * // → { name: 'Ada', born: 1815 }
 * ```
 */
export function json(value: unknown, {expanded = false, root}: JsonOptions = {}): Rich {
  const metadata = {"application/json": {expanded, ...(root === undefined ? {} : {root})}};
  const text = JSON.stringify(value, null, 2) as string | undefined;
  if (text === undefined) throw new UsageError(`json: JSON can't hold a ${typeof value}`);
  return new Rich({"application/json": JSON.parse(text), "text/plain": text}, metadata);
}

/**
 * Makes a value that is shown as a chart of Vega-Lite: from a specification, or from an object
 * whose method `toSpec` gives one.
 *
 * @throws UsageError when the specification is no object.
 *
 * @example
 * ```ts
 * import {vegalite} from "tasklab";
 *
 * const chart = vegalite({
 *   title: "Two bars",
 *   data: {values: [{x: "a", y: 28}, {x: "b", y: 55}]},
 *   mark: "bar",
 *   encoding: {x: {field: "x"}, y: {field: "y", type: "quantitative"}},
 * });
 * console.log(String(chart)); // → Vega-Lite chart: Two bars
 * ```
 */
export function vegalite(spec: object): Rich {
  const {toSpec} = spec as {toSpec?: unknown};
  const made: unknown = typeof toSpec === "function" ? toSpec.call(spec) : spec;
  return new Rich({
    "application/vnd.vegalite.v5+json": checkObject("vegalite: the specification", made),
    "text/plain": `Vega-Lite chart${titleOf(made)}`,
  });
}

/**
 * A figure as Plotly takes it.
 *
 * @example
 * ```ts
 * import {plotly, type PlotlyFigure} from "tasklab";
 *
 * const figure: PlotlyFigure = {data: [{x: [1, 2], y: [3, 4]}], layout: {title: "A line"}};
 * console.log(String(plotly(figure))); // → Plotly figure: A line
 * ```
 */
export interface PlotlyFigure {
  /** The traces. */
  data: readonly object[];
  layout?: object;
  config?: object;
}

/**
 * Makes a value that is shown as a figure of Plotly, where Jupyter has Plotly's renderer
 * (`pip install plotly`).
 *
 * @throws UsageError when the figure is no object, or has no array `data`.
 *
 * @example
 * ```ts
 * import {plotly} from "tasklab";
 *
 * const bars = plotly({data: [{type: "bar", x: ["a", "b"], y: [28, 55]}]});
 * console.log(String(bars)); // → Plotly figure
 * ```
 */
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
