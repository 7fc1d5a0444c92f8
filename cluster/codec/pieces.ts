// A piece of a function (apart.ts tells what pieces are), and what the piece leaves to the
// function.

import {apartBytes} from "./buffers.js";
import type {ShippedPart} from "../backend.js";
import type {ObjectId} from "../ids.js";
import type {LocalModule} from "../shipping/names/imported-names.js";
import type {Step} from "./refusal.js";
import type {Snapshot} from "./snapshot.js";

/** A captured value that travels as a part of its own. */
export interface Apart {
  root: object;
  part: ShippedPart;
  sizeBytes: number;
  /** All objects in the piece. */
  objects: ReadonlyMap<object, number>;
  memories: ReadonlySet<ArrayBuffer>;
  outside: Outside;
  refs: readonly ObjectId[];
  modules: ReadonlySet<string>;
  localModules: ReadonlyMap<LocalModule, string>;
  /** Null when only encoding can tell whether something in the piece has changed. */
  snapshot: Snapshot | null;
  /** Pieces that are known to share nothing with this one. */
  separate: WeakSet<Apart>;
}

/** The objects that a piece leaves out, in the order in which they were met. */
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

/**
 * Tells whether a piece leaves the object to the function: functions and classes, whose variables
 * others may share, and memory that is a part by itself.
 */
export function isOutside(object: object): boolean {
  if (typeof object === "function") return true;
  if (ArrayBuffer.isView(object)) return object.buffer.byteLength > apartBytes;
  return object instanceof ArrayBuffer && object.byteLength > apartBytes;
}
