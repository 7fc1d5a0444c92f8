// A received text → functions. One compiled factory per text, however often its values change; its
// captured names are `let`s of the factory (as fast as variables ever are), set from outside.

import {Script} from "node:vm";
import type {Code} from "./code.js";
import {forgetPlace, registerPlace, shippedName} from "./places.js";
import {putThunk} from "./stamps.js";

export interface Instance {
  /** Evaluates the text; `receiver` is the `this` of an arrow. Once. */
  make(name: string, receiver: [] | [unknown]): object;
  set(slot: number, value: unknown): void;
}

type Factory = () => [
  evaluate: (this: unknown) => unknown,
  set: (slot: number, value: unknown) => void,
  captured: () => Record<string, unknown>,
];

const factories = new Map<string, {code: Code; factory: Factory}>();
/** Compiled texts kept by a process; the least recently used goes first. */
const factoryLimit = 2000;

export function instantiate(code: Code): Instance {
  const [evaluate, set, captured] = factoryOf(code)();
  return {
    set,
    make(name, receiver) {
      const evaluated = evaluate.call(receiver[0]);
      const fn = code.form === "method" ? onlyMember(evaluated as object) : (evaluated as object);
      if (name !== "" && (fn as {name?: unknown}).name !== name)
        Object.defineProperty(fn, "name", {value: name, configurable: true});
      putThunk(
        fn,
        code.place.source,
        receiver.length > 0 ? () => ({...captured(), $this: receiver[0]}) : captured,
      );
      return fn;
    },
  };
}

function factoryOf(code: Code): Factory {
  const known = factories.get(code.hash);
  if (known) {
    factories.delete(code.hash);
    factories.set(code.hash, known);
    return known.factory;
  }
  const factory = compile(code);
  factories.set(code.hash, {code, factory});
  registerPlace(code.text, code.place, code.hash);
  if (factories.size > factoryLimit) {
    const [hash, oldest] = factories.entries().next().value!;
    factories.delete(hash);
    forgetPlace(oldest.code.place, hash);
  }
  return factory;
}

/**
 * The text stands alone in its lines, at its own line and column, so that stacks need no correction.
 * Our own names in the factory must not be names of the text.
 */
function compile(code: Code): Factory {
  const {text, place} = code;
  const slots = code.superSlot ? [...code.slots, code.superSlot] : code.slots;
  let own = "$s";
  while (text.includes(own) || slots.some((slot) => slot.startsWith(own))) own += "$";
  const [open, close] = code.form === "method" ? ["({", "})"] : ["(", ")"];
  const cases = slots.map((slot, i) => `case ${i}: ${slot} = ${own}v; break;`).join(" ");
  const source = [
    `(() => { "use strict"; ${slots.length > 0 ? `let ${slots.join(", ")};` : ""} return [function () { return ${open}`,
    `${" ".repeat(place.column)}${text}`,
    `${close}; }, (${own}i, ${own}v) => { switch (${own}i) { ${cases} } }, () => ({${code.slots.join(", ")}})]; })`,
  ].join("\n");
  const script = new Script(source, {
    filename: shippedName(place, code.hash),
    lineOffset: place.line - 1,
  });
  return script.runInThisContext() as Factory;
}

/** A method or accessor was put into an object literal. */
function onlyMember(object: object): object {
  const key = Reflect.ownKeys(object)[0]!;
  const own = Object.getOwnPropertyDescriptor(object, key)!;
  return (own.value ?? own.get ?? own.set) as object;
}
