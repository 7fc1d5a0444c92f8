// Errors, with the stack that V8 gave them.

import {types} from "node:util";
import type {Token} from "../../../packing/token.js";
import {attributesOf, flagsOf} from "../../../shipping/functions/attributes.js";
import {globalPath} from "../../../shipping/names/intrinsics.js";
import type {Assembler} from "../../assemble.js";
import type {Dismantler} from "../../dismantle.js";
import type {Kind} from "../../kind.js";
import {dress, type Shape, shapeOf} from "../../shapes.js";
import {isA} from "./own.js";

type Stack = [stack: unknown[], flags: number];

/** [stack | nothing, its flags, shape] */
export const error: Kind = {
  tag: 16,
  dismantle(object, to) {
    if (!types.isNativeError(object)) return undefined;
    return inError(to, () => {
      const above = publicPrototype(object);
      const shape = shapeOf(to, object, Error.prototype, isStack(object), above);
      return to.token(error.tag, [...stackOf(object, to), shape]);
    });
  },
  assemble([stack, flags, shape]: [...Stack, Shape], from, pending) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    const made = pending.fill(new Error());
    Error.stackTraceLimit = limit;
    return dressError(from, made, [stack, flags], shape);
  },
};

/**
 * [message, name, stack | nothing, its flags, shape]. Asked before errors, since newer versions of
 * Node count a DOMException among errors.
 */
export const domException: Kind = {
  tag: 17,
  dismantle(object, to) {
    if (!isA(DOMException, "code", object)) return undefined;
    return inError(to, () => {
      const text = [to.value(object.message), to.value(object.name)];
      const shape = shapeOf(to, object, DOMException.prototype, isStack(object));
      return to.token(domException.tag, [...text, ...stackOf(object, to), shape]);
    });
  },
  assemble(parts: [unknown, unknown, ...Stack, Shape], from, pending) {
    const [message, name, stack, flags, shape] = parts;
    const [text, called] = [from.value(message) as string, from.value(name) as string];
    const made = pending.fill(new DOMException(text, called));
    return dressError(from, made, [stack, flags], shape);
  },
};

function inError(to: Dismantler, dismantle: () => Token): Token {
  return to.losses ? to.losses.inError(dismantle) : dismantle();
}

/** The getter of `stack`, in versions of V8 where `stack` is an accessor. */
const stackGetter = Object.getOwnPropertyDescriptor(new Error(), "stack")!.get;

/**
 * Gives the stack that V8 made, as a data property. Undefined when there is no stack, or when a
 * getter of the user's gives it.
 */
function ownStack(error: Error): PropertyDescriptor | undefined {
  const own = Object.getOwnPropertyDescriptor(error, "stack");
  if (!own?.get) return own;
  // Nobody who freezes an error can make an accessor read-only.
  return own.get === stackGetter ? {...own, writable: own.configurable!} : undefined;
}

function isStack(error: Error): (key: string | symbol) => boolean {
  return (key) => key === "stack" && ownStack(error) !== undefined;
}

function stackOf(error: Error, to: Dismantler): Stack {
  const own = ownStack(error);
  return own ? [[to.at("stack", error.stack)], flagsOf(own)] : [[], 0];
}

/**
 * Finds the prototype by which an error is known everywhere. Node's errors with a code have marked
 * prototypes of their own; the class above these is the public one.
 */
function publicPrototype(error: Error): unknown {
  const first = Object.getPrototypeOf(error) as object | null;
  let isNodes = false;
  for (let at = first; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (globalPath(at)) return isNodes ? at : first;
    isNodes ||= Object.getOwnPropertySymbols(at).some(
      ({description}) => description === "kIsNodeError",
    );
  }
  return first;
}

/**
 * Dresses a received error. The stack gets its place first, since a frozen error takes no
 * properties later.
 */
function dressError(from: Assembler, made: Error, [stack, flags]: Stack, shape: Shape): Error {
  const [own] = stack;
  if (own === undefined) Reflect.deleteProperty(made, "stack");
  else Object.defineProperty(made, "stack", {value: "", writable: true, configurable: true});
  dress(from, made, shape);
  if (own !== undefined)
    from.put(own, (value) => Object.defineProperty(made, "stack", {value, ...attributesOf(flags)}));
  return made;
}
