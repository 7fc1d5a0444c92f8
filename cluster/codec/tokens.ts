// What stands in for a value that MessagePack can't hold. The dismantler puts tokens into the tree
// that is packed, the assembler turns them back; both number the objects that they meet in the same
// order, so that a `ref` token can point back to one.

import {Attribute} from "../shipping/functions/attributes.js";

export const Tag = {
  /** An object met before: its number. */
  ref: 0,
  /** An object in a tree of its own: its index. */
  deep: 28,
  minusZero: 1,
  /** A long string of a function that is shipped: its raw memory. */
  text: 30,
  /** [hash, values outside of it]: a captured value that is a piece of its own. */
  apart: 33,
  /** In a piece: the number of a value outside of it. */
  outside: 32,
  /** A string with lone surrogates: its UTF-16 units as bytes. */
  utf16: 2,
  bigint: 3,
  /** [kind, key]: "registered" | "well-known" | "unique". */
  symbol: 4,
  /** [class without a parent that gave it private members, shape] or [shape] */
  object: 5,
  /** [length, shape, may it grow]: an array with holes, own names, or another prototype. */
  array: 6,
  /** [keys and values in turn, shape | null] */
  map: 7,
  set: 8,
  date: 9,
  /** [source, flags, shape] */
  regexp: 10,
  /** [stack | nothing, its flags, shape] */
  error: 11,
  /** [primitive, shape | null] */
  boxed: 12,
  /** [href, shape | null, shape of its `searchParams` | null] */
  url: 13,
  /** [text, shape | null] */
  urlSearchParams: 14,
  /** [raw, byteOffset, byteLength, maxByteLength | -1] */
  arrayBuffer: 15,
  /** [type, buffer token, byteOffset, length] */
  view: 16,
  /** [raw, length] */
  numbers: 17,
  /** [raw, rows, columns | lengths of the rows] */
  matrix: 18,
  objectRef: 19,
  /** An actor's handle: [ref, the name of its class, methods, retries of its calls] */
  actor: 31,
  /** A path from globalThis. */
  intrinsic: 20,
  /** [specifier, export, key of a local file's version | nothing] */
  imported: 21,
  /** [function, options] */
  remote: 22,
  /** [code, scope, name, values of the slots, [`this`] | [], shape | null, shape of its prototype | null] */
  closure: 23,
  /**
   * [code, scope, name, identity, [class it extends] | [], values of the slots, shape, shape of its
   * prototype, values of its own private fields]
   */
  class: 24,
  /** [class, is static, key, "value" | "get" | "set"]: as its text has it. */
  member: 29,
  /** The prototype of a class: [class, shape of the members that it was given since its import | nothing] */
  prototypeOf: 25,
  /** [message, name, stack | nothing, its flags, shape] */
  domException: 27,
  /** [target, this, arguments, name] */
  bound: 26,
  /** [kind, reason]: stands in an error for a part of it that can't travel. */
  leftBehind: 34,
} as const;
export type Tag = (typeof Tag)[keyof typeof Tag];

/**
 * What an object has beside its contents: [prototype, own properties, is extensible, private members].
 * A prototype is `0` (the usual one of its kind), `null` or a value. Properties are key, flags, value in
 * turn; without a value when it is the one that the text of a function gives, or when that was taken away. Private members are a class and the values of its fields in turn.
 */
export type Shape = [
  prototype: unknown,
  properties: unknown[],
  extensible: boolean,
  privates?: unknown[],
];

export const Flag = {
  ...Attribute,
  accessor: 8,
  kept: 16,
  absent: 32,
} as const;
