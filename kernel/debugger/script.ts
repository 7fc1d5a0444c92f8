// One piece of emitted code with the text that it was made from: where is a position of the one in
// the other? Pure. Emitted positions count from 0, as the inspector's; those of the text from 1.
//
// Emitted code has statements that nobody wrote (thunks, spans, hoisted declarations). They have no
// segment of the source map of their own; what of them leads back somewhere leads to what stands
// before.

import {decodedMappings, TraceMap} from "@jridgewell/trace-mapping";
import {runtimeName, spanOpen} from "../../cluster/shipping/source/thunk.js";

export interface EmittedPosition {
  lineNumber: number;
  columnNumber?: number | undefined;
}

export interface Place {
  line: number;
  column: number;
  /** Emitted code that nobody wrote: no step should end there. */
  isInserted: boolean;
}

export interface ScriptParts {
  id: string;
  /** The path that clients know it by. */
  path: string;
  /** `Cell In[3]`, or a file's name. */
  name: string;
  code: string;
  /** Source map (v3, JSON) from `code` to the text. */
  map: string;
}

type Segment = readonly number[];

/** What begins a statement of the user's although it was put in: the rest is the user's. */
const wrapped = new RegExp(`^(${runtimeName}\\.last = )?\\(`);

export class Script {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly #lines: readonly string[];
  readonly #mappings: readonly (readonly Segment[])[];

  constructor({id, path, name, code, map}: ScriptParts) {
    this.id = id;
    this.path = path;
    this.name = name;
    this.#lines = code.split("\n");
    this.#mappings = decodedMappings(new TraceMap(map));
  }

  /** Where the position stands in the text; undefined when nothing before it in its line does. */
  place({lineNumber, columnNumber = 0}: EmittedPosition): Place | undefined {
    const segments = (this.#mappings[lineNumber] ?? []).filter(({length}) => length > 1);
    const after = segments.findIndex(([column]) => column! > columnNumber);
    const before = after === -1 ? segments.at(-1) : segments[after - 1];
    const line = this.#lines[lineNumber] ?? "";
    if (before?.[0] === columnNumber) return placeOf(before, false);
    const next = after === -1 ? undefined : segments[after];
    if (next && wrapped.test(line.slice(columnNumber))) return placeOf(next, false);
    if (!before) return undefined;
    const between = line.slice(before[0], columnNumber);
    return placeOf(before, between.includes(`${runtimeName}.`) || between.includes(spanOpen));
  }

  /**
   * Of the positions where the code can be stopped, the one for a line of the text: the first of
   * the line, or where a function begins on it, or the first of the next line that has one.
   */
  stopFor<Position extends EmittedPosition>(
    line: number,
    possible: readonly Position[],
  ): {position: Position; line: number} | undefined {
    let best: {position: Position; place: Place} | undefined;
    for (const position of possible) {
      const place = this.place(position);
      if (!place || place.line < line) continue;
      if (place.isInserted && place.line !== line) continue;
      if (!best || isBetter(place, best.place)) best = {position, place};
    }
    return best && {position: best.position, line: best.place.line};
  }

  isDebuggerStatement({lineNumber, columnNumber = 0}: EmittedPosition): boolean {
    return /^debugger\b/.test(this.#lines[lineNumber]?.slice(columnNumber) ?? "");
  }
}

function isBetter(place: Place, best: Place): boolean {
  if (place.line !== best.line) return place.line < best.line;
  if (place.isInserted !== best.isInserted) return best.isInserted;
  return place.column < best.column;
}

function placeOf(segment: Segment, isInserted: boolean): Place {
  return {line: segment[2]! + 1, column: segment[3]! + 1, isInserted};
}
