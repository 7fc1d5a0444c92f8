// How a function keeps its thunk: as private fields stamped onto the function. The fields are its
// own (a subclass does not inherit them), cost what a property write costs, and are not seen when
// the function is printed.
//
// Cells stamp functions that were made in the same expression. To ask such a function first whether
// it has a stamp costs as much as the stamp (measured: 17 ns without, 32 with, Node 22 and 24).

import type {Thunk} from "../source/thunk.js";

class Holder {
  constructor(fn: object) {
    return fn;
  }
}

class Stamp extends Holder {
  #source: string;
  #captured: Thunk["captured"];

  constructor(fn: object, source: string, captured: Thunk["captured"]) {
    super(fn);
    this.#source = source;
    this.#captured = captured;
  }
  /** Stamps a function that has no thunk yet: a second stamp is a TypeError. */
  static put(fn: object, source: string, captured: Thunk["captured"]): void {
    new Stamp(fn, source, captured);
  }
  static replace(fn: object, source: string, captured: Thunk["captured"]): void {
    if (#source in fn) {
      fn.#source = source;
      fn.#captured = captured;
    } else new Stamp(fn, source, captured);
  }
  static get(fn: object): Thunk | undefined {
    return #source in fn ? {source: fn.#source, captured: fn.#captured} : undefined;
  }
}

export const putThunk = Stamp.put;
export const replaceThunk = Stamp.replace;
export const thunkOf = Stamp.get;
