// Stands for an object until the object is made: a cycle may lead there before.

import {CorruptFrameError} from "../errors.js";

/**
 * Stands for the `number`-th object, or the `number`-th tree of deep objects, while that is being
 * made.
 */
export class Pending {
  readonly list: unknown[];
  readonly number: number;
  constructor(list: unknown[], number: number) {
    this.list = list;
    this.number = number;
  }

  /** Keeps the made object under its number. */
  fill<T>(object: T): T {
    this.list[this.number] = object;
    return object;
  }

  made(): unknown {
    const made = this.list[this.number];
    if (made === undefined || made instanceof Pending)
      throw new CorruptFrameError("a value contains only itself");
    return made;
  }
}
