// Where the text of a shipped function stands in its source, with the part of the source map that
// the text needs, so that a worker's stacks read `Cell In[5]:3:9`.

import {decode, encode, type SourceMapMappings} from "@jridgewell/sourcemap-codec";
import {sources, type Source} from "./thunk.js";

export interface Place {
  /** `Cell In[5]`, or a file. */
  source: string;
  /** Line and column of the text's first character in the emitted code, from 0. */
  line: number;
  column: number;
  /** The source map of the text's lines, from `line` on; "" when positions need no mapping. */
  mappings: string;
}

/** Finds the place of a text. `script`: the text of the source, unless that is a cell. */
export function placeOf(text: string, source: string, script = ""): Place {
  const known = sources.get(source) ?? (script ? {code: script, map: ""} : undefined);
  if (known) return placeIn(known, text, source);
  for (const shipped of shippedTexts.get(source) ?? []) {
    const at = shipped.text.indexOf(text);
    if (at < 0) continue;
    const inner = positionOf(shipped.text, at);
    const {line, column, mappings} = shipped.place;
    return {
      source,
      line: line + inner.line,
      column: inner.line === 0 ? column + inner.column : inner.column,
      mappings: cutMappings(decode(mappings), inner.line, inner.line + lineCount(text)),
    };
  }
  return {source, line: 0, column: 0, mappings: ""};
}

/** The name under which a shipped text is evaluated. Two sources that differ never share a name. */
export function shippedName(place: Place, hash: string): string {
  return place.mappings === "" ? place.source : `${place.source}#${hash.slice(0, 8)}`;
}

/**
 * Makes stacks of a received text readable, and functions inside of it fit to be shipped onward.
 */
export function registerPlace(text: string, place: Place, hash: string): void {
  const {source, line, mappings} = place;
  const siblings = shippedTexts.get(source) ?? [];
  shippedTexts.set(source, [...siblings, {text, place, hash}]);
  if (mappings === "") return;
  const map = {version: 3, sources: [source], names: [], mappings: ";".repeat(line) + mappings};
  sources.set(shippedName(place, hash), {code: "", map: JSON.stringify(map)});
}
export function forgetPlace(place: Place, hash: string): void {
  const left = (shippedTexts.get(place.source) ?? []).filter((shipped) => shipped.hash !== hash);
  if (left.length > 0) shippedTexts.set(place.source, left);
  else shippedTexts.delete(place.source);
  sources.delete(shippedName(place, hash));
}

const shippedTexts = new Map<string, {text: string; place: Place; hash: string}[]>();
const decoded = new WeakMap<Source, SourceMapMappings>();

function placeIn(known: Source, text: string, source: string): Place {
  const at = known.code.indexOf(text);
  if (at < 0) return {source, line: 0, column: 0, mappings: ""};
  const {line, column} = positionOf(known.code, at);
  let lines = decoded.get(known);
  if (!lines) {
    lines = known.map ? decode((JSON.parse(known.map) as {mappings: string}).mappings) : [];
    decoded.set(known, lines);
  }
  return {source, line, column, mappings: cutMappings(lines, line, line + lineCount(text))};
}

function cutMappings(lines: SourceMapMappings, from: number, to: number): string {
  const cut = lines.slice(from, to);
  return cut.some((segments) => segments.length > 0) ? encode(cut) : "";
}

function positionOf(code: string, at: number): {line: number; column: number} {
  const before = code.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  return {line: lineCount(before) - 1, column: at - lineStart};
}

function lineCount(text: string): number {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
