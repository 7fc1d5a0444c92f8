// What a process keeps of an object that it holds refs of. There may be a million of them in a loop of
// submissions: so a home has few fields, shares its origin with others, and counts as its first ref's hold.

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
  /** Its task waits on this side of the seam for objects of another backend. */
  declare held?: Promise<void> | undefined;
  /** Its task will not run, for such an object failed: with its error. */
  declare failed?: Frames;
  /** What it holds is an actor that could not be made: why. */
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

  /** Somebody fetched it, passed it on, or it is no task of this process: its error is not ours to report. */
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
  /** Its value, or its error, is known to be there; it stays so. */
  get isReady(): boolean {
    return (this.#flags & flag.isReady) !== 0;
  }
  set isReady(is: boolean) {
    this.#set(flag.isReady, is);
  }
  /** Its task has failed. */
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
