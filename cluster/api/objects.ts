// Fetches, stores and cancels: get, put and cancel. `wait` is in waiting.ts.

import type {GetOptions, ObjectOutcome} from "../backend.js";
import {decodeError, loadingOfError, decodeLoading, type Decoded} from "../codec/codec.js";
import {ambient, currentBackend, resuming} from "../context/context.js";
import {ClusterError, GetTimeoutError, TaskError, UsageError} from "../errors.js";
import type {Home} from "./home.js";
import {actorOf, taskOf} from "../ids.js";
import {ObjectRef} from "./object-ref.js";
import {findHome, holdNew, homeOf, keep, keepNoLonger, passedOn, setDecodeSource} from "./refs.js";
import {checkBounds, checkRefs, type Options} from "./ref-checks.js";
import {isSubmitted, waitFor, within} from "./waiting.js";
import type {Arrivals} from "../shipping/names/arrivals.js";
import {encodeWithSteps} from "../shipping/setup/needed.js";

/**
 * The type of the value that a ref is a ticket for.
 *
 * @example
 * ```ts
 * import {get, put, type ValueOf} from "tasklab";
 *
 * const ref = put({name: "Ada"});
 * const person: ValueOf<typeof ref> = await get(ref);
 * console.log(person.name); // → Ada
 * ```
 */
export type ValueOf<Ref> = Ref extends ObjectRef<infer T> ? T : never;

/**
 * Fetches the value of a ref, or the values of a list of refs in the list's order. Resolves when
 * the last value is there. Each call gives a new copy of the value.
 *
 * `timeoutMs` bounds the wait, in milliseconds (default: no bound); `signal` ends it.
 *
 * Ray's counterpart: [ray.get](https://docs.ray.io/en/latest/ray-core/api/doc/ray.get.html).
 *
 * @throws The error that the task threw, which is also a TaskError; of several, the first in the
 * list's order. GetTimeoutError after `timeoutMs`; the task goes on. TaskCancelledError,
 * WorkerCrashedError, ActorDiedError, ActorUnavailableError, ObjectLostError, ObjectStoreFullError,
 * ClusterStoppedError, SetupError or MissingModuleError when there will be no value. UsageError for
 * anything but refs. The reason of `signal`.
 *
 * @example
 * ```ts
 * import {get, remote} from "tasklab";
 *
 * const square = remote((n: number) => n * n);
 * console.log(await get(square.remote(7))); // → 49
 * ```
 */
export function get<T>(ref: ObjectRef<T>, options?: Options<GetOptions>): Promise<T>;
/**
 * Fetches the values of a list of refs, in the list's order. Resolves when the last value is there.
 *
 * `timeoutMs` bounds the wait, in milliseconds (default: no bound); `signal` ends it.
 *
 * @throws The first failed task's error, in the list's order, which is also a TaskError.
 * GetTimeoutError after `timeoutMs`; the tasks go on. UsageError for anything but refs. The reason
 * of `signal`.
 *
 * @example
 * ```ts
 * import {get, remote} from "tasklab";
 *
 * const square = remote((n: number) => n * n);
 * const [one, four] = await get([square.remote(1), square.remote(2)], {timeoutMs: 10_000});
 * console.log(one, four); // → 1 4
 * ```
 */
export function get<const Refs extends readonly ObjectRef[]>(
  refs: Refs,
  options?: Options<GetOptions>,
): Promise<{-readonly [Index in keyof Refs]: ValueOf<Refs[Index]>}>;
export function get(
  what: ObjectRef | readonly ObjectRef[],
  options: Options<GetOptions> = {},
): Promise<unknown> {
  try {
    const refs = Array.isArray(what) ? (what as ObjectRef[]) : [what as ObjectRef];
    checkRefs("get", refs, Array.isArray(what));
    const bounds = checkBounds("get", options);
    return resuming(
      fetchAll(refs, bounds).then((values) => (Array.isArray(what) ? values : values[0])),
    );
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

/**
 * Stores a value and returns a ref of it at once, so that many tasks can take the value while it
 * travels to each node once. The value is stored as it is now; later changes do not reach it.
 *
 * Ray's counterpart: [ray.put](https://docs.ray.io/en/latest/ray-core/api/doc/ray.put.html).
 *
 * @throws CannotShipError for a value that can't travel, such as a WeakMap or an open handle;
 * UsageError for a ref.
 *
 * @example
 * ```ts
 * import {get, put, remote} from "tasklab";
 *
 * const table = put(Array.from({length: 1000}, (_, n) => n * n));
 * const lookUp = remote((squares: number[], n: number) => squares[n]);
 * console.log(await get([lookUp.remote(table, 12), lookUp.remote(table, 30)])); // → [ 144, 900 ]
 * ```
 */
export function put<T>(value: T): ObjectRef<T> {
  if (value instanceof ObjectRef) {
    throw new UsageError(`put: ${String(value)} is a ref already; pass it on as it is`);
  }
  const {frames, refs} = encodeWithSteps(value, "the value that is put");
  const backend = currentBackend();
  for (const object of refs) passedOn(object);
  const id = backend.ids.newPut();
  const ref = holdNew<T>(id, {backend, fn: "", cell: "", seen: true});
  backend.put(id, frames, refs);
  return ref;
}

/**
 * Cancels the task that makes the ref's value, so that `get` throws TaskCancelledError. A pending
 * task never runs, a running one is stopped, a finished one stays finished. Resolves when the
 * request has been passed on.
 *
 * `force` (default: false) ends the task's worker process. `recursive` (default: true) also cancels
 * the tasks that the task has submitted. Cancelling a call of an actor leaves the actor as it is,
 * and `force` is refused there; `kill` ends an actor.
 *
 * Calls that wait for the value are told at once. The task keeps its resources until its code has
 * stopped. Inside the task, `get`, `wait`, the timers of node:timers/promises and promises that a
 * timer resolves reject with TaskCancelledError, now and from then on, so that `finally` runs.
 * `taskContext().signal` aborts, for `fetch` and the like. Tasks that it still submits are
 * cancelled. Other awaits, and callbacks that are closures, go on as written. A task that has not
 * stopped after `cancelGraceMs` (an option of its function; default: 1000) loses its process. A
 * call of an actor keeps its place in the actor until it has stopped.
 *
 * A synchronous part that comes neither to its end nor to an `await` within 250 ms is cut off. V8
 * runs no `finally` then: let long loops await now and then, and look at
 * `taskContext().isCancelled`.
 *
 * Ray's counterpart: [ray.cancel](https://docs.ray.io/en/latest/ray-core/api/doc/ray.cancel.html).
 *
 * @throws UsageError for anything but a ref, and for `force` with a call of an actor.
 *
 * @example
 * ```ts
 * import {cancel, get, remote} from "tasklab";
 *
 * const slow = remote(async () => {
 *   await new Promise((resolve) => setTimeout(resolve, 60_000));
 * });
 * const ref = slow.remote();
 * await cancel(ref);
 * console.log(await get(ref).catch((error: Error) => error.name)); // → TaskCancelledError
 * ```
 */
export function cancel(
  ref: ObjectRef,
  {
    force = false,
    recursive = true,
  }: {force?: boolean | undefined; recursive?: boolean | undefined} = {},
): Promise<void> {
  try {
    checkRefs("cancel", [ref], false);
    if (force && actorOf(taskOf(ref.id)) !== null)
      throw new UsageError(
        "cancel: force ends a process, and with it an actor and its state; kill(actor) does that, or cancel the call without force",
      );
    const home = homeOf(ref);
    home.isSeen = true;
    return resuming(
      Promise.resolve(home.held).then(() => home.backend.cancel(ref.id, {force, recursive})),
    );
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

async function fetchAll(refs: readonly ObjectRef[], bounds: GetOptions): Promise<unknown[]> {
  const homes = refs.map(homeOf);
  for (const home of homes) home.isSeen = true;
  keep(homes);
  const {arrivals} = ambient();
  try {
    const outcomes = await outcomesOf(refs, homes, bounds);
    for (const home of homes) home.isReady = true;
    const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
    if (errors.length > 0) await Promise.all(errors.map(loadingOfError));
    const decoded = decodeAll(outcomes, homes, arrivals);
    // What was imported on the way has to be loaded first.
    const isLoading = decoded.some((value) => value instanceof Promise);
    const values = isLoading ? await Promise.all(decoded) : (decoded as Decoded[]);
    return values.map(({value}) => value);
  } catch (error) {
    if (error instanceof GetTimeoutError) throw await timedOut(refs, bounds);
    throw error instanceof ClusterError && !(error instanceof TaskError) ? madeHere(error) : error;
  } finally {
    keepNoLonger(refs, homes);
  }
}

/**
 * What the cluster says of a task leads to the line that waits for it: V8 knows who awaits this.
 */
function madeHere(error: ClusterError): ClusterError {
  Error.captureStackTrace(error, madeHere);
  return error;
}

function decodeAll(
  outcomes: ObjectOutcome[],
  homes: readonly Home[],
  arrivals: Arrivals | null,
): (Decoded | Promise<Decoded>)[] {
  const before = setDecodeSource(null);
  try {
    return outcomes.map((outcome, index) => {
      setDecodeSource(homes[index]!.backend);
      if (!outcome.ok) throw decodeError(outcome.error, arrivals);
      return decodeLoading(outcome.value, {arrivals});
    });
  } finally {
    setDecodeSource(before);
  }
}

async function outcomesOf(
  refs: readonly ObjectRef[],
  homes: readonly Home[],
  bounds: GetOptions,
): Promise<ObjectOutcome[]> {
  const [first] = homes;
  if (first === undefined) return [];
  const {backend} = first;
  if (homes.every((home) => home.backend === backend && isSubmitted(home))) {
    return backend.get(
      refs.map((ref) => ref.id),
      bounds,
    );
  }
  return Promise.all(refs.map((ref, index) => outcomeAfterHold(ref, homes[index]!, bounds)));
}

/** The outcome of a task whose submission may still wait on this side of the seam. */
async function outcomeAfterHold(
  ref: ObjectRef,
  home: Home,
  bounds: GetOptions,
): Promise<ObjectOutcome> {
  if (home.held !== undefined) await within(home.held, bounds);
  if (home.failed !== undefined) return {ok: false, error: home.failed};
  const [outcome] = await home.backend.get([ref.id], bounds);
  return outcome!;
}

/** Names what is missing; the backend's own error knows ids only. */
async function timedOut(
  refs: readonly ObjectRef[],
  {timeoutMs}: GetOptions,
): Promise<GetTimeoutError> {
  const unique = [...new Map(refs.map((ref) => [ref.id, ref])).values()];
  await waitFor(unique, unique.length, 0);
  const missing = unique.filter((ref) => !homeOf(ref).isReady).map((ref) => ref.id);
  const [first = unique[0]!.id] = missing;
  const fn = findHome(first)?.fn;
  const of = fn ? ` of \`${fn}\`` : "";
  const others = missing.length > 1 ? ` and ${missing.length - 1} more are` : " is";
  return new GetTimeoutError(
    `get waited ${timeoutMs} ms: ObjectRef(${first})${of}${others} not there yet; ` +
      "the work goes on: get it again later, or cancel it",
  );
}
