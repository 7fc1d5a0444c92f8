// Carries the context (context.ts) along with the work that code sets off. Reactions of promises
// and callbacks of timers, ticks and microtasks run in the context in which they were made, and so
// does the code after an `await`, in libraries too. So late output goes to the cell or task that
// caused it.
//
// Measured on Node 20: V8's promise hooks and a private field on each promise cost 15 to 40 ns a
// promise. An AsyncLocalStorage would do the same, but on Node 20 and 22 an interrupt past an
// `await` unsettles its stack (cut-hooks.ts; docs/decisions/0007). Callbacks of other kinds (a
// server's, a file's) run in the context that was begun last: with one cell at a time, the running
// cell's.
//
// A loop that awaits values that are there already pays that price in each turn, and would be four
// times as slow as in a module. So the hooks rest in a *burst* (docs/decisions/0015): it begins
// when many promises in a row went on in the current context, and ends when the microtasks are done
// or something changes the context. A promise that is made in a burst has no mark, and belongs to
// the context of the latest burst.

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
 * Begins to carry contexts, for the whole process. `isAlone` tells whether only one cell or task is
 * under way: several may wait for each other, and the hooks do not rest then.
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

/** So many promises in a row in one context begin a burst. */
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
    // The hooks did not see the beginning of the reaction that runs now.
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
    // A tick comes when the microtasks are done.
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

/**
 * The context of an error that nobody caught: that of the callback that threw the error, or of the
 * promise that the error rejected.
 */
export function contextBehind(error: unknown, promise?: Promise<unknown>): Ambient {
  if (promise) return Made.contextOf(promise) ?? unmarked ?? ambient();
  return thrown && thrown.error === error ? thrown.context : ambient();
}

let thrown: {error: unknown; context: Ambient} | null = null;

/**
 * Makes a function like `original` whose callback runs in the context of the call. With `start`,
 * the callback is begun by `start`, a tick: an interrupt that cuts off an immediate takes the
 * immediates behind it along and may break Node's list of immediates, while a tick does neither and
 * comes at the same moment (docs/decisions/0008).
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
  // `promisify(setTimeout)` looks for its own version under this symbol.
  const custom = Object.getOwnPropertyDescriptor(original, promisify.custom);
  if (custom) Object.defineProperty(made, promisify.custom, custom);
  return standsFor(Object.defineProperty(made, "name", {value: original.name}), original);
}

/**
 * Makes a timer function that, in a task, has `cut` begin each timer that resolves a promise: the
 * promise is rejected when the task is cancelled. Such a callback needs no context, because the
 * reactions of its promise carry their own.
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

/** Puts a private field onto a promise: the context in which the promise was made. */
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
