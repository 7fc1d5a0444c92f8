// Cost of a JSON text, counted before parsing: JSON.parse makes 2 GB of 100 MB of brackets.

import {maxJsonDepth, maxJsonValues} from "./limits.js";

const [quote, backslash, comma, colon] = [...'"\\,:'].map((character) => character.charCodeAt(0));
const opening = new Set([..."[{"].map((character) => character.charCodeAt(0)));
const closing = new Set([..."]}"].map((character) => character.charCodeAt(0)));

/** Why `text` should not be parsed, or null. What is not JSON at all is left to the parser. */
export function tooMuch(text: Buffer): string | null {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]!;
    if (byte === quote) {
      at = endOfString(text, at);
      if (at < 0) return null;
    } else if (byte === comma || byte === colon) {
      values++;
    } else if (opening.has(byte)) {
      values++;
      if (++depth > maxJsonDepth) return `it has more than ${maxJsonDepth} levels`;
    } else if (closing.has(byte)) {
      depth--;
    }
    if (values > maxJsonValues) return `it has more than ${maxJsonValues} values`;
  }
  return null;
}

/** Index of the quote that closes the string whose opening quote is at `start`, or -1. */
function endOfString(text: Buffer, start: number): number {
  for (let end = start; ;) {
    end = text.indexOf(quote!, end + 1);
    if (end < 0) return -1;
    let escapes = 0;
    while (text[end - 1 - escapes] === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
}
