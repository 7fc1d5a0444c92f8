// A ticket for a value that a task will make or that was put. A ref can be passed on, waited for
// and fetched. It is neither the value nor a promise.

import type {ObjectId} from "../ids.js";
import type {Hold} from "./home.js";

declare const valueType: unique symbol;

interface Listener {
  made(ref: ObjectRef): Hold;
  released(hold: Hold): void;
}

let listener: Listener = {
  made() {
    throw new Error("refs are counted by nobody: import the cluster's index");
  },
  released() {},
};

/**
 * Sets the listener that hears of every ref as it is made, by `.remote`, by `put` or out of a
 * decoded value, and of every ref that the program releases.
 */
export function onRefs(hears: Listener): void {
  listener = hears;
}

/** The hold is in the ref: a list of thousands needs no look-up by id. */
export let holdOf: (ref: ObjectRef) => Hold;

/** Did the program let go of this ref by `release` or `using`? */
export const isReleased = (ref: ObjectRef): boolean => holdOf(ref).isReleased;

/**
 * A ticket for a value, which `.remote(…)` and `put` give and `get` turns into the value. It is no
 * promise: `await ref` gives the ref.
 *
 * The value is kept as long as a ref of it is held anywhere, in any process. V8 collects dropped
 * refs when it sees fit; `using` and `release()` let go at once.
 *
 * Ray's counterpart: [ObjectRef](https://docs.ray.io/en/latest/ray-core/objects.html).
 *
 * @example
 * ```ts
 * import {get, put, remote, type ObjectRef} from "tasklab";
 *
 * const sum = remote((rows: number[]) => rows.reduce((a, b) => a + b, 0));
 * using table: ObjectRef<number[]> = put([1, 2, 3]); // let go at the end of the block
 * console.log(await get(sum.remote(table))); // → 6
 * ```
 */
export class ObjectRef<T = unknown> {
  /** The value's id, 56 hex digits, which never changes. */
  readonly id: ObjectId;
  declare readonly [valueType]: T;
  readonly #hold: Hold;

  static {
    holdOf = (ref) => ref.#hold;
  }

  constructor(id: ObjectId) {
    this.id = id;
    this.#hold = listener.made(this);
  }
  /**
   * Lets go of this ref now, instead of when V8 collects it. Later uses of this ref throw a
   * UsageError. Other refs of the same value, and tasks that were given this ref, go on. A second
   * call does nothing.
   */
  release(): void {
    if (this.#hold.isReleased) return;
    this.#hold.isReleased = true;
    listener.released(this.#hold);
  }
  /** Does the same as `release()`, at the end of a block with `using ref = …`. */
  [Symbol.dispose](): void {
    this.release();
  }
  /** Gives the id, as Ray's `ObjectRef.hex` does. */
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
