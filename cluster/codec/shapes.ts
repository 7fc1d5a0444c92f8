// What an object has beside its contents, on the way out and on the way in: its prototype, its own
// properties with their attributes, whether more may be added, and its private members.

import {types} from "node:util";
import type {UsualProperties} from "../shipping/functions/as-written.js";
import {attributesOf, flagsOf} from "../shipping/functions/attributes.js";
import {classOfPrototype} from "../shipping/functions/class-members.js";
import {thunkOf} from "../shipping/functions/stamps.js";
import {describePackageFile} from "../shipping/modules/package-files.js";
import {globalPath} from "../shipping/names/intrinsics.js";
import {isUnique} from "../shipping/names/symbols.js";
import type {Assembler} from "./assemble.js";
import type {Dismantler} from "./dismantle.js";
import type {AnyFunction} from "./elsewhere.js";
import {wholeAccessor} from "./losses.js";
import {Flag} from "./marks.js";
import {givePrivateMembers, privateMembers} from "./private-members.js";
import {advice} from "./refusal.js";

/**
 * What an object has beside its contents: [prototype, own properties, is extensible, private
 * members]. A prototype is `0` (the usual one of its kind), `null` or a value. Properties are key,
 * flags, value in turn; without a value when it is the one that the text of a function gives, or
 * when that was taken away. Private members are a class and the values of its fields in turn.
 */
export type Shape = [
  prototype: unknown,
  properties: unknown[],
  extensible: boolean,
  privates?: unknown[],
];

/** Takes the shape of an object, whose prototype would usually be `usualPrototype`. */
export function shapeOf(
  to: Dismantler,
  object: object,
  usualPrototype: unknown,
  isLeftOut?: (key: string | symbol) => boolean,
  prototype: unknown = Object.getPrototypeOf(object),
  usual: UsualProperties = noneUsual,
): Shape {
  const properties: unknown[] = [];
  const isUsual = prototype === usualPrototype;
  const losses = to.losses?.isOpen && types.isNativeError(object) ? to.losses : null;
  const prototypeTree = isUsual
    ? 0
    : losses
      ? losses.prototypeOf(object as Error, prototype, properties)
      : to.prototype(prototype);
  if (!isUsual) noteSymbols(object, prototype);
  for (const key of Reflect.ownKeys(object)) {
    if (isLeftOut?.(key)) continue;
    const own = Object.getOwnPropertyDescriptor(object, key)!;
    const flags = flagsOf(own);
    checkMethod(key, own.value, prototype, to);
    const asWritten = usual.get(key);
    if (asWritten?.isSame(own)) {
      if (flags !== asWritten.flags) properties.push(to.value(key), flags | Flag.kept, null);
    } else if (own.get || own.set) {
      properties.push(...(to.losses?.accessor(object, key, own) ?? wholeAccessor(key, own, to)));
    } else properties.push(to.value(key), flags, to.at(key, own.value));
  }
  for (const key of usual.keys())
    if (!Object.hasOwn(object, key)) properties.push(to.value(key), Flag.absent, null);
  const isExtensible = Object.isExtensible(object) || object === to.losses?.root;
  const shape: Shape = [prototypeTree, properties, isExtensible];
  const privates = isUsual ? [] : privateMembers(object, to, losses?.hidingIn(properties));
  if (privates.length > 0) shape.push(privates);
  return shape;
}

/**
 * Takes the shape of an object whose contents were taken already; null when the object has nothing
 * unusual.
 */
export function extrasOf(
  to: Dismantler,
  object: object,
  usualPrototype: unknown,
  isLeftOut?: (key: string | symbol) => boolean,
  usual?: UsualProperties,
): Shape | null {
  const prototype: unknown = Object.getPrototypeOf(object);
  const shape = shapeOf(to, object, usualPrototype, isLeftOut, prototype, usual);
  return shape[0] === 0 && shape[1].length === 0 && shape[2] ? null : shape;
}

const noneUsual: UsualProperties = new Map();

/** Finds the names of symbols that the packages of an object's classes keep for themselves. */
function noteSymbols(object: object, prototype: unknown): void {
  if (!Object.getOwnPropertySymbols(object).some(isUnique)) return;
  for (let at = prototype; at && !globalPath(at); at = Object.getPrototypeOf(at) as unknown) {
    const owner = classOfPrototype(at);
    if (owner && !thunkOf(owner)) describePackageFile(owner);
  }
}

/** Refuses a method that an object of a task's result has in the place of its class's. */
function checkMethod(
  key: string | symbol,
  method: unknown,
  prototype: unknown,
  to: Dismantler,
): void {
  if (typeof method !== "function" || to.losses?.isOpen || to.takes(method as AnyFunction)) return;
  if (!hasMethod(prototype as object | null, key)) return;
  to.path.push(key);
  to.refuse("a method that differs from its class's", advice.method);
}

/** Tells whether a class gives its instances the method. No accessor is called. */
function hasMethod(prototype: object | null, key: string | symbol): boolean {
  for (let at = prototype; at; at = Object.getPrototypeOf(at) as object | null) {
    const own = Object.getOwnPropertyDescriptor(at, key);
    if (own) return key !== "constructor" && typeof own.value === "function";
  }
  return false;
}

// ---- where the value arrives ----

/** Gives `object` its prototype and own properties. */
export function dress<T>(
  from: Assembler,
  object: T,
  shape: Shape | null,
  real = () => object as object,
): T {
  if (!shape) return object;
  const [prototype, properties, isExtensible, privates = []] = shape;
  if (prototype !== 0)
    from.put(prototype, (value) => Object.setPrototypeOf(object, value as object | null));
  let missing = properties.length / 3 + privates.length / 2 + 1;
  const finish = () => {
    if (--missing === 0 && !isExtensible) Object.preventExtensions(object);
  };
  for (let i = 0; i < properties.length; i += 3) {
    const key = from.value(properties[i]) as string | symbol;
    const flags = properties[i + 1] as number;
    const define = (parts: PropertyDescriptor) => {
      Reflect.defineProperty(object as object, key, {
        ...parts,
        enumerable: (flags & Flag.enumerable) !== 0,
        configurable: (flags & Flag.configurable) !== 0,
      });
      finish();
    };
    if (flags & (Flag.kept | Flag.absent)) {
      keep(object as object, key, flags);
      finish();
    } else if (flags & Flag.accessor) accessor(from, properties[i + 2] as unknown[], define);
    else
      from.put(properties[i + 2], (value) =>
        define({value, writable: (flags & Flag.writable) !== 0}),
      );
  }
  givePrivateMembers(from, real, privates, finish);
  finish();
  return object;
}

function accessor(
  from: Assembler,
  pair: unknown[],
  define: (parts: PropertyDescriptor) => void,
): void {
  from.all(pair, ([get, set]) =>
    define({get: get as () => unknown, set: set as (value: unknown) => void}),
  );
}

/** Keeps or deletes the property that the text of a function has made. */
function keep(object: object, key: string | symbol, flags: number): void {
  const own = Object.getOwnPropertyDescriptor(object, key);
  if (!own) return;
  if (flags & Flag.absent) Reflect.deleteProperty(object, key);
  else {
    const {writable, ...others} = attributesOf(flags);
    const isData = "value" in own;
    Reflect.defineProperty(object, key, {...own, ...others, ...(isData ? {writable} : {})});
  }
}
