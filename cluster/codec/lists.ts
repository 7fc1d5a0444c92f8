// Lists: of numbers as raw memory, plain ones as they are, all others element by element.

import {types} from "node:util";
import {flattenFrom, flattenMatrix, flattenNumbers, hasOnlyElements} from "./buffers.js";
import type {Dismantler} from "./dismantle.js";
import {isDense, isResizable} from "./plain.js";
import {Tag} from "./tokens.js";
import type {Token} from "../packing/token.js";

export function dismantleList(list: unknown[], to: Dismantler): unknown {
  const isUsual = Object.getPrototypeOf(list) === Array.prototype && Object.isExtensible(list);
  return isUsual ? plainList(list, to) : exoticList(list, to);
}

function plainList(list: unknown[], to: Dismantler): unknown {
  const flat = maybeFlatList(list, to);
  if (flat) return flat;
  if (!isDense(list)) return exoticList(list, to);
  let copy: unknown[] | null = null;
  for (let i = 0; i < list.length; i++) {
    const element = list[i];
    const tree = to.at(i, element);
    if (tree !== element && typeof tree === "object") {
      copy ??= list.slice();
      copy[i] = tree;
    }
  }
  return copy ?? list;
}

function maybeFlatList(list: unknown[], to: Dismantler): Token | null {
  const first = list[0];
  if (typeof first === "number") {
    if (list.length < flattenFrom) return null;
    const flat = flattenNumbers(list);
    if (!flat || !hasOnlyElements(list) || !isResizable(list)) return null;
    return to.token(Tag.numbers, [to.large(flat), list.length]);
  }
  if (!Array.isArray(first) || typeof first[0] !== "number") return null;
  const matrix = flattenMatrix(list, (row) => isFreshRow(row, to));
  if (!matrix || !isDense(list)) return null;
  for (const row of list as unknown[][]) to.objects.set(row, to.objects.size);
  return to.token(Tag.matrix, [to.large(matrix.flat), list.length, matrix.columns]);
}

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

/** With holes, named properties or another prototype: element by element. */
function exoticList(list: unknown[], to: Dismantler): Token {
  to.isComparable = false;
  const shape = to.shape(list, Array.prototype, (key) => key === "length");
  return to.token(Tag.array, [list.length, shape, isResizable(list)]);
}
