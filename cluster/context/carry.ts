// The context (context.ts) goes along with what code sets off: a promise's reactions and the callbacks of
// timers, ticks and microtasks run in the context in which they were made, and so does whatever follows an
// `await`, in libraries too. What a cell or a task prints late is booked to it that way.
//
// Measured on Node 20: V8's promise hooks and a private field on each promise cost 15 to 40 ns a promise.
// An AsyncLocalStorage would do the same, but on Node 20 and 22 an interrupt past an `await` unsettles its
// stack (cut-hooks.ts). Callbacks of other kinds (a server's, a file's) run in the context of whatever was last
// begun: with one cell at a time, that is the running one's.
//
// A loop that awaits what is there already pays that price each time, and would be four times as slow as a
// module's. So the hooks rest in a *burst*: when many promises in a row went on in the context of now, until
// the microtasks are done or something changes the context. A promise that is made meanwhile has no mark; it
// belongs to the context of the latest burst.

import {syncBuiltinESMExports} from "node:module";
import timers from "node:timers";
import {promisify} from "node:util";
import {promiseHooks} from "node:v8";
import {ambient, restoreAmbient, watchAmbient, type Ambient} from "./context.js";
import {standsFor} from "../shipping/names/intrinsics.js";
import {isResolving, type Resolve, type TaskLife} from "./task-life.js";
import {cutTimerPromises} from "./timer-promises.js";

type Callback = (...args: unknown[]) => unknown;

/**
 * From now on, for the whole process. `isAlone` tells that only one cell or task is under way: several
 * may wait for each other.
 */
export function carryContext(isAlone = () => true): void {
  const nextTick = process.nextTick as Callback;
  carryAlongPromises(isAlone, nextTick);
  replaceTimer("setTimeout", (original) => cutting(original, carrying(original), keptTimeout));
  replaceTimer("setInterval", carrying);
  replaceTimer("setImmediate", (original) =>
    cutting(original, carrying(original, nextTick), checkedImmediate),
  );
  cutTimerPromises();
  syncBuiltinESMExports();
  globalThis.queueMicrotask = carrying(globalThis.queueMicrotask as Callback);
  process.nextTick = carrying(nextTick) as typeof process.nextTick;
}

/** So many promises in a row that go on in one context are a burst. */
const burstLength = 2000;

function carryAlongPromises(isAlone: () => boolean, nextTick: Callback): void {
  let outside = ambient();
  let inARow = 0;
  let stop: (() => void) | null = null;
  const hooks = {
    init: (promise: Promise<unknown>) => Made.mark(promise, ambient()),
    before(promise: Promise<unknown>) {
      outside = ambient();
      const context = Made.contextOf(promise) ?? unmarked ?? outside;
      restoreAmbient(context);
      inARow = context === outside ? inARow + 1 : 0;
      if (inARow === burstLength) rest();
    },
    after: () => restoreAmbient(outside),
  };
  const carry = () => {
    if (stop !== null) return;
    // The promise that goes on now was not seen to begin.
    outside = ambient();
    watchAmbient(null);
    stop = promiseHooks.createHook(hooks) as () => void;
  };
  const rest = () => {
    inARow = 0;
    if (!isAlone()) return;
    unmarked = ambient();
    stop!();
    stop = null;
    watchAmbient(carry);
    // Ticks come when the microtasks are done.
    nextTick(carry);
  };
  carry();
}

/** The context of the latest burst. */
let unmarked: Ambient | null = null;

type Timer = "setTimeout" | "setInterval" | "setImmediate";

function replaceTimer(name: Timer, by: (original: Callback) => Callback): void {
  Object.assign(globalThis, {[name]: (timers[name] = by(timers[name] as Callback) as never)});
}

/** Where an error that nobody caught comes from: the callback that threw it, or the promise it rejected. */
export function contextBehind(error: unknown, promise?: Promise<unknown>): Ambient {
  if (promise) return Made.contextOf(promise) ?? unmarked ?? ambient();
  return thrown && thrown.error === error ? thrown.context : ambient();
}

let thrown: {error: unknown; context: Ambient} | null = null;

/**
 * The same function, except that its callback is called in the context of now. With `start` it is called
 * from there: an immediate that is cut off by an interrupt takes those behind it along and may leave
 * Node's list of them broken, a tick does neither, and comes at the same moment.
 */
function carrying(original: Callback, start?: Callback): Callback {
  const wrap = (callback: Callback) => {
    const inContext = inContextOfNow(callback);
    return start ? (...args: unknown[]) => start(inContext, ...args) : inContext;
  };
  const made = (callback: unknown, ...args: unknown[]) =>
    original(typeof callback === "function" ? wrap(callback as Callback) : callback, ...args);
  return alike(made, original);
}

function alike(made: Callback, original: Callback): Callback {
  // `promisify(setTimeout)` finds its own version there.
  const custom = Object.getOwnPropertyDescriptor(original, promisify.custom);
  if (custom) Object.defineProperty(made, promisify.custom, custom);
  return standsFor(Object.defineProperty(made, "name", {value: original.name}), original);
}

/**
 * Makes a timer function that, in a task, has `cut` begin each timer that resolves a promise: the
 * promise is rejected when the task is cancelled. A promise's own reactions carry their context, so
 * such a callback needs none.
 */
function cutting(
  original: Callback,
  carried: Callback,
  cut: (original: Callback, life: TaskLife, resolve: Resolve, args: unknown[]) => unknown,
): Callback {
  const made = (callback: unknown, ...args: unknown[]) => {
    const {life} = ambient();
    return life !== null && isResolving(callback)
      ? cut(original, life, callback, args)
      : carried(callback, ...args);
  };
  return alike(made, original);
}

function keptTimeout(
  original: Callback,
  life: TaskLife,
  resolve: Resolve,
  [delayMs, value]: unknown[],
): unknown {
  const fired = (): void => {
    life.dropTimer(timer);
    resolve(life.isCancelled ? life.rejection() : value);
  };
  const timer = original(fired, life.isCancelled ? 0 : delayMs) as NodeJS.Timeout;
  if (!life.isCancelled) life.keepTimer(timer, resolve);
  return timer;
}

/** Begins an immediate that looks, when it runs, whether the task was cancelled. */
function checkedImmediate(
  original: Callback,
  life: TaskLife,
  resolve: Resolve,
  [value]: unknown[],
): unknown {
  return original(() => resolve(life.isCancelled ? life.rejection() : value));
}

function inContextOfNow(callback: Callback): Callback {
  const context = ambient();
  return function (this: unknown, ...args) {
    const before = ambient();
    restoreAmbient(context);
    try {
      callback.apply(this, args);
    } catch (error) {
      thrown = {error, context};
      throw error;
    } finally {
      restoreAmbient(before);
    }
  };
}

class Holder {
  constructor(promise: object) {
    return promise;
  }
}

/** The context in which a promise was made, as a private field of it. */
class Made extends Holder {
  #context: Ambient;

  constructor(promise: object, context: Ambient) {
    super(promise);
    this.#context = context;
  }
  static mark(promise: object, context: Ambient): void {
    new Made(promise, context);
  }
  static contextOf(promise: object): Ambient | undefined {
    return #context in promise ? promise.#context : undefined;
  }
}
