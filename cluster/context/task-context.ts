// What a running task may ask about itself.

import {ambient} from "./context.js";
import type {CurrentTask} from "./task-life.js";

/**
 * Tells a task about itself: its id, its attempt, and whether it was cancelled. Gives null outside
 * of tasks. After an `await` the answer still belongs to the same task.
 *
 * Pass `signal` to functions that take one, such as `fetch`. In a long computation, ask
 * `isCancelled` between parts, after an `await` that lets the news in.
 *
 * Ray's counterpart: `RuntimeContext` in Ray's
 * [Core API](https://docs.ray.io/en/latest/ray-core/api/core.html).
 *
 * @example
 * ```ts
 * import {get, remote, taskContext} from "tasklab";
 * import {setImmediate as turn} from "node:timers/promises";
 *
 * const count = remote(async (parts: number) => {
 *   let done = 0;
 *   for (; done < parts; done++) {
 *     await turn();
 *     if (taskContext()?.isCancelled) break;
 *   }
 *   return done;
 * });
 * console.log(await get(count.remote(3))); // → 3
 * ```
 */
export function taskContext(): CurrentTask | null {
  return ambient().life;
}
