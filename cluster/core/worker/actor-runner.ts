// The calls of a worker's actor: handed to the user's thread in the order in which each client sent
// them, as soon as code and arguments of the first are here. How many may have begun at once is the
// thread's to keep; it is handed that many and some ahead, of each client in turn.
//
//   sent ─▶ preparing ─▶ ready ─▶ handed ─▶ done
//                          ▲         │
//                          └ reclaim ┘   only to take out one that is cancelled
//
// An actor has nobody to share its process with: nothing goes back to a client, and a call that
// waits keeps the lease.

import type {ClientId, LeaseId, TaskId} from "../../ids.js";
import type {RunnerCommand, RunnerEvent} from "../events.js";
import {Recent} from "../../recent.js";
import {Outbox} from "../outbox.js";

interface ActorCall {
  readonly id: TaskId;
  readonly attempt: number;
  readonly client: ClientId;
  readonly lease: LeaseId;
  state: "preparing" | "ready" | "handed";
}

/** Takes a Runner's place in a worker that has become an actor's. */
export class ActorRunner {
  readonly #calls = new Map<TaskId, ActorCall>();
  /** Calls that were not handed over yet, by client, in order. */
  readonly #waiting = new Map<ClientId, ActorCall[]>();
  readonly #ended = new Recent<TaskId, number>(maxRemembered);
  readonly #atOnce: number;
  #handed = 0;
  readonly #out = new Outbox<RunnerCommand>();
  #cancelling: (() => void)[] = [];

  constructor({maxConcurrency}: {maxConcurrency: number}) {
    this.#atOnce = Math.min(maxConcurrency, mostAtOnce);
  }

  handle(event: RunnerEvent, _nowMs: number): RunnerCommand[] {
    switch (event.kind) {
      case "tasks-sent":
        this.#receive(event.client, event.lease, event.tasks);
        break;
      case "task-prepared": {
        const call = this.#calls.get(event.task);
        if (call?.state === "preparing") call.state = "ready";
        break;
      }
      case "task-unprepared":
      case "task-done":
        this.#end(this.#calls.get(event.task));
        break;
      case "tasks-reclaimed":
        this.#reclaimed(event.tasks);
        break;
      case "cancel-asked":
        this.#cancel(this.#calls.get(event.task));
        break;
      case "client-lost":
        for (const call of [...this.#calls.values()]) {
          if (call.client === event.client) this.#stop(call, () => this.#end(call));
        }
        break;
      case "task-blocked":
      case "task-unblocked":
      case "ticked":
        break;
      default:
        event satisfies never;
    }
    if (this.#cancelling.length === 0) this.#handOver();
    return this.#out.take();
  }

  /** For the invariants. */
  inspect() {
    return {
      tasks: this.#calls as ReadonlyMap<TaskId, Readonly<ActorCall>>,
      waiting: this.#waiting as ReadonlyMap<ClientId, readonly Readonly<ActorCall>[]>,
      handed: this.#handed,
      most: this.#atOnce + ahead,
    };
  }

  /** Has this attempt been sent here, and not ended? */
  holds(task: TaskId, attempt: number): boolean {
    return this.#calls.get(task)?.attempt === attempt;
  }

  #receive(client: ClientId, lease: LeaseId, tasks: {task: TaskId; attempt: number}[]): void {
    for (const {task: id, attempt} of tasks) {
      if (this.#calls.has(id) || (this.#ended.get(id) ?? 0) >= attempt) continue;
      const call: ActorCall = {id, attempt, client, lease, state: "preparing"};
      this.#calls.set(id, call);
      const waiting = this.#waiting.get(client);
      if (waiting) waiting.push(call);
      else this.#waiting.set(client, [call]);
    }
  }

  /** In batches: while the thread has half of what it gets ahead, it needs no more. */
  #handOver(): void {
    let room = this.#atOnce + ahead - this.#handed;
    if (room < ahead / 2) return;
    const tasks: TaskId[] = [];
    for (const [client, waiting] of [...this.#waiting]) {
      const share = Math.ceil(room / this.#waiting.size);
      let count = 0;
      while (count < share && waiting[count]?.state === "ready") count++;
      if (count === 0) continue;
      for (const call of waiting.splice(0, count)) {
        call.state = "handed";
        tasks.push(call.id);
      }
      room -= count;
      // Whoever was served is last the next time.
      this.#waiting.delete(client);
      if (waiting.length > 0) this.#waiting.set(client, waiting);
      if (room === 0) break;
    }
    if (tasks.length === 0) return;
    this.#handed += tasks.length;
    this.#out.push({kind: "run", tasks});
  }

  /** In front again, in their order; who is cancelled is taken out of it. */
  #reclaimed(ids: TaskId[]): void {
    for (let i = ids.length - 1; i >= 0; i--) {
      const call = this.#calls.get(ids[i]!);
      if (call?.state !== "handed") continue;
      call.state = "ready";
      this.#handed--;
      const waiting = this.#waiting.get(call.client);
      if (waiting) waiting.unshift(call);
      else this.#waiting.set(call.client, [call]);
    }
    for (const cancel of this.#cancelling.splice(0)) cancel();
  }

  #cancel(call: ActorCall | undefined): void {
    if (!call) return;
    const {client, lease, id: task} = call;
    this.#stop(call, () => {
      this.#end(call);
      this.#out.push({kind: "report-cancelled", client, lease, task});
    });
  }

  /** `drop`: when it has not begun; else it is cut off. */
  #stop(call: ActorCall, drop: () => void): void {
    if (call.state !== "handed") return drop();
    if (this.#cancelling.length === 0) this.#out.push({kind: "reclaim"});
    this.#cancelling.push(() => {
      if (call.state !== "handed") drop();
      else if (this.#calls.has(call.id)) this.#out.push({kind: "interrupt", task: call.id});
    });
  }

  #end(call: ActorCall | undefined): void {
    if (!call) return;
    this.#calls.delete(call.id);
    if (call.state === "handed") this.#handed--;
    this.#ended.set(call.id, call.attempt);
    const waiting = this.#waiting.get(call.client);
    const place = waiting?.indexOf(call) ?? -1;
    if (place !== -1) waiting!.splice(place, 1);
    if (waiting?.length === 0) this.#waiting.delete(call.client);
  }
}

/**
 * Ended calls are remembered this far back, at least: the same one sent twice must not run twice.
 */
const maxRemembered = 4096;
/** So many calls wait in the thread's hands for those that it has begun. */
const ahead = 128;
/**
 * Whatever the class allows: with those ahead they have room in the `claimSlots` of
 * io/threads/ports.ts.
 */
const mostAtOnce = 3072;
