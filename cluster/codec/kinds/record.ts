// Plain records: trees as they are, but for those that a module exports, which go by name.

import {holdsFunction} from "../../shipping/names/intrinsics.js";
import type {Dismantler} from "../dismantle.js";
import {exported} from "./imported.js";

/** The tree of a record: the record itself where that is one. */
export function recordTree(record: Record<string, unknown>, to: Dismantler): unknown {
  const name = holdsFunction(record) ? exported(record, to) : undefined;
  if (name) {
    to.isComparable = false;
    return name;
  }
  let copy: Record<string, unknown> | null = null;
  for (const key of Object.keys(record)) {
    const value = record[key];
    const tree = to.at(key, value);
    if (tree !== value && typeof tree === "object") {
      copy ??= {...record};
      copy[key] = tree;
    }
  }
  return copy ?? record;
}
