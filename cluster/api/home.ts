// The record that a process keeps of an object while it holds refs of the object. A loop of
// submissions may make a million records: so a home has few fields, shares its origin with others,
// and counts as its first ref's hold.

import type {Backend, Frames} from "../backend.js";
import type {ObjectId} from "../ids.js";

/**
 * The hold that one ref counts for. A hold outlives its ref, so that no release is counted twice.
 */
export interface Hold {
  readonly id: ObjectId;
  readonly home: Home;
  isReleased: boolean;
}

/** Where an object lives, and which function's task makes it in which cell. */
interface Origin {
  readonly backend: Backend;
  /** "" when it was put, or came from elsewhere. */
  readonly fn: string;
  readonly cell: string;
}

const flag = {isSeen: 1, isWaitedFor: 2, isReady: 4, hasFailed: 8, isReleased: 16} as const;
const flagBits = 5;
const allFlags = (1 << flagBits) - 1;

export class Home implements Hold {
  readonly id: ObjectId;
  #origin: Origin;
  /** The last `wait` that has met it: a list may hold each object once. */
  metBy = 0;
  /** The flags, and above them the count. */
  #bits = 0;
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

  /** Refs of it in this process that were not released, and calls of `get` and `wait` under way. */
  get count(): number {
    return this.#bits >> flagBits;
  }
  set count(count: number) {
    this.#bits = (count << flagBits) | (this.#bits & allFlags);
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
    return (this.#bits & flag.isSeen) !== 0;
  }
  set isSeen(is: boolean) {
    Home.#set(this, flag.isSeen, is);
  }
  /** Somebody waits, or has waited, for it to be ready: likely to fetch it next. */
  get isWaitedFor(): boolean {
    return (this.#bits & flag.isWaitedFor) !== 0;
  }
  set isWaitedFor(is: boolean) {
    Home.#set(this, flag.isWaitedFor, is);
  }
  /** True once the value, or its error, is known to be there; stays true. */
  get isReady(): boolean {
    return (this.#bits & flag.isReady) !== 0;
  }
  set isReady(is: boolean) {
    Home.#set(this, flag.isReady, is);
  }
  /** True when the task that makes the object has failed. */
  get hasFailed(): boolean {
    return (this.#bits & flag.hasFailed) !== 0;
  }
  set hasFailed(is: boolean) {
    Home.#set(this, flag.hasFailed, is);
  }

  // ---- as the hold of its first ref ----

  get home(): Home {
    return this;
  }
  get isReleased(): boolean {
    return (this.#bits & flag.isReleased) !== 0;
  }
  set isReleased(is: boolean) {
    Home.#set(this, flag.isReleased, is);
  }

  /** Static: private methods of instances would take room in each. */
  static #set(home: Home, bit: number, is: boolean): void {
    if (is) home.#bits |= bit;
    else home.#bits &= ~bit;
  }
}

/** The origin of the home that was made last. */
let last: Origin | null = null;
