// Texts of functions as V8 gives them, and as they travel.

import {spanClose, spanOpen} from "./thunk.js";

/** The text of `fn` as V8 gives it, of native functions too. */
export function textOf(fn: object): string {
  return Function.prototype.toString.call(fn);
}

/** Blanks out the code that measures plain calls, which tasks do not need. */
export function blankSpans(text: string): string {
  let from = text.indexOf(spanOpen);
  if (from < 0) return text;
  let out = "";
  let at = 0;
  for (; from >= 0; from = text.indexOf(spanOpen, at)) {
    const close = text.indexOf(spanClose, from);
    const end = close < 0 ? text.length : close + spanClose.length;
    out += text.slice(at, from) + blank(text.slice(from, end));
    at = end;
  }
  return out + text.slice(at);
}

/** Replaces a text by spaces, so that positions behind it stay. */
export function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}
