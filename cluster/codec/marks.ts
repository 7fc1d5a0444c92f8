// Numbers in the packed tree that several files write and read.

import {Attribute} from "../shipping/functions/attributes.js";

/**
 * Tags of tokens that are no kinds of values: they lead to another place of the encoded value. The
 * dismantler puts them into the tree, and the assembler follows them. Tags of kinds begin after
 * these.
 */
export const Mark = {
  /** An object met before: its number. */
  ref: 0,
  /** An object in a tree of its own: the index of the tree. */
  deep: 1,
  /** In a piece: the index of a value outside of the piece. */
  outside: 2,
  /** A captured value that is a piece of its own: [hash, values outside of the piece]. */
  apart: 3,
} as const;

/** How a property is told in a shape: its attributes, and what stands for its value. */
export const Flag = {
  ...Attribute,
  /** A getter and a setter. */
  accessor: 8,
  /** The value is the one that the text of a function gives. */
  kept: 16,
  /** What the text of a function gives was taken away. */
  absent: 32,
} as const;
