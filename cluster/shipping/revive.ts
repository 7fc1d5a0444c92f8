// A parcel → its function, in the process that runs it.

import type {ShippedCode} from "../backend.js";
import {type Decoded, decodeLoading} from "../codec/codec.js";
import type {Arrivals} from "./names/arrivals.js";
import {isFilesPart} from "./modules/local-files.js";
import {receiveFiles} from "./modules/received-files.js";
import {Recent} from "../recent.js";

type AnyFunction = (...args: unknown[]) => unknown;

/** How many are kept; the least recently used goes first. */
const constantLimit = 1000;
/** Functions whose captured values no task can change: one copy serves them all. */
const constant = new Recent<string, AnyFunction>(constantLimit);

/**
 * Revives a function. Every call gets captured values of its own, so that no task sees the changes
 * of another. Gives a promise only when modules have to be loaded first. A task's function arrives
 * before anything else of the task.
 */
export function revive(
  code: ShippedCode,
  arrivals: Arrivals | null = null,
): AnyFunction | Promise<AnyFunction> {
  const known = constant.get(code.hash);
  if (known) {
    constant.set(code.hash, known);
    return known;
  }
  for (const part of code.parts) if (isFilesPart(part)) receiveFiles(part);
  const decoded = decodeLoading(code.frames, {copy: true, parts: code.parts, arrivals});
  return decoded instanceof Promise
    ? decoded.then((ready) => keep(code.hash, ready))
    : keep(code.hash, decoded);
}

function keep(hash: string, {value, isConstant}: Decoded): AnyFunction {
  if (typeof value !== "function") throw new TypeError("a parcel without a function");
  if (isConstant) constant.set(hash, value as AnyFunction);
  return value as AnyFunction;
}
