// Which objects a process holds refs of, how many, and what is to be told to the backends that the
// objects live behind. Refs are counted one by one; what follows is told in batches: the first that
// joins a batch plans it, and `take` gives all that has come together.
//
// Holds are told before releases, since what held an object in its value may be among those
// released. An object that is held again before its release was told is not told at all.

import type {ObjectId} from "../../ids.js";

/** The record of an object while refs of it are held. */
export interface Holding<Backend> {
  /** Refs of it that were not released, and calls of `get` and `wait` under way. */
  count: number;
  backend: Backend;
  readonly fn: string;
  readonly cell: string;
  /** Other backends that were given its value. */
  readonly copies?: ReadonlyMap<Backend, unknown>;
}

/** Results that nobody can fetch any more, of one function's tasks in one cell. */
export interface LeftGroup {
  fn: string;
  cell: string;
  objects: ObjectId[];
}

/** The news that backends are to be told, in this order. */
export interface HoldingsBatch<Backend> {
  held: [Backend, ObjectId[]][];
  left: [Backend, LeftGroup[]][];
  released: [Backend, ObjectId[]][];
}

export class Holdings<Backend extends {readonly isDown: boolean}, Home extends Holding<Backend>> {
  readonly #homes = new Map<ObjectId, Home>();
  readonly #held = new Map<Backend, Set<ObjectId>>();
  readonly #released = new Map<Backend, Set<ObjectId>>();
  /** By backend, then by function and cell: few, and most of a batch share them. */
  readonly #left = new Map<Backend, LeftGroup[]>();
  readonly #plan: () => void;
  #isPlanned = false;

  /** `plan`: call `take` before this turn of the event loop ends. */
  constructor(plan: () => void) {
    this.#plan = plan;
  }

  get size(): number {
    return this.#homes.size;
  }
  /** Whether there is something to tell. */
  get isPlanned(): boolean {
    return this.#isPlanned;
  }
  get entries(): ReadonlyMap<ObjectId, Home> {
    return this.#homes;
  }
  find(id: ObjectId): Home | undefined {
    return this.#homes.get(id);
  }

  /** A new object of this process: its backend hears of it by the task or the put itself. */
  add(id: ObjectId, home: Home): void {
    this.#homes.set(id, home);
  }

  /**
   * A ref of a known object has come out of a value of `source`. What came over a later connection
   * lives there: its older refs and handles go that way from then on.
   */
  meet(id: ObjectId, source: Backend | null): Home | undefined {
    const home = this.#homes.get(id);
    if (home !== undefined && source !== null && home.backend !== source && home.backend.isDown) {
      home.backend = source;
      this.#later(this.#held, source, id);
    }
    return home;
  }

  /** The first ref of an object that this process did not make. `told` sends what is left first. */
  remember(id: ObjectId, home: Home, told: () => void): void {
    const {backend} = home;
    this.#homes.set(id, home);
    // Either its release has not been told yet, or the backend has to know that it is held again.
    const wasTold = !this.#released.get(backend)?.delete(id);
    if (this.#left.has(backend)) told();
    if (wasTold) this.#later(this.#held, backend, id);
  }

  /**
   * Lets go of an object unless it is held again: a ref may have come back in a value meanwhile.
   */
  drop(id: ObjectId, home: Home): void {
    if (home.count > 0 || this.#homes.get(id) !== home) return;
    this.#homes.delete(id);
    this.#later(this.#released, home.backend, id);
    this.#dropCopies(id, home);
  }

  /** Lets go of a result that nobody has asked for: its backend tells the error if it fails. */
  leave(id: ObjectId, home: Home): void {
    this.#homes.delete(id);
    const {backend, fn, cell} = home;
    const groups = this.#left.get(backend);
    const group = groups?.find((each) => each.fn === fn && each.cell === cell);
    if (group) group.objects.push(id);
    else if (groups) groups.push({fn, cell, objects: [id]});
    else this.#left.set(backend, [{fn, cell, objects: [id]}]);
    this.#planOnce();
    this.#dropCopies(id, home);
  }

  /** All that has come together. */
  take(): HoldingsBatch<Backend> {
    this.#isPlanned = false;
    const batch = {
      held: [...this.#held].map(([backend, ids]): [Backend, ObjectId[]] => [backend, [...ids]]),
      left: [...this.#left],
      released: [...this.#released].map(([backend, ids]): [Backend, ObjectId[]] => [
        backend,
        [...ids],
      ]),
    };
    this.#held.clear();
    this.#left.clear();
    this.#released.clear();
    return batch;
  }

  #dropCopies(id: ObjectId, {copies}: Home): void {
    for (const backend of copies?.keys() ?? []) this.#later(this.#released, backend, id);
  }

  #later(batch: Map<Backend, Set<ObjectId>>, backend: Backend, id: ObjectId): void {
    const ids = batch.get(backend);
    if (ids === undefined) batch.set(backend, new Set([id]));
    else ids.add(id);
    this.#planOnce();
  }
  #planOnce(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#plan();
  }
}
