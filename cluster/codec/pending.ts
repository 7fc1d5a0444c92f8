// What stands for an object until it is made: a cycle may lead to it before.

import {CorruptFrameError} from "../errors.js";

/** Stands for an object that is still being made: the `number`-th, or a deep one. */
export class Pending {
  readonly list: readonly unknown[];
  readonly number: number;
  constructor(list: readonly unknown[], number: number) {
    this.list = list;
    this.number = number;
  }
  made(): unknown {
    const made = this.list[this.number];
    if (made === undefined || made instanceof Pending)
      throw new CorruptFrameError("a value contains only itself");
    return made;
  }
}

/** Keeps a made object under its number. */
export type Made = (object: unknown) => unknown;
