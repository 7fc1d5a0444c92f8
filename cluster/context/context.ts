// Where the code that runs now comes from: its run, cell and parent task, and the backend that its
// `.remote()` goes to. One per process, for one thing runs at a time: the kernel sets it before a
// cell, a worker before a task, and both carry it along to what code sets off (carry.ts). A plain
// program, whose promises are its own business, does not: what waits in `get` or `wait` there finds its
// own context again afterwards (`resuming`).

import type {Backend, TaskContext} from "../backend.js";
import type {RunId} from "../ids.js";
import type {Arrivals} from "../shipping/names/arrivals.js";
import type {TaskLife} from "./task-life.js";

export interface Ambient extends TaskContext {
  /** Null: the process's default, which the first `.remote()` starts. */
  readonly backend: Backend | null;
  /** What has arrived for the task that runs. Null: none does. */
  readonly arrivals: Arrivals | null;
  /** The task whose code runs, or set off what runs. Null: none. */
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

/** Changes parts of it; gives back what was before. Contexts are never changed in place. */
export function setAmbient(next: Partial<Ambient>): Ambient {
  const before = current;
  restoreAmbient({...before, ...next});
  return before;
}

/** Replaces all of it: the way back, without a copy. */
export function restoreAmbient(saved: Ambient): void {
  if (watcher !== null && saved !== current) watcher();
  current = saved;
}

let watcher: (() => void) | null = null;

/** `listener` is called right before the context changes; null: nobody is. */
export function watchAmbient(listener: (() => void) | null): void {
  watcher = listener;
}

/** The part of it that a task carries along. */
export function travellingContext(): TaskContext {
  const {run, cell, parent, depth} = current;
  return {run, cell, parent, depth};
}

/** Does `work` in a context; what it sets off goes on there where context is carried along (carry.ts). */
export function inContext<T>(context: Ambient, work: () => T): T {
  const before = current;
  restoreAmbient(context);
  try {
    return work();
  } finally {
    restoreAmbient(before);
  }
}

/** Calls what it is given in the context of now. */
export function contextOfNow(): <T>(work: () => T) => T {
  const context = current;
  return (work) => inContext(context, work);
}

/**
 * The same promise, except that whoever awaits it goes on in the context that it has now. An async
 * function, so that V8 finds the line that awaits it from an error made in `work`.
 */
export async function resuming<T>(work: Promise<T>): Promise<T> {
  const saved = current;
  try {
    return await work;
  } finally {
    restoreAmbient(saved);
  }
}

let defaultOf: () => Backend = () => {
  throw new Error("no backend: import the cluster's index");
};
let chosen: Backend | null = null;

/** How the embedded cluster is made when a `.remote()` comes and nobody started one. */
export function onBackendWanted(start: () => Backend): void {
  defaultOf = start;
}

/** A worker's own link, a cluster that was started or joined; null: back to none. */
export function setDefaultBackend(backend: Backend | null): void {
  chosen = backend;
}
export function maybeDefaultBackend(): Backend | null {
  return chosen;
}

/** Where a `.remote()` written here goes. */
export function currentBackend(): Backend {
  return current.backend ?? (chosen ??= defaultOf());
}
