// The timers of node:timers/promises: in a cancelled task they reject with TaskCancelledError.

import timers from "node:timers/promises";
import {ambient} from "./context.js";
import {cutShort, type TaskLife} from "./task-life.js";

interface Options {
  ref?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Replaces the timers for the whole process. The caller calls `syncBuiltinESMExports` afterwards.
 */
export function cutTimerPromises(): void {
  const {setTimeout, setImmediate, setInterval} = timers;
  const scheduler = timers.scheduler as {
    wait: typeof timers.scheduler.wait;
    yield(): Promise<void>;
  };
  const {wait, yield: pass} = scheduler;
  Object.assign(timers, {
    setTimeout: inTask(setTimeout, (life, delayMs?: number, value?: unknown, options?: Options) =>
      cutShort(life, options, (bounds) => setTimeout(delayMs, value, bounds)),
    ),
    setImmediate: inTask(setImmediate, (life, value?: unknown, options?: Options) =>
      cutShort(life, options, (bounds) => setImmediate(value, bounds)),
    ),
    setInterval: inTask(setInterval, (life, delayMs?: number, value?: unknown, options?: Options) =>
      cutTurns(life, options, (bounds) => setInterval(delayMs, value, bounds)),
    ),
  });
  const own = {
    wait: inTask(wait.bind(scheduler), (life, delayMs: number, options?: Options) =>
      cutShort(life, options, (bounds) =>
        wait.call(scheduler, delayMs, bounds as {signal: AbortSignal}),
      ),
    ),
    yield: inTask(pass.bind(scheduler), (life) => cutShort(life, {}, () => pass.call(scheduler))),
  };
  for (const [name, value] of Object.entries(own)) {
    Object.defineProperty(scheduler, name, {value, configurable: true, writable: true});
  }
}

/** Makes a function that calls `original` outside of tasks, and `inside` within them. */
function inTask<Args extends unknown[], Result>(
  original: (...args: Args) => Result,
  inside: (life: TaskLife, ...args: Args) => Result,
): (...args: Args) => Result {
  const made = (...args: Args): Result => {
    const {life} = ambient();
    return life === null ? original(...args) : inside(life, ...args);
  };
  return Object.defineProperty(made, "name", {value: original.name.replace("bound ", "")});
}

/** Repeats an interval's turns, each of which can be cut short. */
async function* cutTurns<T>(
  life: TaskLife,
  options: Options | undefined,
  begin: (bounds: Options) => NodeJS.AsyncIterator<T>,
): NodeJS.AsyncIterator<T> {
  const stop = new AbortController();
  const signals = [stop.signal, ...(options?.signal ? [options.signal] : [])];
  const turns = begin({...options, signal: AbortSignal.any(signals)});
  try {
    for (;;) {
      const turn = await cutShort(life, {}, () => turns.next());
      if (turn.done) return;
      yield turn.value;
    }
  } finally {
    stop.abort();
    await turns.return?.();
  }
}
