// How everything here looks: in JupyterLab's colours where it is shown there, light or dark, else
// in colours that read on both. Only HTML that Jupyter lets through of a notebook which it does not
// trust: no scripts, no style sheets; styles inline, of which colours by variables are dropped
// then.

import {escapeMarkup} from "../../cluster/show/markup.js";

const color = (variable: string, otherwise: string) => `color:var(--jp-${variable},${otherwise})`;

export const colors = {
  string: color("mirror-editor-string-color", "#c0392b"),
  number: color("mirror-editor-number-color", "#16845b"),
  keyword: color("mirror-editor-keyword-color", "#16845b"),
  key: color("mirror-editor-property-color", "#3b78c3"),
  error: color("error-color1", "#d32f2f"),
} as const;

/** Less loud, in any colour. */
export const quiet = "opacity:.7";
const code =
  "font-family:monospace;font-family:var(--jp-code-font-family,monospace);" +
  "font-size:13px;font-size:var(--jp-code-font-size,13px);line-height:1.4;padding:5px 0";

export function tag(name: string, style: string, content: string): string {
  return `<${name} style="${style}">${content}</${name}>`;
}

export function colored(color: keyof typeof colors, text: string): string {
  return tag("span", colors[color], escapeMarkup(text));
}

export function quietly(text: string): string {
  return tag("span", quiet, escapeMarkup(text));
}

/** The outermost element: dollar signs in it are no formulas. */
export function frame(content: string): string {
  return `<div class="mathjax_ignore">${content}</div>`;
}

/** The same, for what reads as code; lines that are too long are wrapped, or scroll. */
export function codeFrame(content: string, {wraps = true} = {}): string {
  const lines = wraps
    ? "white-space:pre-wrap;overflow-wrap:break-word"
    : "white-space:pre;overflow:auto";
  return `<div class="mathjax_ignore" style="${code};${lines}">${content}</div>`;
}

/** A line below that says what is not shown. */
export function footnote(text: string): string {
  return tag("div", `${quiet};font-size:smaller`, escapeMarkup(text));
}
