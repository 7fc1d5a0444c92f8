// A received text → functions. One compiled factory per text, however often its values change.
//
// A captured name that nobody assigns to is a parameter of the factory, which V8 treats as a constant
// (a loop over it runs as fast as one over literals; 2.5 times slower over a `let`). Names that are
// assigned, or whose value is made later (a cycle), are `let`s, set from outside.

import {Script} from "node:vm";
import type {Code} from "./code.js";
import {forgetPlace, registerPlace, shippedName} from "./places.js";
import {putThunk} from "./stamps.js";

/** Stands for the value of a name that is set afterwards. */
export const open = Symbol("set later");

export interface Instance {
  /** Evaluates the text; `receiver` is the `this` of an arrow. Once. */
  make(name: string, receiver: [] | [unknown]): object;
  set(slot: number, value: unknown): void;
}

type Factory = (
  ...fixed: unknown[]
) => [
  evaluate: (this: unknown) => unknown,
  set: (slot: number, value: unknown) => void,
  captured: () => Record<string, unknown>,
];

const factories = new Map<string, {code: Code; factory: Factory}>();
/** Compiled texts kept by a process; the least recently used goes first. */
const factoryLimit = 2000;

/** `values`: of the slots, `open` for those that may change. */
export function instantiate(code: Code, values: readonly unknown[]): Instance {
  const openSlots = slotsOf(code).filter((_, i) => i >= values.length || values[i] === open);
  const fixed = values.filter((value) => value !== open);
  const [evaluate, set, captured] = factoryOf(code, openSlots)(...fixed);
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

/** The class that a class extends is a name like the others. */
function slotsOf(code: Code): readonly string[] {
  return code.superSlot ? [...code.slots, code.superSlot] : code.slots;
}

function factoryOf(code: Code, openSlots: readonly string[]): Factory {
  const key = `${code.hash} ${openSlots.join()}`;
  const known = factories.get(key);
  if (known) {
    factories.delete(key);
    factories.set(key, known);
    return known.factory;
  }
  const factory = compile(code, openSlots);
  factories.set(key, {code, factory});
  registerPlace(code.text, code.place, code.hash);
  if (factories.size > factoryLimit) {
    const [oldestKey, oldest] = factories.entries().next().value!;
    factories.delete(oldestKey);
    forgetPlace(oldest.code.place, oldest.code.hash);
  }
  return factory;
}

/**
 * The text stands alone in its lines, at its own line and column, so that stacks need no correction.
 * Our own names in the factory must not be names of the text.
 */
function compile(code: Code, openSlots: readonly string[]): Factory {
  const {text, place} = code;
  const slots = slotsOf(code);
  const fixed = slots.filter((slot) => !openSlots.includes(slot));
  let own = "$s";
  while (text.includes(own) || slots.some((slot) => slot.startsWith(own))) own += "$";
  const [opening, close] = code.form === "method" ? ["({", "})"] : ["(", ")"];
  const cases = openSlots.map((slot) => `case ${slots.indexOf(slot)}: ${slot} = ${own}v; break;`);
  const variables = openSlots.length > 0 ? `let ${openSlots.join(", ")};` : "";
  const source = [
    `((${fixed.join(", ")}) => { "use strict"; ${variables} return [function () { return ${opening}`,
    `${" ".repeat(place.column)}${text}`,
    `${close}; }, (${own}i, ${own}v) => { switch (${own}i) { ${cases.join(" ")} } }, () => ({${code.slots.join(", ")}})]; })`,
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
