// What a piece leaves to the function that takes it along (apart.ts), in the order in which it was met.

import {apartBytes} from "./buffers.js";
import type {Step} from "./refusal.js";

export class Outside {
  readonly found: {object: object; path: Step[]}[] = [];
  readonly #indexes = new Map<object, number>();
  readonly #depth: number;

  /** `depth`: how long the path to the piece is. */
  constructor(depth: number) {
    this.#depth = depth;
  }

  index(object: object, path: readonly Step[]): number {
    let index = this.#indexes.get(object);
    if (index === undefined) {
      index = this.found.push({object, path: path.slice(this.#depth)}) - 1;
      this.#indexes.set(object, index);
    }
    return index;
  }
}

/** Functions and classes, whose variables others may share, and memory that is a part by itself. */
export function isOutside(object: object): boolean {
  if (typeof object === "function") return true;
  if (ArrayBuffer.isView(object)) return object.buffer.byteLength > apartBytes;
  return object instanceof ArrayBuffer && object.byteLength > apartBytes;
}
