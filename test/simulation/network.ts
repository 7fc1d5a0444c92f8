// Virtual time, processes that may stand still, and the links between them.
//
// Messages between two processes keep their order; between different pairs nothing is promised. A
// message may come twice, and then at once: no duplicate can come late. A link is one connection of
// zmq, over TCP with CURVE, whose nonces only grow; a connection that has ended is never taken up
// again, its messages are lost, and once a process has said hello anew, nothing is heard of its
// former connection. What is sent again after that are requests to stores
// (core/client/store-requests), and tasks, as new attempts on new leases. A held link delivers its
// messages later: a partition that heals. A broken link loses the messages under way.

import type {Random} from "./random.js";

interface Due {
  atMs: number;
  order: number;
  act: () => void;
}

/** The one clock: things happen in the order of their time. */
export class Clock {
  nowMs = 0;
  events = 0;
  #heap: Due[] = [];
  #order = 0;

  at(atMs: number, act: () => void): void {
    const due = {atMs: Math.max(atMs, this.nowMs), order: this.#order++, act};
    const heap = this.#heap;
    let i = heap.length;
    heap.push(due);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(due, heap[parent]!)) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = due;
  }

  after(ms: number, act: () => void): void {
    this.at(this.nowMs + ms, act);
  }

  /** Does the next thing; false when nothing is left to do. */
  step(): boolean {
    const first = this.#heap[0];
    if (!first) return false;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) this.#sink(last);
    this.nowMs = first.atMs;
    this.events++;
    first.act();
    return true;
  }

  #sink(due: Due): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, due)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = due;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** One process's clock: it differs from the world's, and stands still with its process. */
export class ProcessClock {
  readonly #clock: Clock;
  /** How far it is ahead. */
  readonly #skewMs: number;
  #pausedUntilMs = -Infinity;

  constructor(clock: Clock, skewMs: number) {
    this.#clock = clock;
    this.#skewMs = skewMs;
  }

  get nowMs(): number {
    return this.#clock.nowMs + this.#skewMs;
  }
  get isPaused(): boolean {
    return this.#clock.nowMs < this.#pausedUntilMs;
  }

  /** Has it stood still, and gone on within the last `ms`? */
  stoodStillWithin(ms: number): boolean {
    return this.#clock.nowMs - this.#pausedUntilMs < ms;
  }

  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#clock.nowMs + ms);
  }

  /** `atMs`: of this clock. */
  at(atMs: number, act: () => void): void {
    // A hair later: what is due must not seem to be in the future for a sum that was rounded.
    this.#clock.at(atMs - this.#skewMs + 1e-6, () => this.whenAwake(act));
  }
  after(ms: number, act: () => void): void {
    this.#clock.after(ms, () => this.whenAwake(act));
  }

  /** At once, or when the process goes on: in the order in which it came. */
  whenAwake(act: () => void): void {
    if (!this.isPaused && this.#held.length === 0) return act();
    this.#held.push(act);
    if (this.#held.length === 1) this.#clock.at(this.#pausedUntilMs, () => this.#goOn());
  }
  readonly #held: (() => void)[] = [];

  #goOn(): void {
    while (this.#held.length > 0 && !this.isPaused) {
      this.#held[0]!();
      this.#held.shift();
    }
    if (this.#held.length > 0) this.#clock.at(this.#pausedUntilMs, () => this.#goOn());
  }
}

interface Link {
  /** When the last message of each direction arrives. */
  readonly lastMs: Map<string, number>;
  heldUntilMs: number;
  /** Counts how often it broke: what was sent before is lost. */
  breaks: number;
  /** Nothing passes until it is made again … */
  isDown: boolean;
  /** … which it never is. */
  isGone: boolean;
}

export class Network {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #twice: number;
  readonly #slowest: number;
  readonly #links = new Map<string, Link>();

  constructor(clock: Clock, random: Random, options: {twice: number; slowestMs: number}) {
    this.#clock = clock;
    this.#random = random;
    this.#twice = options.twice;
    this.#slowest = options.slowestMs;
  }

  /** `client`: of the two, who has made the connection; each may have made one to the other. */
  send(from: string, to: string, deliver: () => void, client = from): void {
    const link = client === from ? this.#link(from, to) : this.#link(to, from);
    if (link.isDown || link.isGone) return;
    const usual = this.#random.between(0.05, 0.3);
    const delay = this.#random.chance(0.05) ? this.#random.between(0, this.#slowest) : usual;
    const startMs = Math.max(this.#clock.nowMs, link.heldUntilMs);
    const atMs = Math.max(startMs + delay, link.lastMs.get(from) ?? 0);
    link.lastMs.set(from, atMs);
    const {breaks} = link;
    const arrive = (): void => {
      if (link.breaks !== breaks) return;
      // A partition that has begun meanwhile holds it too.
      if (this.#clock.nowMs < link.heldUntilMs) this.#clock.at(link.heldUntilMs, arrive);
      else deliver();
    };
    this.#clock.at(atMs, arrive);
    if (this.#random.chance(this.#twice)) this.#clock.at(atMs, arrive);
  }

  /** Delays messages between the two by a partition: those under way, and those sent meanwhile. */
  hold(one: string, other: string, ms: number): void {
    const link = this.#link(one, other);
    link.heldUntilMs = Math.max(link.heldUntilMs, this.#clock.nowMs + ms);
  }

  /**
   * Breaks the link. Messages under way are lost, and so are those sent before the link is made
   * again. With `isForGood` the link is never made again.
   */
  cut(one: string, other: string, isForGood: boolean): void {
    const link = this.#link(one, other);
    link.breaks++;
    link.isDown = true;
    link.isGone ||= isForGood;
  }
  /** A new connection between the two. */
  connect(one: string, other: string): void {
    this.#link(one, other).isDown = false;
  }

  /** How long messages between the two are delayed still. */
  heldMs(one: string, other: string): number {
    return Math.max(0, this.#link(one, other).heldUntilMs - this.#clock.nowMs);
  }

  isDown(one: string, other: string): boolean {
    return this.#link(one, other).isDown;
  }
  isGone(one: string, other: string): boolean {
    return this.#link(one, other).isGone;
  }

  #link(client: string, server: string): Link {
    const name = client === "head" ? `${server}>head` : `${client}>${server}`;
    let link = this.#links.get(name);
    if (!link) {
      link = {lastMs: new Map(), heldUntilMs: 0, breaks: 0, isDown: false, isGone: false};
      this.#links.set(name, link);
    }
    return link;
  }
}
