// Text on its way into HTML and SVG.

import {Rich} from "./displayable.js";

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** `text` as it reads in HTML and SVG, in attributes too; nothing in it is markup any more. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character]!);
}

/** A value inside of a template: escaped, unless it is markup itself. */
export function markupOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(markupOf).join("");
  if (value === undefined || value === null || value === false) return "";
  if (value instanceof Rich) {
    const own = value.data["text/html"] ?? value.data["image/svg+xml"];
    if (typeof own === "string") return own;
  }
  return escapeMarkup(String(value));
}
