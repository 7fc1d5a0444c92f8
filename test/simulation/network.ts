// Virtual time and the links between processes. Between two processes messages keep their order;
// between different pairs nothing is promised. Some arrive twice.

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

export class Network {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #twice: number;
  readonly #slowest: number;
  /** When the last message of a pair arrives. */
  readonly #last = new Map<string, number>();

  constructor(clock: Clock, random: Random, options: {twice: number; slowestMs: number}) {
    this.#clock = clock;
    this.#random = random;
    this.#twice = options.twice;
    this.#slowest = options.slowestMs;
  }

  send(from: string, to: string, deliver: () => void): void {
    const pair = `${from}>${to}`;
    const usual = this.#random.between(0.05, 0.3);
    const delay = this.#random.chance(0.05) ? this.#random.between(0, this.#slowest) : usual;
    const atMs = Math.max(this.#clock.nowMs + delay, this.#last.get(pair) ?? 0);
    this.#last.set(pair, atMs);
    this.#clock.at(atMs, deliver);
    if (this.#random.chance(this.#twice)) this.#clock.at(atMs, deliver);
  }
}
