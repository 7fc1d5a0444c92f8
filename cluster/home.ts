// The record that a process keeps of an object while it holds refs of the object. A loop of
// submissions may make a million records: so a home has few fields, shares its origin with others,
// and counts as its first ref's hold.

import type {Backend, Frames} from "./backend.js";
import type {ObjectId} from "./ids.js";
import type {Hold} from "./object-ref.js";

/** Where an object lives, and which function's task makes it in which cell. */
interface Origin {
  readonly backend: Backend;
  /** "" when it was put, or came from elsewhere. */
  readonly fn: string;
  readonly cell: string;
}

const flag = {isSeen: 1, isWaitedFor: 2, isReady: 4, hasFailed: 8, isReleased: 16} as const;

export class Home implements Hold {
  readonly id: ObjectId;
  #origin: Origin;
  /** Refs of it in this process that were not released, and calls of `get` and `wait` under way. */
  count = 0;
  /** The last `wait` that has met it: a list may hold each object once. */
  metBy = 0;
  #flags = 0;
  /** Pending while the task's submission waits here for objects of another backend. */
  declare held?: Promise<void> | undefined;
  /** The error of an object of another backend that failed, so that the task will not run. */
  declare failed?: Frames;
  /** The error of the actor that this object holds, when the actor could not be made. */
  declare unmade?: Frames;
  /** Other backends that were given its value. */
  declare copies?: Map<Backend, Promise<void>>;

  constructor(id: ObjectId, backend: Backend, fn: string, cell: string) {
    this.id = id;
    const isSame = last?.backend === backend && last.fn === fn && last.cell === cell;
    this.#origin = isSame ? last! : (last = {backend, fn, cell});
  }

  get backend(): Backend {
    return this.#origin.backend;
  }
  set backend(backend: Backend) {
    this.#origin = {...this.#origin, backend};
  }
  get fn(): string {
    return this.#origin.fn;
  }
  get cell(): string {
    return this.#origin.cell;
  }

  /**
   * True when this process need not report the error: the value was fetched or passed on, or no
   * task of this process makes it.
   */
  get isSeen(): boolean {
    return (this.#flags & flag.isSeen) !== 0;
  }
  set isSeen(is: boolean) {
    this.#set(flag.isSeen, is);
  }
  /** Somebody waits, or has waited, for it to be ready: likely to fetch it next. */
  get isWaitedFor(): boolean {
    return (this.#flags & flag.isWaitedFor) !== 0;
  }
  set isWaitedFor(is: boolean) {
    this.#set(flag.isWaitedFor, is);
  }
  /** True once the value, or its error, is known to be there; stays true. */
  get isReady(): boolean {
    return (this.#flags & flag.isReady) !== 0;
  }
  set isReady(is: boolean) {
    this.#set(flag.isReady, is);
  }
  /** True when the task that makes the object has failed. */
  get hasFailed(): boolean {
    return (this.#flags & flag.hasFailed) !== 0;
  }
  set hasFailed(is: boolean) {
    this.#set(flag.hasFailed, is);
  }

  // ---- as the hold of its first ref ----

  get home(): Home {
    return this;
  }
  get isReleased(): boolean {
    return (this.#flags & flag.isReleased) !== 0;
  }
  set isReleased(is: boolean) {
    this.#set(flag.isReleased, is);
  }

  #set(bit: number, is: boolean): void {
    if (is) this.#flags |= bit;
    else this.#flags &= ~bit;
  }
}

/** The origin of the home that was made last. */
let last: Origin | null = null;
