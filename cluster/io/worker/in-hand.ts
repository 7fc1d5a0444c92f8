// What the user's thread of a worker has in hand: tasks that were given to it and can be taken back
// as long as they have not begun, or cut off once they have. Their claims stand in shared memory.

import {nowUs} from "../../clock.js";
import type {TaskId} from "../../ids.js";
import {cancelGraceMs} from "../../limits.js";
import {dropValues, type Assigned} from "./assigned.js";
import {BelievedCodes} from "../agent/codes.js";
import {endProcess, sayAtOnce} from "../node/launch.js";
import {claimSlots, type SharedState, type UserOrder, type UserTask} from "../threads/ports.js";
import type {TaskNews} from "./task-news.js";

export interface HandSurroundings {
  shared: SharedState;
  /** To the user's thread. */
  order(order: UserOrder): void;
  /** Cuts off whatever the user's thread runs. */
  terminate(): void;
  /** Hears what the user's thread has written without waking anybody. */
  poll(): void;
  /** Wakes the user's thread, whatever it was doing when it was cut off. */
  wake(): void;
}

/** A task that runs shorter is told with its end. */
const tellStartAfterMs = 20;
/** While tasks run, their thread is looked at so often. */
const lookEveryMs = 5;
/** A cancelled task that awaits is told within this time, or its thread is busy and is cut off. */
const letGoMs = 250;

export class InHand {
  readonly #around: HandSurroundings;
  readonly #news: Pick<TaskNews, "began" | "started">;
  readonly #codes = new BelievedCodes();
  readonly #slots = new Map<number, Assigned>();
  #nextSlot = 0;
  #watch: NodeJS.Timeout | null = null;

  constructor(around: HandSurroundings, news: Pick<TaskNews, "began" | "started">) {
    this.#around = around;
    this.#news = news;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** The task whose synchronous code runs now, or else the last that has begun and not ended. */
  running(): Assigned | undefined {
    const {shared, poll} = this.#around;
    const running = shared.running();
    if (running) return this.#slots.get(running.slot);
    poll();
    const isBegun = ({slot, ticket}: Assigned) => slot !== null && shared.isTaken(slot, ticket);
    return [...this.#slots.values()].findLast(isBegun);
  }

  /** `makes`: of an actor's constructor. */
  give(tasks: Assigned[], makes: UserTask["makes"] | undefined): void {
    const {order, shared} = this.#around;
    let handed: UserTask[] = [];
    for (const assigned of tasks) {
      const {sent, values} = assigned;
      const whole = assigned.code!;
      const pieces = this.#codes.missing(whole);
      // As on the way here: what it is given must be in use before it is given more.
      if (pieces.length > 0 && handed.length > 0) {
        order({kind: "run", tasks: handed});
        handed = [];
      }
      for (const piece of pieces) order({kind: "code", ...piece});
      this.#codes.sent(whole);
      const slot = this.#freeSlot();
      assigned.slot = slot;
      this.#slots.set(slot, assigned);
      const ticket = (assigned.ticket = shared.offer(slot));
      const {task, attempt, fn, code, args, context, method} = sent;
      const ofActor = method !== undefined ? {method} : makes ? {makes} : undefined;
      handed.push({task, attempt, slot, ticket, fn, code, args, values, context, ...ofActor});
    }
    order({kind: "run", tasks: handed});
    this.#watch ??= setInterval(() => this.#look(), lookEveryMs);
  }

  #freeSlot(): number {
    while (this.#slots.has(this.#nextSlot)) this.#nextSlot = (this.#nextSlot + 1) % claimSlots;
    return this.#nextSlot;
  }

  /** False when it has begun. */
  takeBack(assigned: Assigned): boolean {
    return assigned.slot !== null && this.#around.shared.take(assigned.slot, assigned.ticket);
  }

  /** All that have not begun. */
  reclaim(): TaskId[] {
    const reclaimed: TaskId[] = [];
    for (const assigned of this.#slots.values()) {
      if (!this.takeBack(assigned)) continue;
      this.drop(assigned);
      reclaimed.push(assigned.sent.task);
    }
    return reclaimed;
  }

  /** Drops the argument values: the user's thread has them, and is given them only once. */
  began(assigned: Assigned, at: number): void {
    dropValues(assigned);
    this.#news.began(assigned, at);
  }

  /** A task has ended, or was taken back. */
  drop(assigned: Assigned): void {
    if (assigned.slot !== null) this.#slots.delete(assigned.slot);
    assigned.slot = null;
  }

  close(): void {
    if (this.#watch) clearInterval(this.#watch);
  }

  #look(): void {
    this.#around.poll();
    if (this.#slots.size === 0) {
      clearInterval(this.#watch!);
      this.#watch = null;
      return;
    }
    const running = this.#around.shared.running();
    if (running) {
      const assigned = this.#slots.get(running.slot);
      if (assigned) this.began(assigned, running.startedAt);
    }
    const longAgo = nowUs() - tellStartAfterMs * 1000;
    for (const assigned of this.#slots.values()) {
      const {startedAtUs} = assigned;
      if (startedAtUs !== null && startedAtUs < longAgo)
        this.#news.started(assigned, startedAtUs, 0);
    }
  }

  // ---- cutting off ----

  /**
   * Interrupts a task that has begun; the user's thread reports its end. The task's awaits reject,
   * so that it can clean up. A synchronous part that does not come to an end, or to an `await`, is
   * cut off.
   */
  interrupt(assigned: Assigned): void {
    const {order} = this.#around;
    const {task} = assigned.sent;
    order({kind: "abandon", task});
    const sinceUs = nowUs();
    const graceMs = assigned.sent.cancelGraceMs ?? cancelGraceMs;
    const watch = (): void => {
      // Messages that the thread has sent by now are heard first.
      this.#around.poll();
      if (assigned.slot === null) return;
      const leftMs = graceMs - (nowUs() - sinceUs) / 1000;
      const isOver = leftMs <= 0 && !this.#isInAnother(assigned);
      if (isOver) this.#overdue(assigned, graceMs);
      else if (!assigned.isHeard) this.#cutWhereItIs(assigned);
      if (!isOver || !assigned.isHeard) setTimeout(watch, nextLookMs(leftMs));
    };
    setTimeout(watch, nextLookMs(graceMs));
  }

  /**
   * Tells whether the thread is silent because it runs another task's code: it will answer in time.
   */
  #isInAnother(assigned: Assigned): boolean {
    const running = this.#around.shared.running();
    return !assigned.isHeard && running !== null && running.slot !== assigned.slot;
  }

  /**
   * Cuts the code that keeps the thread from answering: a synchronous part of this task, perhaps
   * after an `await`, or a part that another task has left behind.
   */
  #cutWhereItIs(assigned: Assigned): void {
    const running = this.#around.shared.running();
    if (running === null) this.#terminate();
    else if (running.slot === assigned.slot) this.#cut(running.slot);
    this.#around.order({kind: "abandon", task: assigned.sent.task});
  }

  /**
   * Deals with a cancelled task that runs on: ends its process, but not an actor's, because an
   * actor's state is worth more than a call.
   */
  #overdue(assigned: Assigned, graceMs: number): void {
    const {fn, task, method} = assigned.sent;
    const what = `\`${fn}\` (task ${task}) did not stop within ${graceMs} ms after it was cancelled`;
    if (method === undefined) {
      sayAtOnce(`${what}: its process is ended`);
      return endProcess();
    }
    if (!assigned.isHeard) return this.#cutWhereItIs(assigned);
    sayAtOnce(
      `${what}; the call keeps its place in the actor until it ends, or the actor is killed`,
    );
  }

  /** Only while the task's own code runs: then no code of ours can be torn. */
  #cut(slot: number): void {
    if (this.#around.shared.hold(slot)) this.#terminate();
  }
  #terminate(): void {
    this.#around.terminate();
    this.#around.order({kind: "resume"});
    this.#around.wake();
  }
}

const nextLookMs = (leftMs: number): number =>
  leftMs > 0 ? Math.min(letGoMs, Math.ceil(leftMs)) : letGoMs;
