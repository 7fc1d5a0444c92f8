// Escapes text for HTML and SVG.

import {Rich} from "./displayable.js";

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes `text` for HTML and SVG, attributes included, so that nothing in it is markup. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character]!);
}

/** Writes a value of a template: escaped, unless the value is markup itself. */
export function markupOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(markupOf).join("");
  if (value === undefined || value === null || value === false) return "";
  if (value instanceof Rich) {
    const own = value.data["text/html"] ?? value.data["image/svg+xml"];
    if (typeof own === "string") return own;
  }
  return escapeMarkup(String(value));
}
