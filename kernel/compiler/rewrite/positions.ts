// Text that was rewritten, and where each character of it came from. Diagnostics, completion, hover
// and tracebacks all go through the same map.

/** `length` characters that stand at `source` in the one text and at `target` in the other. */
interface Segment {
  source: number;
  target: number;
  length: number;
}

/** The characters from `start` to `end` of the source are replaced by `pieces`. */
export interface Edit {
  start: number;
  end: number;
  /** New text, or a part of the source that is kept (with the edits inside it). */
  pieces: (string | {from: number; to: number})[];
}

export class Positions {
  readonly #segments: readonly Segment[];
  constructor(segments: readonly Segment[]) {
    this.#segments = segments;
  }

  toTarget(offset: number): number {
    const {segment, distance} = nearestSegment(this.#segments, offset, "source", "end");
    return segment.target + distance;
  }

  /** In text that was put in: the next kept character, or with `side` "end" the one before. */
  toSource(offset: number, side: "start" | "end" = "start"): number {
    const {segment, distance} = nearestSegment(this.#segments, offset, "target", side);
    return segment.source + distance;
  }

  rangeToSource(start: number, length: number): {start: number; length: number} {
    const from = this.toSource(start);
    const to = this.toSource(start + length, "end");
    return {start: from, length: Math.max(to - from, Math.min(length, 1))};
  }
}

function nearestSegment(
  segments: readonly Segment[],
  offset: number,
  side: "source" | "target",
  prefer: "start" | "end",
): {segment: Segment; distance: number} {
  let touching: Segment | undefined;
  let before: Segment | undefined;
  let after: Segment | undefined;
  for (const segment of segments) {
    const distance = offset - segment[side];
    if (distance >= 0 && distance < segment.length) return {segment, distance};
    if (distance === segment.length) touching = segment;
    else if (distance > 0 && (!before || segment[side] > before[side])) before = segment;
    else if (distance < 0 && (!after || segment[side] < after[side])) after = segment;
  }
  if (touching) return {segment: touching, distance: touching.length};
  if (after && (prefer === "start" || !before)) return {segment: after, distance: 0};
  if (before) return {segment: before, distance: before.length};
  return {segment: {source: 0, target: 0, length: 0}, distance: 0};
}

/** Applies edits, which may nest but not overlap otherwise. */
export function rewrite(
  source: string,
  edits: readonly Edit[],
): {text: string; positions: Positions} {
  const sorted = edits.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const segments: Segment[] = [];
  let text = "";
  const copy = (from: number, to: number): void => {
    if (to <= from) return;
    segments.push({source: from, target: text.length, length: to - from});
    text += source.slice(from, to);
  };
  const keep = (from: number, to: number, inside: Edit | null): void => {
    let at = from;
    for (const edit of sorted) {
      if (edit === inside || edit.start < at || edit.end > to) continue;
      if (inside && (edit.start < inside.start || edit.end > inside.end)) continue;
      copy(at, edit.start);
      for (const piece of edit.pieces) {
        if (typeof piece === "string") text += piece;
        else keep(piece.from, piece.to, edit);
      }
      at = edit.end;
    }
    copy(at, to);
  };
  keep(0, source.length, null);
  return {text, positions: new Positions(segments)};
}

/** Offsets ↔ lines and columns of a text, all from 0. */
export interface Lines {
  offset(line: number, column: number): number;
  position(offset: number): {line: number; column: number};
}

export function lineStarts(text: string): Lines {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return {
    offset: (line, column) => (starts[line] ?? text.length) + column,
    position(offset) {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (starts[middle]! <= offset) low = middle;
        else high = middle - 1;
      }
      return {line: low, column: offset - starts[low]!};
    },
  };
}
