// What stands for an object until it is made: a cycle may lead to it before.

import {CorruptFrameError} from "../errors.js";

/** Stands for an object that is still being made: the `number`-th, or a deep one. */
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
