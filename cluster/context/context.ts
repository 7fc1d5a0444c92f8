// The context of the code that runs now: its run, cell and parent task, and the backend that its
// `.remote()` goes to. A process has one current context, because one thing runs at a time. The
// kernel sets it before a cell, a worker before a task, and both carry it along to the work that
// the code sets off (carry.ts). A plain program does not carry contexts along, since its promises
// are its own business: there, code that waited in `get` or `wait` finds its own context again
// (`resuming`).

import type {Backend, Engine, TaskContext} from "../backend.js";
import type {RunId} from "../ids.js";
import type {Arrivals} from "../shipping/names/arrivals.js";
import type {TaskLife} from "./task-life.js";

export interface Ambient extends TaskContext {
  /**
   * The backend for `.remote()`; null: the process's default, which the first `.remote()` starts.
   */
  readonly backend: Backend | null;
  /** The values that have arrived for the running task; null outside of tasks. */
  readonly arrivals: Arrivals | null;
  /** The task whose code runs, or set off the code that runs; null outside of tasks. */
  readonly life: TaskLife | null;
}

let current: Ambient = {
  run: "" as RunId,
  cell: "",
  parent: null,
  depth: 0,
  backend: null,
  arrivals: null,
  life: null,
};

export function ambient(): Ambient {
  return current;
}

/**
 * Makes a changed copy of the context the current one; returns the former context. Contexts are
 * never changed in place.
 */
export function setAmbient(next: Partial<Ambient>): Ambient {
  const before = current;
  restoreAmbient({...before, ...next});
  return before;
}

/** Makes a saved context the current one, without a copy. */
export function restoreAmbient(saved: Ambient): void {
  if (watcher !== null && saved !== current) watcher();
  current = saved;
}

let watcher: (() => void) | null = null;

/** Sets the one listener that is called right before the context changes; null: none. */
export function watchAmbient(listener: (() => void) | null): void {
  watcher = listener;
}

/** The part of the context that travels with a task. */
export function travellingContext(): TaskContext {
  const {run, cell, parent, depth} = current;
  return {run, cell, parent, depth};
}

/**
 * Does `work` in a context. Work that it sets off goes on in that context where contexts are
 * carried along (carry.ts).
 */
export function inContext<T>(context: Ambient, work: () => T): T {
  const before = current;
  restoreAmbient(context);
  try {
    return work();
  } finally {
    restoreAmbient(before);
  }
}

/** Returns a function that calls its argument in the context that is current now. */
export function contextOfNow(): <T>(work: () => T) => T {
  const context = current;
  return (work) => inContext(context, work);
}

/**
 * Gives a promise like `work`, after which the code that awaits it goes on in the context that it
 * has now. This is an async function, so that V8 can lead from an error made in `work` to the line
 * that awaits.
 */
export async function resuming<T>(work: Promise<T>): Promise<T> {
  const saved = current;
  try {
    return await work;
  } finally {
    restoreAmbient(saved);
  }
}

let defaultOf: () => Engine = () => {
  throw new Error("no backend: import the cluster's index");
};
let chosen: Engine | null = null;

/** Sets the function that makes the embedded cluster when a `.remote()` finds none. */
export function onBackendWanted(start: () => Engine): void {
  defaultOf = start;
}

/** Sets the default backend: a worker's own link, or a cluster that was started; null: none. */
export function setDefaultBackend(backend: Engine | null): void {
  chosen = backend;
}
export function maybeDefaultBackend(): Engine | null {
  return chosen;
}

/** The backend that a `.remote()` of the current code goes to. */
export function currentBackend(): Backend {
  return current.backend ?? (chosen ??= defaultOf());
}
