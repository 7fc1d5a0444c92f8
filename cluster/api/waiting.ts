// Waits until some of many refs are ready. A ready object stays ready, and its home remembers that.

import type {GetOptions} from "../backend.js";
import {ambient, resuming} from "../context/context.js";
import {GetTimeoutError, UsageError} from "../errors.js";
import type {Home} from "./home.js";
import type {ObjectId} from "../ids.js";
import type {ObjectRef} from "./object-ref.js";
import {checkBounds, checkRefs, kindOf} from "./ref-checks.js";
import {homeOf, keep, keepNoLonger} from "./refs.js";

/**
 * Waits until `numReturns` of the refs are ready, or `timeoutMs` is over. A failed task counts as
 * ready: `get` throws its error. Gives the ready refs, at most `numReturns`, and the others, both
 * in the list's order. For an empty list, gives `[[], []]` at once.
 *
 * `numReturns` is a whole number from 1 to the list's length (default: 1). `timeoutMs` is in
 * milliseconds (default: no bound).
 *
 * Ray's counterpart: [ray.wait](https://docs.ray.io/en/latest/ray-core/api/doc/ray.wait.html).
 *
 * @throws UsageError for anything but a list of refs, for a ref that is in the list twice, and for
 * an impossible `numReturns`. TaskCancelledError inside a task that was cancelled.
 *
 * @example
 * ```ts
 * import {get, remote, wait} from "tasklab";
 *
 * const square = remote((n: number) => n * n);
 * let pending = [1, 2, 3].map((n) => square.remote(n));
 * let sum = 0;
 * while (pending.length > 0) {
 *   const [ready, notReady] = await wait(pending);
 *   for (const value of await get(ready)) sum += value;
 *   pending = notReady;
 * }
 * console.log(sum); // → 14
 * ```
 */
export function wait<Ref extends ObjectRef>(
  refs: readonly Ref[],
  options: {numReturns?: number | undefined; timeoutMs?: number | undefined} = {},
): Promise<[ready: Ref[], notReady: Ref[]]> {
  try {
    if (!Array.isArray(refs)) throw new UsageError(`wait: ${kindOf(refs)} is not a list of refs`);
    checkRefs("wait", refs, true);
    const {numReturns = Math.min(1, refs.length)} = options;
    // A loop that waits until its list is empty needs no test of its own.
    if (refs.length === 0 && numReturns === 0) return Promise.resolve([[], []]);
    if (!Number.isInteger(numReturns) || numReturns < 1 || numReturns > refs.length) {
      throw new UsageError(
        `wait: numReturns: ${String(numReturns)}: must be ${allowed(refs.length)}`,
      );
    }
    const known = countReady(refs);
    const {timeoutMs} = checkBounds("wait", {timeoutMs: options.timeoutMs}, 0);
    const waiting = known < numReturns ? waitFor(refs, numReturns, timeoutMs) : letOthersOn();
    return resuming(waiting.then(() => divided(refs, numReturns)));
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

function allowed(count: number): string {
  if (count === 0) return "left out where the list is empty";
  return `a whole number from 1 to ${count}, the number of refs`;
}

/**
 * Counts the refs that are known to be ready, each of which may be in the list once. The usual loop
 * of waits looks at each of its refs in each round: counting is one pass over them, without
 * look-ups.
 */
function countReady(refs: readonly ObjectRef[]): number {
  const wait = ++lastWait;
  let ready = 0;
  for (const ref of refs) {
    const home = homeOf(ref);
    if (home.metBy === wait) {
      throw new UsageError(`wait: ${String(ref)} is in the list twice; each ref may be there once`);
    }
    home.metBy = wait;
    home.isWaitedFor = true;
    if (home.isReady) ready++;
  }
  return ready;
}
let lastWait = 0;

/** The first `numReturns` of those that are ready, and the others. */
function divided<Ref extends ObjectRef>(
  refs: readonly Ref[],
  numReturns: number,
): [ready: Ref[], notReady: Ref[]] {
  const ready: Ref[] = [];
  const others: Ref[] = [];
  let seen = 0;
  while (seen < refs.length && ready.length < numReturns) {
    const ref = refs[seen++]!;
    if (homeOf(ref).isReady) ready.push(ref);
    else others.push(ref);
  }
  if (others.length === 0) return [ready, refs.slice(seen)];
  for (; seen < refs.length; seen++) others.push(refs[seen]!);
  return [ready, others];
}

/**
 * Resolves when `numReturns` are known to be ready, or the time is over. Ready objects stay ready,
 * so only the others are asked for.
 */
export async function waitFor(
  refs: readonly ObjectRef[],
  numReturns: number,
  timeoutMs?: number,
): Promise<void> {
  const unknown = refs.filter((ref) => !homeOf(ref).isReady);
  const homes = unknown.map(homeOf);
  keep(homes);
  try {
    await askFor(unknown, homes, numReturns - (refs.length - unknown.length), timeoutMs);
  } finally {
    keepNoLonger(unknown, homes);
  }
}

async function askFor(
  unknown: readonly ObjectRef[],
  homes: readonly Home[],
  wanted: number,
  timeoutMs?: number,
): Promise<void> {
  if (wanted <= 0) return;
  const bounds = timeoutMs === undefined ? {} : {timeoutMs};
  const {backend} = homes[0]!;
  if (homes.every((home) => home.backend === backend && isSubmitted(home))) {
    const ids = unknown.map(({id}) => id);
    return noteReady(ids, homes, await backend.wait(ids, {numReturns: wanted, ...bounds}));
  }
  await new Promise<void>((resolve, reject) => {
    let left = unknown.length;
    let ready = 0;
    unknown.forEach(({id}, index) => {
      waitForOne(id, homes[index]!, bounds).then((isReady) => {
        if (isReady) ready++;
        if (--left === 0 || ready >= wanted) resolve();
      }, reject);
    });
  });
}

/** Marks the ready objects. `ready` has the order of `ids`, the objects that were asked for. */
function noteReady(ids: readonly ObjectId[], homes: readonly Home[], ready: ObjectId[]): void {
  let next = 0;
  for (let i = 0; next < ready.length; i++) {
    if (ids[i] !== ready[next]) continue;
    homes[i]!.isReady = true;
    next++;
  }
}

/** Waits for the object of a task whose submission may still wait on this side of the seam. */
export async function waitForOne(
  id: ObjectId,
  home: Home,
  bounds: {timeoutMs?: number},
): Promise<boolean> {
  try {
    if (home.held) await within(home.held, bounds);
    if (!home.failed) {
      const ready = await home.backend.wait([id], {numReturns: 1, ...bounds});
      if (ready.length === 0) return false;
    }
    return (home.isReady = true);
  } catch (error) {
    if (error instanceof GetTimeoutError) return false;
    throw error;
  }
}

/** Lets timers and messages have their turn now and then in a loop of waits that end at once. */
function letOthersOn(): Promise<void> {
  const {life} = ambient();
  if (life?.isCancelled) return new Promise((_, reject) => life.onCancel(reject));
  if (++answeredInARow % waitsInARow !== 0) return Promise.resolve();
  return new Promise((resolve) => setImmediate(resolve));
}
let answeredInARow = 0;
/** So many waits may be answered in one turn of the event loop. */
const waitsInARow = 256;

export const isSubmitted = (home: Home) => home.held === undefined && home.failed === undefined;

export function within(work: Promise<void>, {timeoutMs, signal}: GetOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => reject(new GetTimeoutError()), timeoutMs);
    const aborted = () => reject(signal!.reason as Error);
    signal?.addEventListener("abort", aborted, {once: true});
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
    });
  });
}
