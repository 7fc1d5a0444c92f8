// Own properties that a function or class has from its text alone. These need not travel; only
// later changes do. A member may have been replaced, taken away, or made read-only.

import {flagsOf} from "./attributes.js";
import {unmeasured} from "./measured.js";
import {blankSpans, textOf} from "../source/texts.js";
import type {Member, Written} from "../source/written.js";
import {thunkOf} from "./stamps.js";

/** How a property is when nobody has touched it. */
export interface Usual {
  flags: number;
  isSame(own: PropertyDescriptor): boolean;
}
export type UsualProperties = Map<string | symbol, Usual>;

const [hidden, fixed, method] = [1, 4, 5];

/** The usual properties of a function. */
export function usualOfFunction(
  fn: object,
  {length}: Pick<Written, "length">,
  hasPrototype: boolean,
): UsualProperties {
  const usual: UsualProperties = new Map([
    ["length", {flags: fixed, isSame: ({value}) => value === length}],
    // The name travels with the function.
    ["name", {flags: fixed, isSame: ({value}) => typeof value === "string"}],
  ]);
  if (hasPrototype) usual.set("prototype", {flags: hidden, isSame: () => true});
  // Properties of sloppy functions.
  for (const key of ["arguments", "caller"])
    if (Object.getOwnPropertyDescriptor(fn, key)?.value === null)
      usual.set(key, {flags: 0, isSame: ({value}) => value === null});
  return usual;
}

/** The usual properties of what a function or class has as `prototype`. */
export function usualOfPrototype(owner: object, written: Written): UsualProperties {
  const usual = usualMembers((owner as {prototype: object}).prototype, written, false);
  return usual.set("constructor", {flags: method, isSame: ({value}) => value === owner});
}
export function usualOfClass(cls: object, written: Written): UsualProperties {
  const usual: UsualProperties = new Map([
    ...usualOfFunction(cls, written, false),
    ["prototype", {flags: 0, isSame: () => true}],
  ]);
  for (const [key, member] of usualMembers(cls, written, true)) usual.set(key, member);
  return usual;
}

type Parts = Partial<Record<Member["kind"], string>>;

function usualMembers(object: object, {members}: Written, isStatic: boolean): UsualProperties {
  const own = members.filter((member) => member.isStatic === isStatic);
  const named = new Map<string, Parts>();
  for (const {key, kind, text} of own) {
    if (key === null) continue;
    const before = kind === "value" ? {} : named.get(key);
    named.set(key, {...(before?.value === undefined ? before : {}), [kind]: text});
  }
  const usual: UsualProperties = new Map();
  for (const [key, parts] of named) usual.set(key, usualMember(parts));
  // Members with computed names are known from the object alone.
  const computed = own.filter(({key}) => key === null);
  if (computed.length > 0)
    for (const key of Reflect.ownKeys(object)) {
      if (usual.has(key)) continue;
      const parts = partsOf(Object.getOwnPropertyDescriptor(object, key)!);
      const isFound = ([kind, text]: [string, string]) =>
        computed.some((member) => member.kind === kind && member.text === text);
      if (parts && Object.entries(parts).every(isFound)) usual.set(key, usualMember(parts));
    }
  return usual;
}

function usualMember(parts: Parts): Usual {
  return {
    flags: parts.value === undefined ? fixed : method,
    isSame(own) {
      const found = partsOf(own);
      return (
        found !== null &&
        (["value", "get", "set"] as const).every((kind) => found[kind] === parts[kind])
      );
    },
  };
}

/** The texts of a member; null when something else took its place. */
function partsOf(own: PropertyDescriptor): Parts | null {
  const parts: Parts = {};
  for (const kind of ["value", "get", "set"] as const) {
    const part: unknown = unmeasured(own[kind]);
    if (part === undefined) continue;
    if (typeof part !== "function" || thunkOf(part)) return null;
    parts[kind] = blankSpans(textOf(part));
  }
  return parts;
}

/** Tells whether the object has these properties and no others, each in its usual form. */
export function hasOnly(object: object, usual: UsualProperties): boolean {
  const keys = Reflect.ownKeys(object);
  return (
    keys.length === usual.size &&
    Object.isExtensible(object) &&
    keys.every((key) => {
      const own = Object.getOwnPropertyDescriptor(object, key)!;
      const known = usual.get(key);
      return known?.flags === flagsOf(own) && known.isSame(own);
    })
  );
}
