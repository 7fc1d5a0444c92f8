// What a value holds, read without running any of the user's code: getters are named, not called.

import {inspect, types} from "node:util";

export interface Property {
  /** A name, an index, a map's key; null for a set's value and what has no place. */
  key: unknown;
  value: unknown;
}

export interface Properties {
  total: number;
  /** The first ones, and how many there are beyond those. */
  take(limit: number): {first: Property[]; more: number};
}

/** Stands for what has no value: a getter, a gap in an array. Is printed as its text. */
export class Placeholder {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  [inspect.custom](): string {
    return this.text;
  }
}

/** Arrays up to this length are looked through for properties besides their elements. */
const maxNamedArray = 1000;

export function propertiesOf(object: object): Properties {
  if (Array.isArray(object)) return elementsOf(object);
  if (types.isMap(object)) {
    const entries = () => Map.prototype.entries.call(object) as Iterable<[unknown, unknown]>;
    return listed(object.size, (limit) =>
      take(entries(), limit).map(([key, value]) => ({key, value})),
    );
  }
  if (types.isSet(object)) {
    const values = () => Set.prototype.values.call(object) as Iterable<unknown>;
    return listed(object.size, (limit) =>
      take(values(), limit).map((value) => ({key: null, value})),
    );
  }
  const keys = keysOf(object);
  return listed(keys.length, (limit) => keys.slice(0, limit).map((key) => propertyOf(object, key)));
}

function listed(total: number, list: (limit: number) => Property[]): Properties {
  return {
    total,
    take(limit) {
      const first = list(limit);
      return {first, more: total - first.length};
    },
  };
}

/** What would be printed of an object by its prompt. */
function keysOf(object: object): PropertyKey[] {
  const keys: PropertyKey[] = Object.keys(object);
  for (const symbol of Object.getOwnPropertySymbols(object))
    if (Object.prototype.propertyIsEnumerable.call(object, symbol)) keys.push(symbol);
  return keys;
}

function propertyOf(object: object, key: PropertyKey): Property {
  return {key, value: valueAt(object, key)};
}

/** The value of a property; a placeholder for one that would have to be computed. */
export function valueAt(object: object, key: PropertyKey): unknown {
  let found: PropertyDescriptor | undefined;
  try {
    found = Object.getOwnPropertyDescriptor(object, key);
  } catch {
    // An export of a module that has not run so far.
    return new Placeholder("<uninitialized>");
  }
  if (!found) return undefined;
  const {get, set} = found;
  if (get) return new Placeholder(set ? "[Getter/Setter]" : "[Getter]");
  return set ? new Placeholder("[Setter]") : (found.value as unknown);
}

/** Of a long array the elements alone: its other keys could be had only among theirs. */
function elementsOf(array: readonly unknown[]): Properties {
  const isLong = array.length > maxNamedArray;
  const named = isLong ? [] : keysOf(array).filter((key) => !/^\d+$/.test(String(key)));
  return {
    total: array.length + named.length,
    take(limit) {
      const end = Math.min(array.length, limit);
      const first = elements(array, end);
      const room = Math.max(0, limit - end);
      first.push(...named.slice(0, room).map((key) => propertyOf(array, key)));
      return {first, more: array.length - end + Math.max(0, named.length - room)};
    },
  };
}

/** The elements up to `end`; gaps in a row are one. */
function elements(array: readonly unknown[], end: number): Property[] {
  const found: Property[] = [];
  for (let index = 0; index < end; index++) {
    if (index in array) {
      found.push(propertyOf(array, index));
      continue;
    }
    const from = index;
    while (index + 1 < end && !(index + 1 in array)) index++;
    const gaps = index - from + 1;
    found.push({key: null, value: new Placeholder(`<${gaps} empty item${gaps === 1 ? "" : "s"}>`)});
  }
  return found;
}

function take<T>(values: Iterable<T>, limit: number): T[] {
  const taken: T[] = [];
  if (limit <= 0) return taken;
  for (const value of values) {
    taken.push(value);
    if (taken.length >= limit) break;
  }
  return taken;
}

/** The name of the class that made the object: "Object" and "Array" too; "" without one. */
export function classNameOf(object: object): string {
  let prototype: unknown = object;
  while (typeof prototype === "object" && prototype !== null) {
    const {value} = Object.getOwnPropertyDescriptor(prototype, "constructor") ?? {};
    if (typeof value === "function" && prototype !== object) {
      const name: unknown = Object.getOwnPropertyDescriptor(value, "name")?.value;
      return typeof name === "string" ? name : "";
    }
    prototype = Object.getPrototypeOf(prototype);
  }
  return "";
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Made by `{…}`: the prototype is Object's, or there is none. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || types.isProxy(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
