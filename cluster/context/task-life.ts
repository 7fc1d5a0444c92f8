// The life of a running task, as its own code sees it: its id, whether it was cancelled, and the
// awaits that end then. The context (context.ts) carries it to all that the task's code sets off.
//
// A cancelled task learns of it in each await that can be cut short: `get` and `wait` (through
// `onCancel`), the timers of node:timers/promises, and promises that a plain timer resolves. Such a
// timer is known by its callback, the resolving function that `new Promise` made.

import {setMaxListeners} from "node:events";
import {TaskCancelledError} from "../errors.js";

/**
 * A task's facts about itself, as `taskContext()` gives them.
 *
 * @example
 * ```ts
 * import {get, remote, taskContext, type CurrentTask} from "tasklab";
 *
 * const nameOf = (task: CurrentTask | null) => (task === null ? "no task" : task.fn);
 * const who = remote(function who() {
 *   return nameOf(taskContext());
 * });
 * console.log(await get(who.remote()), "and", nameOf(taskContext())); // → who and no task
 * ```
 */
export interface CurrentTask {
  /** The task's id, as in the trace. */
  readonly task: string;
  /** The function's name, as in diagrams. */
  readonly fn: string;
  /** How often the task has been begun, this time included: 1 unless it was retried. */
  readonly attempt: number;
  /** The node whose process runs the task. */
  readonly node: string;
  /**
   * Aborts when the task is cancelled or runs longer than its `timeoutMs`. Its reason is a
   * TaskCancelledError.
   */
  readonly signal: AbortSignal;
  /** True once the task was cancelled, or has run longer than its `timeoutMs`. */
  readonly isCancelled: boolean;
}

/** The resolving function of a promise. */
export type Resolve = (value: unknown) => void;

type Timer = NodeJS.Timeout & {_destroyed?: boolean};

export class TaskLife implements CurrentTask {
  readonly task: string;
  readonly fn: string;
  readonly attempt: number;
  readonly node: string;
  #error: TaskCancelledError | null = null;
  #controller: AbortController | null = null;
  readonly #stops = new Set<(error: TaskCancelledError) => void>();
  readonly #timers = new Map<Timer, Resolve>();
  /** When so many timers are kept, those that were cleared are dropped. */
  #sweepAt = leastSwept;

  constructor({task, fn, attempt, node}: Pick<CurrentTask, "task" | "fn" | "attempt" | "node">) {
    this.task = task;
    this.fn = fn;
    this.attempt = attempt;
    this.node = node;
  }

  get isCancelled(): boolean {
    return this.#error !== null;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      // Each await of the task may add a listener.
      setMaxListeners(0, this.#controller.signal);
      if (this.#error) this.#controller.abort(this.#error);
    }
    return this.#controller.signal;
  }

  /**
   * Makes every await that can be cut short throw `error` now, and later ones soon after they
   * begin.
   */
  cancel(error = new TaskCancelledError(`\`${this.fn}\` was cancelled`)): void {
    if (this.#error) return;
    this.#error = error;
    this.#controller?.abort(error);
    const stops = [...this.#stops];
    this.#stops.clear();
    for (const stop of stops) stop(this.#newError());
    const timers = [...this.#timers];
    this.#timers.clear();
    for (const [timer, resolve] of timers) {
      if (timer._destroyed) continue;
      clearTimeout(timer);
      resolve(this.rejection());
    }
  }

  /**
   * Calls `stop` when the task is cancelled. When the task has been cancelled already, `stop` is
   * called soon but not at once, so that a loop that goes on after each error leaves room for
   * others. Returns how to stop listening.
   */
  onCancel(stop: (error: TaskCancelledError) => void): () => void {
    if (this.#error) {
      const soon = setImmediate(() => stop(this.#newError()));
      return () => clearImmediate(soon);
    }
    this.#stops.add(stop);
    return () => this.#stops.delete(stop);
  }

  /**
   * Makes a value that, given to a resolving function, rejects the promise with TaskCancelledError.
   */
  rejection(): TaskCancelledError {
    const error = this.#newError();
    const adopt = (_: unknown, reject: (error: Error) => void) => reject(this.#newError());
    return Object.defineProperty(error, "then", {value: adopt});
  }

  /** Keeps a pending timer that resolves a promise, to reject the promise on cancellation. */
  keepTimer(timer: NodeJS.Timeout, resolve: Resolve): void {
    if (this.#timers.size >= this.#sweepAt) {
      for (const one of this.#timers.keys()) if (one._destroyed) this.#timers.delete(one);
      this.#sweepAt = Math.max(leastSwept, 2 * this.#timers.size);
    }
    this.#timers.set(timer, resolve);
  }
  dropTimer(timer: NodeJS.Timeout): void {
    this.#timers.delete(timer);
  }

  /** Makes an error for one await: each has a stack of its own. */
  #newError(): TaskCancelledError {
    return new TaskCancelledError(this.#error!.message);
  }
}

/**
 * Begins work that takes a signal, and cuts it short when the task is cancelled. The work begins in
 * any case, so that bad arguments and a signal of the caller have their usual effect.
 */
export function cutShort<T, Options extends {signal?: AbortSignal | undefined}>(
  life: TaskLife,
  options: Options | undefined,
  begin: (options: Options) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = new AbortController();
    const signal = options?.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const leave = life.onCancel((error) => {
      reject(error);
      stop.abort();
    });
    const settle =
      <V>(by: (value: V) => void) =>
      (value: V): void => {
        leave();
        by(value);
      };
    begin({...options, signal} as Options).then(settle(resolve), settle(reject));
  });
}

const leastSwept = 64;

const native = "function () { [native code] }";

/**
 * True for the resolving function that `new Promise` gives to its executor. Calling such a function
 * does nothing else.
 */
export function isResolving(callback: unknown): callback is Resolve {
  return (
    typeof callback === "function" &&
    callback.length === 1 &&
    callback.name === "" &&
    Function.prototype.toString.call(callback) === native
  );
}
