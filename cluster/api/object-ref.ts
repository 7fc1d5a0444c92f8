// A ticket for a value that a task will make or that was put. It can be passed on, waited for and
// fetched; it is not the value, and it is not a promise.

import type {ObjectId} from "../ids.js";
import type {Home} from "./home.js";

declare const valueType: unique symbol;

/**
 * The hold that one ref counts for. A hold outlives its ref, so that no release is counted twice.
 */
export interface Hold {
  readonly id: ObjectId;
  readonly home: Home;
  isReleased: boolean;
}

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
 * A ticket for a value. The value is kept as long as a ref of it is held anywhere. V8 collects
 * dropped refs when it sees fit; `using` and `release()` let go at once:
 *
 * ```ts
 * using table = put(rows); // let go at the end of the block
 * const total = await get(sum.remote(table));
 * ```
 */
export class ObjectRef<T = unknown> {
  /** 56 hex digits. */
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
   * Lets go of this ref now, instead of when V8 collects it. Using a released ref is a UsageError.
   * Other refs of the same value, and tasks that were given it, go on. A second call does nothing.
   */
  release(): void {
    if (this.#hold.isReleased) return;
    this.#hold.isReleased = true;
    listener.released(this.#hold);
  }
  /** As `release()`: for `using ref = …`. */
  [Symbol.dispose](): void {
    this.release();
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
