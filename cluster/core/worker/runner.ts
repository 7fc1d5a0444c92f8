// A worker's tasks: one runs on the user's thread, some wait there behind it, the others wait here.
//
//   sent ─▶ preparing ─▶ ready ─▶ handed (to the user's thread, in order; the first runs) ─▶ done
//                          ▲          │                            │
//                          └ reclaim ─┘                       blocked ⇄ awake
//
// What has not begun can always go back to its client: when the task in front of it blocks (its
// lease is suspended then) or runs long. A lease that has handed back takes nothing more: the
// client hears of it later than it sends.

import type {ClientId, LeaseId, TaskId} from "../../ids.js";
import type {RunnerCommand, RunnerEvent} from "../events.js";
import {List, unlink} from "../list.js";
import type {Listed} from "../list.js";
import {Recent} from "../../recent.js";
import {Outbox} from "../outbox.js";

export interface RunnerOptions {
  /** How much work is handed to the user's thread at once, by measured durations. */
  batchMs?: number;
  /** … and at most so many tasks. */
  maxBatch?: number;
  /** When a task runs longer, those that wait behind it go back to their clients. */
  longMs?: number;
}

interface RunnerTask extends Listed<RunnerTask> {
  readonly id: TaskId;
  readonly attempt: number;
  readonly client: ClientId;
  readonly lease: LeaseId;
  /** awake: it was blocked and goes on. */
  state: "preparing" | "ready" | "handed" | "blocked" | "awake";
  /** Since when it has run, as far as can be seen from here. */
  sinceMs: number;
}

/** Decides what the user's thread runs next. */
export class Runner {
  readonly #batchMs: number;
  readonly #maxBatch: number;
  readonly #longMs: number;

  readonly #tasks = new Map<TaskId, RunnerTask>();
  readonly #ready = new List<RunnerTask>();
  readonly #preparing = new List<RunnerTask>();
  /** In the order in which the user's thread takes them; small, at most a batch and a half. */
  #handed: RunnerTask[] = [];
  /** Begun, blocked once, and now awake: they share the thread with what runs. */
  readonly #awake = new Set<RunnerTask>();
  readonly #blocked = new Set<RunnerTask>();
  readonly #suspended = new Set<LeaseId>();
  readonly #handedBack = new Recent<LeaseId, true>(maxRemembered);
  /** Tasks that have ended, with their attempt: the same one sent twice must not run twice. */
  readonly #ended = new Recent<TaskId, number>(maxRemembered);

  readonly #out = new Outbox<RunnerCommand>();
  /** Called with the tasks that the reclaim under way took back. */
  #onReclaimed: ((taken: RunnerTask[]) => void) | null = null;
  #meanMs = Infinity;

  constructor({batchMs = 1, maxBatch = 64, longMs = 20}: RunnerOptions = {}) {
    this.#batchMs = batchMs;
    this.#maxBatch = maxBatch;
    this.#longMs = longMs;
  }

  handle(event: RunnerEvent, nowMs: number): RunnerCommand[] {
    switch (event.kind) {
      case "tasks-sent":
        this.#receive(event.client, event.lease, event.tasks);
        break;
      case "task-prepared":
        this.#prepared(this.#tasks.get(event.task));
        break;
      case "task-unprepared":
        this.#forget(this.#tasks.get(event.task));
        break;
      case "task-done":
        this.#done(this.#tasks.get(event.task), nowMs, event.ranMs);
        break;
      case "tasks-reclaimed":
        this.#reclaimed(event.tasks);
        break;
      case "task-blocked":
        this.#block(this.#tasks.get(event.task), nowMs);
        break;
      case "task-unblocked":
        this.#unblock(this.#tasks.get(event.task), nowMs);
        break;
      case "cancel-asked":
        this.#cancel(this.#tasks.get(event.task), event.force);
        break;
      case "client-lost":
        this.#loseClient(event.client);
        break;
      case "ticked":
        this.#out.ticked();
        break;
      default:
        event satisfies never;
    }
    this.#fill(nowMs);
    // What could not be taken back has begun: asking again would give the same answer, until its
    // end comes, which is on its way.
    if (event.kind !== "tasks-reclaimed") this.#watchLong(nowMs);
    return this.#out.take();
  }

  /** Has this attempt been sent here, and not ended? */
  holds(task: TaskId, attempt: number): boolean {
    return this.#tasks.get(task)?.attempt === attempt;
  }

  /** For the invariants. */
  inspect() {
    return {
      tasks: this.#tasks as ReadonlyMap<TaskId, Readonly<RunnerTask>>,
      suspended: this.#suspended as ReadonlySet<LeaseId>,
    };
  }

  #receive(client: ClientId, lease: LeaseId, tasks: {task: TaskId; attempt: number}[]): void {
    const isClosed = this.#handedBack.has(lease) || this.#suspended.has(lease);
    const back: TaskId[] = [];
    for (const {task: id, attempt} of tasks) {
      const known = this.#tasks.get(id);
      if ((known && known.attempt >= attempt) || this.#ended.get(id) === attempt) continue;
      const hasBegun = known && known.state !== "preparing" && known.state !== "ready";
      // An earlier attempt that the client has given up may run here still: two can't.
      if (isClosed || hasBegun) {
        back.push(id);
        continue;
      }
      this.#forget(known);
      const task: RunnerTask = {
        id,
        attempt,
        client,
        lease,
        state: "preparing",
        sinceMs: 0,
        list: null,
        previous: null,
        next: null,
      };
      this.#tasks.set(id, task);
      this.#preparing.push(task);
    }
    if (back.length > 0) this.#return(client, lease, back);
  }

  #prepared(task: RunnerTask | undefined): void {
    if (task?.state !== "preparing") return;
    unlink(task);
    task.state = "ready";
    this.#ready.push(task);
  }

  #done(task: RunnerTask | undefined, nowMs: number, measuredMs?: number): void {
    if (!task) return;
    if (task.state === "handed") {
      const ranMs = measuredMs ?? nowMs - task.sinceMs;
      this.#meanMs = this.#meanMs === Infinity ? ranMs : this.#meanMs * 0.9 + ranMs * 0.1;
    }
    this.#forget(task);
    this.#ended.set(task.id, task.attempt);
    const next = this.#handed[0];
    if (next) next.sinceMs = nowMs;
  }

  /** A task blocks: tasks that would wait behind it go back, and its lease is suspended. */
  #block(task: RunnerTask | undefined, nowMs: number): void {
    if (task?.state !== "handed" && task?.state !== "awake") return;
    const ranOnThread = this.#handed[0] === task;
    this.#takeOff(task);
    task.state = "blocked";
    this.#blocked.add(task);
    const {lease} = task;
    this.#maybeSuspend(lease);
    const sendBack = () => {
      this.#maybeSuspend(lease);
      this.#returnUnbegun((other) => other.lease === lease);
    };
    if (ranOnThread && this.#handed.length > 0) this.#reclaim(sendBack);
    else sendBack();
    const next = this.#handed[0];
    if (next && ranOnThread) next.sinceMs = nowMs;
  }

  /**
   * Suspends a lease whose begun tasks are all blocked, and tells whether it did so now. The caller
   * sends the lease's other tasks back.
   */
  #maybeSuspend(lease: LeaseId): boolean {
    if (this.#suspended.has(lease)) return false;
    const isOfLease = (task: RunnerTask) => task.lease === lease;
    if (this.#handed.some(isOfLease) || [...this.#awake].some(isOfLease)) return false;
    if (![...this.#blocked].some(isOfLease)) return false;
    this.#suspended.add(lease);
    this.#out.push({kind: "suspend-lease", lease});
    return true;
  }

  #unblock(task: RunnerTask | undefined, nowMs: number): void {
    if (task?.state !== "blocked") return;
    task.state = "awake";
    task.sinceMs = nowMs;
    this.#blocked.delete(task);
    this.#awake.add(task);
    this.#resume(task.lease);
  }

  #resume(lease: LeaseId): void {
    if (this.#suspended.delete(lease)) this.#out.push({kind: "resume-lease", lease});
  }

  // ---- the user's thread ----

  /** Hands over the next batch when less than half of one is there. */
  #fill(nowMs: number): void {
    if (this.#ready.size === 0 || this.#onReclaimed !== null || this.#awake.size > 0) return;
    const batch = this.#batch();
    const under = this.#handed.length;
    if (under * 2 > batch) return;
    const tasks: TaskId[] = [];
    for (let task = this.#ready.first; task && under + tasks.length < batch;) {
      unlink(task);
      task.state = "handed";
      task.sinceMs = nowMs;
      this.#handed.push(task);
      tasks.push(task.id);
      task = this.#ready.first;
    }
    this.#out.push({kind: "run", tasks});
  }

  #batch(): number {
    return Math.max(1, Math.min(this.#maxBatch, Math.floor(this.#batchMs / this.#meanMs)));
  }

  /** One that runs long gives those behind it back, so that other workers can take them. */
  #watchLong(nowMs: number): void {
    if (this.#tasks.size < 2 || this.#onReclaimed !== null) return;
    let sinceMs = this.#handed[0]?.sinceMs ?? Infinity;
    for (const task of this.#awake) sinceMs = Math.min(sinceMs, task.sinceMs);
    const isLast = this.#ready.size + this.#preparing.size === 0 && this.#handed.length < 2;
    if (sinceMs === Infinity || isLast) return;
    const dueMs = sinceMs + this.#longMs;
    if (nowMs < dueMs) {
      this.#out.wake(dueMs);
    } else if (this.#handed.length > 0) {
      this.#reclaim(() => this.#returnUnbegun(() => true));
    } else {
      this.#returnUnbegun(() => true);
    }
  }

  #reclaim(then: (taken: RunnerTask[]) => void): void {
    if (this.#onReclaimed === null) {
      this.#onReclaimed = then;
      this.#out.push({kind: "reclaim"});
    } else {
      const before = this.#onReclaimed;
      this.#onReclaimed = (taken) => {
        before(taken);
        then(taken);
      };
    }
  }

  #reclaimed(ids: TaskId[]): void {
    const taken: RunnerTask[] = [];
    for (let i = ids.length - 1; i >= 0; i--) {
      const task = this.#tasks.get(ids[i]!);
      if (task?.state !== "handed") continue;
      this.#takeOff(task);
      task.state = "ready";
      this.#ready.unshift(task);
      taken.push(task);
    }
    const then = this.#onReclaimed;
    this.#onReclaimed = null;
    then?.(taken);
  }

  #takeOff(task: RunnerTask): void {
    this.#awake.delete(task);
    if (this.#handed[0] === task) this.#handed.shift();
    else this.#handed = this.#handed.filter((other) => other !== task);
  }

  // ---- back to the client ----

  #returnUnbegun(when: (task: RunnerTask) => boolean): void {
    const byLease = new Map<LeaseId, RunnerTask[]>();
    for (const list of [this.#ready, this.#preparing]) {
      for (let task = list.first; task; task = task.next) {
        if (!when(task)) continue;
        const mates = byLease.get(task.lease);
        if (mates) mates.push(task);
        else byLease.set(task.lease, [task]);
      }
    }
    for (const [lease, tasks] of byLease) {
      for (const task of tasks) this.#forget(task);
      this.#return(
        tasks[0]!.client,
        lease,
        tasks.map(({id}) => id),
      );
    }
  }

  #return(client: ClientId, lease: LeaseId, tasks: TaskId[]): void {
    this.#handedBack.set(lease, true);
    this.#out.push({kind: "return-tasks", client, lease, tasks});
  }

  #forget(task: RunnerTask | undefined): void {
    if (!task) return;
    unlink(task);
    const hasBegun = task.state !== "preparing" && task.state !== "ready";
    if (hasBegun) this.#takeOff(task);
    this.#tasks.delete(task.id);
    // It may have ended while it waited (cancelled): its lease counts as running until it comes
    // back.
    if (this.#blocked.delete(task)) this.#resume(task.lease);
    // This task may have been the last one of its lease that was awake.
    if (!hasBegun || this.#blocked.size === 0) return;
    const {lease} = task;
    if (this.#maybeSuspend(lease)) this.#returnUnbegun((other) => other.lease === lease);
  }

  // ---- cancelling ----

  #cancel(task: RunnerTask | undefined, force: boolean): void {
    if (!task) return;
    this.#stop(task, force, () => {
      this.#forget(task);
      this.#ended.set(task.id, task.attempt);
      const {client, lease, id} = task;
      this.#out.push({kind: "report-cancelled", client, lease, task: id});
    });
  }

  #loseClient(client: ClientId): void {
    for (const task of [...this.#tasks.values()]) {
      if (task.client === client) this.#stop(task, false, () => this.#forget(task));
    }
  }

  /** `drop`: when it has not begun. */
  #stop(task: RunnerTask, force: boolean, drop: () => void): void {
    const cut = () => {
      this.#out.push({kind: force ? "die" : "interrupt", task: task.id});
    };
    if (task.state === "preparing" || task.state === "ready") drop();
    else if (task.state !== "handed") cut();
    else {
      this.#reclaim(() => {
        if (task.state === "ready") drop();
        else if (this.#tasks.has(task.id)) cut();
      });
    }
  }
}

/** Ended tasks and leases are remembered this far back, at least. */
const maxRemembered = 1024;
