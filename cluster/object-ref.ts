// A ticket for a value that a task will make or that was put. It can be passed on, waited for and
// fetched; it is not the value, and it is not a promise.

import type {ObjectId} from "./ids.js";

declare const valueType: unique symbol;

let heard: (ref: ObjectRef) => void = () => {};

/** Hears of every ref as it is made, by `.remote`, by `put` or out of a decoded value. */
export function onRefMade(listener: (ref: ObjectRef) => void): void {
  heard = listener;
}

export class ObjectRef<T = unknown> {
  /** 56 hex digits. */
  readonly id: ObjectId;
  declare readonly [valueType]: T;

  constructor(id: ObjectId) {
    this.id = id;
    heard(this);
  }
  hex(): string {
    return this.id;
  }
  toString(): string {
    return `ObjectRef(${this.id})`;
  }
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
