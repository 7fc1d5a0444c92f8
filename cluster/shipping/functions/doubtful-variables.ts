// Variables of functions that no emitter of ours has seen. V8 shows the values of variables, not
// the variables: two functions with an `n` of the same value may share the variable, or have one
// each. (A module's own variables exist once, so they are known.) The doubt matters only when one
// of the functions assigns to the variable: then the two can't be shipped together. Two closures of
// one place in a script have variables of their own when the script shows that.

import {offsetOf} from "./closure-inspector.js";
import {isMadeOnce} from "./made-once.js";
import {textOf} from "../source/texts.js";

interface Use {
  fn: object;
  value: unknown;
  isAssigned: boolean;
}

export class DoubtfulVariables {
  /** How many functions of packages the way to the current one leads through. */
  inPackages = 0;
  /** How many functions V8 was asked about. */
  inspected = 0;
  readonly #uses = new Map<string, Use[]>();

  /**
   * Notes a use of a variable. Gives another function that may share the variable, when that
   * matters.
   */
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

/**
 * Tells whether both are closures of one place in a script, which is reached once for each
 * variable.
 */
export function areOfTwoVariables(name: string, one: object, other: object): boolean {
  const text = textOf(one);
  return text === textOf(other) && offsetOf(one) === offsetOf(other) && isMadeOnce(one, text, name);
}
