// Errors of tasks that nobody fetched: told once, where a person sees it.

import {decodeError} from "../codec/codec.js";
import {ClusterStoppedError, TaskCancelledError} from "../errors.js";
import {actorHeldBy, type ObjectId} from "../ids.js";
import {onUnfetched} from "./refs.js";

/**
 * A failed task that nobody fetched, or an actor that could not be made and that nobody called: its last
 * ref is gone, some seconds are over, or its program has ended.
 */
export interface UnfetchedError {
  fn: string;
  /** The cell that submitted it, as the kernel names it. "" outside of cells. */
  cell: string;
  object: ObjectId;
  /** "failed and nobody fetched its result", or what else is to be said of it. */
  happened: string;
  error: Error;
}

/** Hears of each of them, instead of the console. */
export function onUnfetchedError(listener: (unfetched: UnfetchedError) => void): void {
  onUnfetched(({error: frames, ...where}) => {
    const error = decodeError(frames);
    // Somebody wanted that it ends.
    if (error instanceof TaskCancelledError || error instanceof ClusterStoppedError) return;
    const happened =
      actorHeldBy(where.object) === null
        ? "failed and nobody fetched its result"
        : "could not be made, and nobody has called it";
    listener({...where, happened, error});
  });
}

onUnfetchedError(({fn, happened, error}) => {
  console.error(`\`${fn}\` ${happened}:`, error);
});
