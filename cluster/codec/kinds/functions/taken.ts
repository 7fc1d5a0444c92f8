// What the kinds of functions have in common: a text, a scope, and the values of captured names.

import {ObjectRef} from "../../../api/object-ref.js";
import {CorruptFrameError} from "../../../errors.js";
import type {Analysis, Code} from "../../../shipping/source/code.js";
import type {Assembler} from "../../assemble.js";
import type {Dismantler} from "../../dismantle.js";
import type {AnyFunction} from "../../elsewhere.js";

/** A function or class that travels as its text. */
export interface Taken {
  fn: AnyFunction;
  analysis: Analysis;
  code: Code;
  /** The indexes of its code and of its scope. */
  codeAndScope: [code: number, scope: number];
  variables: Record<string, unknown>;
  /** The `this` of an arrow function, when the function uses it. */
  receiver: [] | [unknown];
}

/** The trees of the captured values, in the order of the slots. */
export function slotTrees({code, variables}: Taken, to: Dismantler): unknown[] {
  return code.slots.map((slot) => {
    const value = variables[slot];
    if (typeof value === "object" && value !== null && !(value instanceof ObjectRef))
      to.mayChange();
    return to.at({words: `captured variable \`${slot}\``}, value);
  });
}

export function codeAt(from: Assembler, index: unknown): Code {
  const code = from.codes[index as number];
  if (!code) throw new CorruptFrameError("the text of a function is missing");
  return code;
}
