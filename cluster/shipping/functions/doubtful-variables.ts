// Variables of functions that no emitter of ours has seen. V8 shows their values, not the variables: two
// functions with an `n` of the same value may share it, or have one each. (A module's own variables are
// there once, so they are known.) That matters only when one of them assigns to it; then both can't be
// shipped together. Closures of one function are those of different calls when that can be seen.

import {offsetOf} from "./closure-inspector.js";
import {isMadeOnce} from "./made-once.js";
import {textOf} from "../source/texts.js";

interface Use {
  fn: object;
  value: unknown;
  isAssigned: boolean;
}

export class DoubtfulVariables {
  /** How many functions of packages the way leads through. */
  inPackages = 0;
  /** Functions that V8 was asked about. */
  inspected = 0;
  readonly #uses = new Map<string, Use[]>();

  /** Another function that may share the variable, so that it matters. */
  note(script: string, name: string, use: Use): object | undefined {
    const key = `${name}\0${script}`;
    const others = this.#uses.get(key) ?? [];
    this.#uses.set(key, [...others, use]);
    return others.find(
      (other) =>
        Object.is(other.value, use.value) &&
        (other.isAssigned || use.isAssigned) &&
        !areOfTwoVariables(name, other.fn, use.fn),
    )?.fn;
  }
}

/** Closures of one place in a script, which is reached once for each variable? */
export function areOfTwoVariables(name: string, one: object, other: object): boolean {
  const text = textOf(one);
  return text === textOf(other) && offsetOf(one) === offsetOf(other) && isMadeOnce(one, text, name);
}
