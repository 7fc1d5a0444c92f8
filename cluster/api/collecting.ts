// Finds out which refs a program has dropped: when a task or actor waits for what they hold, and
// when the program rests. V8 by itself collects only when memory is short; a ref weighs nothing.

import {performance} from "node:perf_hooks";
import {collectGarbage} from "../garbage.js";
import {finalizeLimitMs, idleCollectMs} from "../limits.js";

/**
 * Collects garbage, and resolves when V8 has told of all of it; gives the time for which the
 * program stood still. `watch` registers an object with the registry that hears of refs, so that
 * `gone` is called when every collected ref has been told.
 */
export async function collectAndTell(
  watch: (object: object, gone: () => void) => void,
): Promise<number> {
  const told = new Promise<void>((resolve) => watch({}, resolve));
  // In a turn of its own, where no function that is under way keeps a ref.
  await new Promise((resolve) => setImmediate(resolve));
  const began = performance.now();
  collectGarbage();
  const tookMs = performance.now() - began;
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (limit = setTimeout(resolve, finalizeLimitMs).unref()));
  await Promise.race([told, late]);
  clearTimeout(limit);
  return tookMs;
}

/** A thread that was active for less than this did nothing but look whether it was. */
const leastActiveMs = 1;
/** A thread that works for a larger part of the time does not rest. */
const mostActive = 0.5;

let watch: NodeJS.Timeout | undefined;

/** Calls `collect` whenever this thread has been busy and then rests while it holds refs. */
export function collectAtRest(holdsRefs: () => boolean, collect: () => Promise<unknown>): void {
  if (watch !== undefined) return;
  let before = performance.eventLoopUtilization();
  let wasBusy = true;
  watch = setInterval(() => {
    const {active, utilization} = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    wasBusy ||= active > leastActiveMs;
    if (!wasBusy || utilization > mostActive || !holdsRefs()) return;
    wasBusy = false;
    void collect().then(() => (before = performance.eventLoopUtilization()));
  }, idleCollectMs).unref();
}
