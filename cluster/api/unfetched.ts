// Reports the errors of tasks that nobody fetched, once each, where a person sees them.

import {decodeError} from "../codec/codec.js";
import {ClusterStoppedError, TaskCancelledError} from "../errors.js";
import {actorHeldBy, type ObjectId} from "../ids.js";
import {onUnfetched} from "./refs.js";

/**
 * The report of a failed task that nobody fetched, or of an actor that could not be made and that
 * nobody called. It is made when the last ref is gone, when the error has waited for five seconds,
 * or when the program ends.
 *
 * @example
 * ```ts
 * import type {UnfetchedError} from "tasklab";
 *
 * const line = ({fn, happened, error}: UnfetchedError) => `${fn} ${happened}: ${error.message}`;
 * ```
 */
export interface UnfetchedError {
  /** The name of the function or class. */
  fn: string;
  /** The cell that submitted the task, as the kernel names it; "" outside of cells. */
  cell: string;
  /** The id of the result's ref. */
  object: ObjectId;
  /** The event in words, such as "failed and nobody fetched its result". */
  happened: string;
  /** The error that `get` would have thrown. */
  error: Error;
}

/**
 * Sets the listener that hears of each failed task that nobody fetched. Without one, such errors
 * are printed by the console. Cancelled tasks are not reported. A later call replaces the listener.
 *
 * @example
 * ```ts
 * import {cluster, onUnfetchedError, remote, wait} from "tasklab";
 *
 * onUnfetchedError(({fn, error}) => console.log(`${fn}: ${error.message}`));
 * const fails = remote(function fails() {
 *   throw new RangeError("nobody looked");
 * });
 * await wait([fails.remote()]);
 * await cluster.stop(); // as at the program's end
 * // → fails: nobody looked
 * ```
 */
export function onUnfetchedError(listener: (unfetched: UnfetchedError) => void): void {
  onUnfetched(({error: frames, ...where}) => {
    const error = decodeError(frames);
    // Somebody wanted these tasks to end.
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
