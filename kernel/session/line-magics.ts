// Line magics of cells that run: the cells' emitted code calls them by number.

import type {Result} from "../magics/magic.js";

const key = Symbol.for("tasklab.magic");

export class LineMagics {
  readonly #magics = new Map<number, () => Promise<Result>>();
  #count = 0;

  constructor() {
    const call = async (number: number) => {
      const result = await this.#magics.get(number)?.();
      return result && new LineResult(result);
    };
    Object.defineProperty(globalThis, key, {value: call, configurable: true});
  }

  /**
   * The TypeScript that replaces the magic. The text begins with a word, as a line of its own must.
   */
  add(run: () => Promise<Result>): {number: number; code: string} {
    const number = ++this.#count;
    this.#magics.set(number, run);
    return {number, code: `await (globalThis as any)[Symbol.for("tasklab.magic")](${number});`};
  }

  forget(number: number): void {
    this.#magics.delete(number);
  }
}

/** What a magic gives to the code of the cell, which may end in it: still in its box. */
export class LineResult {
  readonly #result: Result;

  constructor(result: Result) {
    this.#result = result;
  }

  /**
   * Returns the value of a magic's result, or `last` itself if it is no such result. `instanceof`
   * is not used, since it would run a trap of a proxy.
   */
  static valueOf(last: unknown): unknown {
    return typeof last === "object" && last !== null && #result in last ? last.#result.value : last;
  }
}
