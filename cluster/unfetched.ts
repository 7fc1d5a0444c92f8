// Errors of tasks that nobody fetched: told once, where a person sees it.

import {decodeError} from "./codec.js";
import type {ObjectId} from "./ids.js";
import {onUnfetched} from "./refs.js";

/** A failed task whose last ref is gone, or whose program has ended, without a `get`. */
export interface UnfetchedError {
  fn: string;
  /** The cell that submitted it, as the kernel names it. "" outside of cells. */
  cell: string;
  object: ObjectId;
  error: Error;
}

/** Hears of each of them, instead of the console. */
export function onUnfetchedError(listener: (unfetched: UnfetchedError) => void): void {
  onUnfetched(({error, ...where}) => listener({...where, error: decodeError(error)}));
}

onUnfetchedError(({fn, error}) => {
  console.error(`\`${fn}\` failed and nobody fetched its result:`, error);
});
