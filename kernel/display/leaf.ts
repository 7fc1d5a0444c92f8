// A value at the end of a branch of a tree: one line, in the colour of its kind.

import {types} from "node:util";
import {escapeMarkup} from "../../cluster/show/markup.js";
import {colored, quietly} from "./look.js";
import {Placeholder} from "./properties.js";
import {preview} from "./text.js";

/** What of one line is shown. */
const maxLeafChars = 200;

export function leafHtml(value: unknown): string {
  // Asked in this order, for instanceof would spring a trap.
  if (!types.isProxy(value) && value instanceof Placeholder) return quietly(value.text);
  const text = preview(value, maxLeafChars);
  switch (typeof value) {
    case "string":
      return colored("string", text);
    case "number":
    case "bigint":
      return colored("number", text);
    case "boolean":
      return colored("keyword", text);
    case "undefined":
      return quietly(text);
    case "object":
      return value === null ? quietly(text) : escapeMarkup(text);
    default:
      return escapeMarkup(text);
  }
}
