// Tells whether a large value is still what it was when it was encoded. To compare takes a tenth of
// the time of encoding, and calls none of the value's getters. A snapshot sees all that the
// dismantler takes of lists, records, maps, sets, dates, and objects of classes without private
// members.

import {types} from "node:util";
import {isReleased, ObjectRef} from "../api/object-ref.js";
import {flattenFrom, flattenNumbers, hasOnlyElements} from "./buffers.js";
import {isDense, isResizable} from "./plain.js";

type Kind = "list" | "numbers" | "record" | "map" | "set" | "date" | "ref";

export class Snapshot {
  /** Each object, its kind and its contents, one after the other. */
  readonly #slots: unknown[] = [];
  #at = 0;

  /** `objects`: all objects of a value. The kind of each has to be comparable. */
  constructor(objects: Iterable<object>) {
    let keys: string[] = [];
    for (const object of objects) {
      const flat = maybeFlat(object);
      if (flat) this.#add(object, "numbers", flat);
      else if (Array.isArray(object)) this.#addAll(object, "list", object);
      else if (types.isMap(object)) this.#addAll(object, "map", entriesOf(object));
      else if (types.isSet(object)) this.#addAll(object, "set", elementsOf(object));
      else if (types.isDate(object)) this.#add(object, "date", timeOf(object));
      else if (object instanceof ObjectRef) this.#add(object, "ref");
      else {
        const own = Object.keys(object);
        // Most records have the keys of the record before.
        if (!isSameList(own, keys)) keys = own;
        this.#add(object, "record", Object.getPrototypeOf(object), keys);
        for (const key of keys) this.#slots.push((object as Record<string, unknown>)[key]);
      }
    }
  }

  isUnchanged(): boolean {
    this.#at = 0;
    while (this.#at < this.#slots.length) {
      const object = this.#next() as object;
      if (!this.#isStill(object, this.#next() as Kind)) return false;
    }
    return true;
  }

  #isStill(object: object, kind: Kind): boolean {
    switch (kind) {
      case "list":
        return (
          isUsualList(object as unknown[]) &&
          isDense(object as unknown[]) &&
          this.#isNext(object as unknown[])
        );
      case "numbers":
        return isUsualList(object as unknown[]) && isFlat(object as number[], this.#next());
      case "record":
        return this.#next() === Object.getPrototypeOf(object) && this.#isNextRecord(object);
      case "map":
        return isBare(object, Map.prototype) && this.#isNext(entriesOf(object as Map<1, 1>));
      case "set":
        return isBare(object, Set.prototype) && this.#isNext(elementsOf(object as Set<1>));
      case "date":
        return isBare(object, Date.prototype) && Object.is(this.#next(), timeOf(object as Date));
      case "ref":
        return !isReleased(object as ObjectRef);
    }
  }

  #isNext(values: readonly unknown[]): boolean {
    if (values.length !== this.#next()) return false;
    for (let i = 0; i < values.length; i++) if (!Object.is(values[i], this.#next())) return false;
    return true;
  }
  #isNextRecord(object: object): boolean {
    const keys = this.#next() as string[];
    const own = Object.getOwnPropertyNames(object);
    if (!isSameList(own, keys) || !Object.isExtensible(object)) return false;
    if (Object.getOwnPropertySymbols(object).length > 0) return false;
    for (const key of keys) {
      const {value, writable, enumerable, configurable} = Object.getOwnPropertyDescriptor(
        object,
        key,
      )!;
      if (!writable || !enumerable || !configurable || !Object.is(value, this.#next()))
        return false;
    }
    return true;
  }

  #next(): unknown {
    return this.#slots[this.#at++];
  }
  #add(...slots: unknown[]): void {
    this.#slots.push(...slots);
  }
  #addAll(object: object, kind: Kind, contents: readonly unknown[]): void {
    this.#slots.push(object, kind, contents.length);
    for (const value of contents) this.#slots.push(value);
  }
}

function isUsualList(list: unknown[]): boolean {
  return (
    Object.getPrototypeOf(list) === Array.prototype &&
    Object.isExtensible(list) &&
    isResizable(list) &&
    hasOnlyElements(list)
  );
}
function isBare(object: object, prototype: object): boolean {
  return (
    Object.getPrototypeOf(object) === prototype &&
    Object.isExtensible(object) &&
    Reflect.ownKeys(object).length === 0
  );
}

function maybeFlat(object: object): Float64Array | null {
  const isLong = Array.isArray(object) && object.length >= flattenFrom;
  return isLong && typeof object[0] === "number" ? flattenNumbers(object) : null;
}
function isFlat(list: readonly unknown[], flat: unknown): boolean {
  const numbers = flat as Float64Array;
  if (list.length !== numbers.length) return false;
  for (let i = 0; i < list.length; i++) if (!Object.is(list[i], numbers[i])) return false;
  return true;
}

function entriesOf(map: Map<unknown, unknown>): unknown[] {
  const entries: unknown[] = [];
  Map.prototype.forEach.call(map, (value, key) => entries.push(key, value));
  return entries;
}
function elementsOf(set: Set<unknown>): unknown[] {
  const elements: unknown[] = [];
  Set.prototype.forEach.call(set, (element) => elements.push(element));
  return elements;
}
function timeOf(date: Date): number {
  return Date.prototype.getTime.call(date);
}

function isSameList(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let i = 0; i < some.length; i++) if (some[i] !== others[i]) return false;
  return true;
}
