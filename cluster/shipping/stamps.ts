// How a function keeps its thunk: as private fields stamped onto it. They are its own (a subclass does
// not inherit them), cost what a property write costs, and nobody sees them when printing it.

import type {Thunk} from "./thunk.js";

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
  static put(fn: object, source: string, captured: Thunk["captured"]): void {
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
export const thunkOf = Stamp.get;
