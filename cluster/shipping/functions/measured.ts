// Measured functions of cells: a `%%sequential` cell puts them in the place of its own functions
// and methods while it runs, and they report their calls.
//
//   f(3) → f's first statement → the measured copy, which reports the beginning → f's text,
//   evaluated once more → the copy reports the end
//
// The text is evaluated anew without that first statement, at the place where it stands in the
// cell, so that lines are right. From outside, the text uses only the session's variables, which
// are the same. In this way the feedback by which V8 optimizes the function is left alone. Methods,
// which may use private members of their class, are called as they are.

import {Script} from "node:vm";
import type {AnyNode, Function as FunctionNode} from "acorn";
import {leavesOf} from "../source/assignments.js";
import {placeOf} from "../source/places.js";
import {parseClosure} from "../source/scopes.js";
import {scriptName} from "../source/stacks.js";
import {blank, blankSpans, textOf} from "../source/texts.js";

/**
 * Hears of calls. `begin` gives the value that the other methods take; `pause` and `resume` stand
 * around an `await`.
 */
export interface CallListener<Call> {
  begin(name: string): Call;
  end(call: Call): void;
  /** Gives the error back, to be thrown on. */
  fail(call: Call, error: unknown): unknown;
  /** The caller goes on meanwhile. */
  pause(call: Call): void;
  resume(call: Call): void;
}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Makes the measured copy of a function that a cell declares at its top level. */
export function measuredCopy<Call>(
  fn: object,
  name: string,
  source: string,
  listener: CallListener<Call>,
): AnyFunction {
  const raw = textOf(fn);
  const text = blankSpans(raw);
  const {closure, prefix} = parseClosure(text);
  const {line, column} = placeOf(raw, source);
  const own = closure.type === "FunctionExpression" ? closure.id : null;
  const copied = edited(text, closure as FunctionNode, prefix.length);
  // A function that calls itself by its own name means the existing function, not the copy.
  const script = new Script(
    `"use strict"; ((${own?.name ?? ""}) => ({${JSON.stringify(own?.name ?? name)}:\n` +
      `${" ".repeat(column)}${copied}}))`,
    {filename: scriptName(source), lineOffset: line - 1},
  );
  const make = script.runInThisContext() as (fn: object) => Record<string, AnyFunction>;
  return measured(Object.values(make(fn))[0]!, name, listener);
}

/**
 * Edits a function's text: the parameters become the names that they bind, and the function loses
 * its name.
 */
function edited(text: string, {type, id, params}: FunctionNode, offset: number): string {
  let out = text;
  const put = (start: number, end: number, by: string) => {
    out = out.slice(0, start - offset) + by + out.slice(end - offset);
  };
  if (type === "FunctionExpression" && id) put(id.start, id.end, blank(id.name));
  if (params.every((param) => param.type === "Identifier")) return out;
  if (/\barguments\b/.test(text) && type !== "ArrowFunctionExpression") return out;
  const [start, end] = [params[0]!.start, params.at(-1)!.end];
  const names = params.flatMap((param) => leavesOf(param as AnyNode));
  // Each name stays where it is. Between two names there is at least one character.
  let list = blank(text.slice(start - offset, end - offset));
  names.forEach((name, i) => {
    const word = text.slice(name.start - offset, name.end - offset);
    const shown = i < names.length - 1 ? `${word},` : word;
    list =
      list.slice(0, name.start - start) + shown + list.slice(name.start - start + shown.length);
  });
  put(start, end, list);
  return out;
}

const originals = new WeakMap<object, object>();

/** Makes a measured version of the same function or method. */
export function measured<Call>(
  fn: AnyFunction,
  name: string,
  listener: CallListener<Call>,
): AnyFunction {
  const made = wrappers[kindOf(fn)](fn, name, listener as CallListener<unknown>);
  for (const key of ["name", "length"] as const)
    Object.defineProperty(made, key, {value: fn[key], configurable: true});
  originals.set(made, fn);
  return made;
}

/** Gives the function behind a measured one, and any other value as it is. */
export function unmeasured<T>(value: T): T {
  return (originals.get(value as object) as T | undefined) ?? value;
}

type Kind = "plain" | "async" | "generator" | "asyncGenerator";

function kindOf(fn: AnyFunction): Kind {
  switch (Object.prototype.toString.call(fn)) {
    case "[object AsyncFunction]":
      return "async";
    case "[object GeneratorFunction]":
      return "generator";
    case "[object AsyncGeneratorFunction]":
      return "asyncGenerator";
    default:
      return "plain";
  }
}

type Wrap = (fn: AnyFunction, name: string, listener: CallListener<unknown>) => AnyFunction;

const wrappers: Record<Kind, Wrap> = {
  plain: (fn, name, listener) =>
    function (...args) {
      const call = listener.begin(name);
      try {
        return Reflect.apply(fn, this, args);
      } catch (error) {
        throw listener.fail(call, error);
      } finally {
        listener.end(call);
      }
    },
  // After an `await` in the function, the context of the call is current: its promises carry it
  // (carry.ts).
  async: (fn, name, listener) =>
    async function (...args) {
      const call = listener.begin(name);
      try {
        const promise = Reflect.apply(fn, this, args);
        listener.pause(call);
        const value = await promise;
        listener.resume(call);
        return value;
      } catch (error) {
        throw listener.fail(call, error);
      } finally {
        listener.end(call);
      }
    },
  generator: (fn, name, listener) =>
    function* (...args) {
      const call = listener.begin(name);
      try {
        const made = Reflect.apply(fn, this, args) as Generator;
        return yield* stepped(made, call, listener) as Generator;
      } catch (error) {
        throw listener.fail(call, error);
      } finally {
        listener.end(call);
      }
    },
  asyncGenerator: (fn, name, listener) =>
    async function* (...args) {
      const call = listener.begin(name);
      try {
        const made = Reflect.apply(fn, this, args) as AsyncGenerator;
        return yield* stepped(made, call, listener) as AsyncGenerator;
      } catch (error) {
        throw listener.fail(call, error);
      } finally {
        listener.end(call);
      }
    },
};

type AnyGenerator = Generator | AsyncGenerator;

/** The same generator, whose caller goes on after each step. */
function stepped(generator: AnyGenerator, call: unknown, listener: CallListener<unknown>): object {
  const step = (method: "next" | "return" | "throw") => (value: unknown) => {
    listener.resume(call);
    try {
      return generator[method](value);
    } finally {
      listener.pause(call);
    }
  };
  const made = {next: step("next"), return: step("return"), throw: step("throw")};
  return Object.assign(made, {[Symbol.iterator]: () => made, [Symbol.asyncIterator]: () => made});
}
