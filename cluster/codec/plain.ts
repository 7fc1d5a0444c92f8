// Tells whether MessagePack can hold a value as it is.

import {types} from "node:util";
import {flattenFrom, hasOnlyElements} from "./buffers.js";

/**
 * Tells whether a value is a primitive, or a short list of primitives: most arguments and results
 * are. Such a value needs no walk.
 */
export function isTrivial(value: unknown): boolean {
  if (!Array.isArray(value)) return isTrivialPart(value);
  const count = value.length;
  if (count >= 8 || types.isProxy(value) || Object.getPrototypeOf(value) !== Array.prototype)
    return false;
  for (let i = 0; i < count; i++) if (!isTrivialPart(value[i])) return false;
  return Object.isExtensible(value) && isDense(value);
}
function isTrivialPart(value: unknown): boolean {
  switch (typeof value) {
    case "number":
      return !Object.is(value, -0);
    case "string":
      return isWellFormed(value);
    case "boolean":
    case "undefined":
      return true;
    default:
      return value === null;
  }
}

/**
 * Tells whether an object has nothing but ordinary properties, under names that msgpackr leaves
 * alone.
 */
export function isPlain(object: object): object is Record<string, unknown> {
  const keys = Object.keys(object);
  if (!Object.isExtensible(object)) return false;
  if (Object.getOwnPropertyNames(object).length !== keys.length) return false;
  if (Object.getOwnPropertySymbols(object).length > 0) return false;
  for (const key of keys) {
    if (key === "__proto__" || key === "constructor" || !isWellFormed(key)) return false;
    const own = Object.getOwnPropertyDescriptor(object, key)!;
    if (!own.writable || !own.configurable) return false;
  }
  return true;
}

export function isWellFormed(text: string): boolean {
  return (text as unknown as {isWellFormed(): boolean}).isWellFormed();
}

/** Tells whether a list has all of its elements, ordinary ones, and no other property. */
export function isDense(list: unknown[]): boolean {
  const {length} = list;
  const isBare =
    length < flattenFrom ? Reflect.ownKeys(list).length === length + 1 : hasOnlyElements(list);
  if (!isBare || !isResizable(list)) return false;
  for (let i = 0; i < length; i++) {
    const own = Object.getOwnPropertyDescriptor(list, i);
    if (!own?.writable || !own.enumerable || !own.configurable) return false;
  }
  return true;
}

/** Tells whether elements may be added to the list. */
export function isResizable(list: unknown[]): boolean {
  return Object.getOwnPropertyDescriptor(list, "length")!.writable!;
}
