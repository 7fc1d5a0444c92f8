// Lists of numbers, and lists of such lists, as raw memory.

import {types} from "node:util";
import {CorruptFrameError} from "../../errors.js";
import type {Token} from "../../packing/token.js";
import type {Assembler} from "../assemble.js";
import {flattenFrom, flattenMatrix, flattenNumbers, hasOnlyElements} from "../buffers.js";
import type {Dismantler} from "../dismantle.js";
import type {Kind} from "../kind.js";
import {isDense, isResizable} from "../plain.js";

/** A long list of numbers: [raw, length]. */
export const numbers: Kind<unknown[]> = {
  tag: 9,
  dismantle(list, to) {
    if (typeof list[0] !== "number" || list.length < flattenFrom) return undefined;
    const flat = flattenNumbers(list);
    if (!flat || !hasOnlyElements(list) || !isResizable(list)) return undefined;
    return to.token(numbers.tag, [to.large(flat), list.length]);
  },
  assemble: ([raw, length]: [number, number], from, pending) =>
    pending.fill(readNumbers(from, raw, 0, length)),
};

/** A list of lists of numbers: [raw, rows, columns | lengths of the rows]. */
export const matrix: Kind<unknown[]> = {
  tag: 10,
  dismantle(list, to): Token | undefined {
    const first = list[0];
    if (!Array.isArray(first) || typeof first[0] !== "number") return undefined;
    const found = flattenMatrix(list, (row) => isFreshRow(row, to));
    if (!found || !isDense(list)) return undefined;
    for (const row of list as unknown[][]) to.objects.set(row, to.objects.size);
    return to.token(matrix.tag, [to.large(found.flat), list.length, found.columns]);
  },
  assemble([raw, rows, columns]: [number, number, number | number[]], from, pending) {
    const list = pending.fill<number[][]>([]);
    let at = 0;
    for (let row = 0; row < rows; row++) {
      const length = typeof columns === "number" ? columns : columns[row]!;
      const found = readNumbers(from, raw, at, length);
      from.count(found);
      list.push(found);
      at += length;
    }
    return list;
  },
};

function isFreshRow(row: unknown[], to: Dismantler): boolean {
  return (
    !types.isProxy(row) &&
    Object.getPrototypeOf(row) === Array.prototype &&
    Object.isExtensible(row) &&
    !to.objects.has(row) &&
    hasOnlyElements(row) &&
    isResizable(row)
  );
}

function readNumbers(from: Assembler, raw: number, start: number, length: number): number[] {
  const {memory, base, byteLength} = from.buffers.memory(raw);
  if ((start + length) * 8 > byteLength)
    throw new CorruptFrameError("a list of numbers is cut short");
  const flat = new Float64Array(memory, base + start * 8, length);
  // A loop: `Array.from` takes ten times as long.
  const found = new Array<number>(length);
  for (let i = 0; i < length; i++) found[i] = flat[i]!;
  return found;
}
