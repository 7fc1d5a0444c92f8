// A received text → functions. A text is compiled once, however often its values change.
//
// A captured name that nobody assigns to is a parameter of the factory. V8 treats it as a constant:
// a loop over it runs as fast as one over literals, and 2.5 times slower over a `let`. Names that
// are assigned, or whose value is made later (a cycle), are `let`s that are set from outside.
// Variables that the function shares with others are none of these: the text is evaluated in the
// scope that has them.

import {Script} from "node:vm";
import type {Code} from "../source/code.js";
import type {LiveScope} from "./live-scopes.js";
import {quietImport} from "./dynamic-imports.js";
import {noteSloppy} from "./modes.js";
import {forgetPlace, registerPlace, shippedName} from "../source/places.js";
import {scriptName} from "../source/stacks.js";
import {replaceThunk} from "./stamps.js";
import type {ScopeToken} from "../source/thunk.js";

/** Stands for the value of a name that is set afterwards. */
export const open = Symbol("set later");
/** Stands for the value of a name that the scope around has. */
export const shared = Symbol("in its scope");

export interface Instance {
  /** Evaluates the text, once. `receiver` is the `this` of an arrow function. */
  make(name: string, receiver: [] | [unknown]): object;
  set(slot: number, value: unknown): void;
}

type Factory = (
  scope: ScopeToken | undefined,
  ...fixed: unknown[]
) => [
  evaluate: (this: unknown) => unknown,
  set: (slot: number, value: unknown) => void,
  captured: () => Record<string, unknown>,
];

interface Compiled {
  code: Code;
  source: string;
  script: Script | undefined;
  factory: Factory | undefined;
  revivals: number;
}

/**
 * How often a text gets a factory of its own, and so feedback of its own, by which V8 optimizes the
 * function. When functions share a factory, V8 does not inline them into each other's callers any
 * more (measured: two that call each other are 6 times slower). A text that is revived more often
 * has short tasks, which do better with code that is optimized already.
 */
const ownFeedbackLimit = 20;

const compiled = new Map<string, Compiled>();
/** How many compiled texts a process keeps; the least recently used goes first. */
const compiledLimit = 2000;

/**
 * Makes an instance of a text. `values`: of the slots and of the class that it extends, with `open`
 * for values that may change.
 */
export function instantiate(
  code: Code,
  values: readonly unknown[],
  scope: LiveScope | undefined,
): Instance {
  const fixed = values.filter((value) => value !== open && value !== shared);
  const [evaluate, set, captured] = factoryOf(code, values, scope)(scope, ...fixed);
  return {
    set,
    make(name, receiver) {
      const evaluated = evaluate.call(receiver[0]);
      const fn = code.form === "method" ? onlyMember(evaluated as object) : (evaluated as object);
      if (name !== "" && (fn as {name?: unknown}).name !== name)
        Object.defineProperty(fn, "name", {value: name, configurable: true});
      if (code.isSloppy) noteSloppy(fn);
      replaceThunk(
        fn,
        code.place.source,
        receiver.length > 0 ? () => ({...captured(), $this: receiver[0]}) : captured,
      );
      return fn;
    },
  };
}

/** All names of a text: the class that a class extends has one like the others. */
export function slotsOf(code: Code): readonly string[] {
  return code.superSlot ? [...code.slots, code.superSlot] : code.slots;
}

function factoryOf(code: Code, values: readonly unknown[], scope: LiveScope | undefined): Factory {
  const kinds = values
    .map((value) => (value === open ? "o" : value === shared ? "s" : "f"))
    .join("");
  const key = `${code.hash} ${kinds}`;
  let known = compiled.get(key);
  if (known) compiled.delete(key);
  else {
    const source = sourceOf(code, kinds);
    known = {code, source, script: undefined, factory: undefined, revivals: 0};
    registerPlace(code.text, code.place, code.hash);
  }
  compiled.set(key, known);
  if (compiled.size > compiledLimit) {
    const [oldestKey, oldest] = compiled.entries().next().value!;
    compiled.delete(oldestKey);
    forgetPlace(oldest.code.place, oldest.code.hash);
  }
  if (scope && kinds.includes("s")) return scope.evaluate(inPlace(known), code.isSloppy) as Factory;
  known.script ??= new Script(known.source, {
    filename: shippedName(code.place, code.hash),
    lineOffset: code.place.line - 1,
    // `import()` in cells is the kernel's; in plain programs it is Node's, from where the text was
    // written.
    ...(/\bimport\s*\(/.test(code.text) ? quietImport() : {}),
  });
  if (known.revivals++ < ownFeedbackLimit)
    known.factory = known.script.runInThisContext() as Factory;
  return known.factory!;
}

/** Gives the source a name and an offset, which `eval` does not take. */
function inPlace({source, code: {place, hash}}: Compiled): string {
  const name = scriptName(shippedName(place, hash));
  return `${"\n".repeat(Math.max(0, place.line - 1))}${source}\n//# sourceURL=${name}`;
}

/**
 * The source of a factory. The text stands alone in its lines, at its own line and column, so that
 * stacks need no correction. Our own names in the factory must not be names of the text.
 */
function sourceOf(code: Code, kinds: string): string {
  const {text, place} = code;
  const slots = slotsOf(code);
  const ofKind = (kind: string) => slots.filter((_, i) => kinds[i] === kind);
  let own = "$s";
  while (text.includes(own) || slots.some((slot) => slot.startsWith(own))) own += "$";
  const [opening, close] = code.form === "method" ? ["({", "})"] : ["(", ")"];
  const openSlots = ofKind("o");
  const cases = openSlots.map((slot) => `case ${slots.indexOf(slot)}: ${slot} = ${own}v; break;`);
  const variables = openSlots.length > 0 ? `let ${openSlots.join(", ")};` : "";
  const ofSession = code.slots.filter((slot) => !code.own.includes(slot));
  const captured = [...ofSession, code.scopeName, ...code.own];
  return [
    `((${[code.scopeName, ...ofKind("f")].join(", ")}) => { ${code.isSloppy ? "" : '"use strict"; '}${variables} return [function () { return ${opening}`,
    `${" ".repeat(place.column)}${text}`,
    `${close}; }, (${own}i, ${own}v) => { switch (${own}i) { ${cases.join(" ")} } }, () => ({${captured.join(", ")}})]; })`,
  ].join("\n");
}

/** Takes a method or accessor out of the object literal that it was put into. */
function onlyMember(object: object): object {
  const key = Reflect.ownKeys(object)[0]!;
  const own = Object.getOwnPropertyDescriptor(object, key)!;
  return (own.value ?? own.get ?? own.set) as object;
}
