// Lists: of numbers as raw memory, plain ones as they are, all others element by element.

import type {Dismantler} from "../dismantle.js";
import type {Kind} from "../kind.js";
import {isDense, isResizable} from "../plain.js";
import {dress, type Shape, shapeOf} from "../shapes.js";
import {matrix, numbers} from "./numbers.js";

/** The tree of a list: the list itself where that is one. */
export function listTree(list: unknown[], to: Dismantler): unknown {
  const isUsual = Object.getPrototypeOf(list) === Array.prototype && Object.isExtensible(list);
  return isUsual ? plainTree(list, to) : array.dismantle(list, to);
}

function plainTree(list: unknown[], to: Dismantler): unknown {
  const flat =
    typeof list[0] === "number" ? numbers.dismantle(list, to) : matrix.dismantle(list, to);
  if (flat) return flat;
  if (!isDense(list)) return array.dismantle(list, to);
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

/** A list with holes, own names, or another prototype: [length, shape, may it grow]. */
export const array: Kind<unknown[]> = {
  tag: 11,
  dismantle(list, to) {
    to.isComparable = false;
    const shape = shapeOf(to, list, Array.prototype, (key) => key === "length");
    return to.token(array.tag, [list.length, shape, isResizable(list)]);
  },
  assemble([length, shape, isResizable]: [number, Shape, boolean], from, pending) {
    const list = pending.fill<unknown[]>([]);
    list.length = length;
    if (!isResizable) Object.defineProperty(list, "length", {writable: false});
    return dress(from, list, shape);
  },
};
