// A client's tasks on their way: arguments, leases, retries, cancels, and the objects it owns.
//
//   task-submitted ─▶ waiting ─(arguments known)─▶ queued ─(a lease has room)─▶ sent ─▶ ended
//                        │                            ▲                          │
//                        └──── a failed argument      └── returned, lost, retried ┘
//
// A lease's *window* is how many tasks may be under way on it: 1 at first, more while they are short,
// so that ten long tasks spread evenly over two workers and tiny ones flow in batches.

import {actorHeldBy, holdOf, objectId, taskOf} from "../ids.js";
import type {ActorId, LeaseId, ObjectId, TaskId, WorkerId} from "../ids.js";
import type {CallId} from "../trace.js";
import type {
  Death,
  Place,
  Shape,
  SubmitterCommand,
  SubmitterEvent,
  TaskOutcome,
  TaskTicket,
} from "./events.js";
import {List, unlink} from "./list.js";
import {ObjectTable} from "./object-table.js";
import type {Entry} from "./object-table.js";
import {Recent} from "./recent.js";
import type {Lease, ShapeQueue, Task} from "./submitted.js";
import {Outbox} from "./outbox.js";

export interface SubmitterOptions {
  /** An idle lease is kept this long for the next task of its shape. */
  lingerMs?: number;
  /** At most so many leases are asked for, per shape. */
  maxWanted?: number;
  /** At most so many tasks are under way on one lease. */
  maxWindow?: number;
  /** A lease's window holds about this much work. */
  windowMs?: number;
}

type FailedTask = Extract<SubmitterCommand, {kind: "fail-task"}>;
type SentTasks = Extract<SubmitterCommand, {kind: "send-tasks"}>["tasks"];

/**
 * `handle` takes one event and gives what follows at once (settle, fail, trace, …).
 * `flush` gives what is cheaper in batches (send-tasks, want-leases, return-lease, wake):
 * the shell calls it once after each batch of events that it has handled.
 */
export class Submitter {
  readonly #lingerMs: number;
  readonly #maxWanted: number;
  readonly #maxWindow: number;
  readonly #windowMs: number;

  /** An interrupted cell may still submit: what was under way, or code that runs on after an await. */
  readonly #cancelledCells = new Recent<string, true>(cancelledCells);
  readonly #tasks = new Map<TaskId, Task>();
  readonly #children = new Map<CallId | TaskId, Set<Task>>();
  readonly #queues = new Map<string, ShapeQueue>();
  readonly #leases = new Map<LeaseId, Lease>();
  /** Leases that are gone: a grant that arrives twice must not bring one back. */
  readonly #goneLeases = new Set<LeaseId>();
  readonly #timed = new Set<Task>();
  readonly #objects = new ObjectTable((command) => {
    this.#out.push(command);
    if (command.kind === "forget-object") this.#letGo(command.object);
  });
  /** Actors that this process had the head make: it may have to call that off, or say what they wait for. */
  readonly #submitted = new Map<ActorId, TaskTicket>();
  readonly #dead = new Recent<ActorId, Death>(deadActors);

  readonly #out = new Outbox<SubmitterCommand>();
  #dirty: ShapeQueue[] = [];
  #stopped: string | null = null;

  constructor({
    lingerMs = 300,
    maxWanted = 64,
    maxWindow = 256,
    windowMs = 8,
  }: SubmitterOptions = {}) {
    this.#lingerMs = lingerMs;
    this.#maxWanted = maxWanted;
    this.#maxWindow = maxWindow;
    this.#windowMs = windowMs;
  }

  handle(event: SubmitterEvent, nowMs: number): SubmitterCommand[] {
    switch (event.kind) {
      case "task-submitted":
        this.#submit(event.ticket, nowMs);
        break;
      case "actor-died":
        this.#dieActor(event.actor, event, nowMs);
        break;
      case "task-ended":
        this.#end(event.task, event.attempt, event.outcome, event.ranMs, nowMs);
        break;
      case "put-begun":
        this.#objects.addOwn(event.object);
        break;
      case "object-put":
        this.#put(event.object, event.place, nowMs);
        break;
      case "lease-granted":
        this.#grant(event.lease, event.shape, event.worker, nowMs);
        break;
      case "lease-revoked":
        this.#close(this.#leases.get(event.lease));
        break;
      case "lease-lost":
        this.#lose(event.lease, event.reason, event.restarts === true, nowMs);
        break;
      case "tasks-returned":
        this.#takeBack(event.lease, event.tasks, nowMs);
        break;
      case "place-told":
        this.#tell(event.object, event.place, nowMs);
        break;
      case "object-wanted":
        this.#want(event.object);
        break;
      case "object-shared":
        this.#objects.share(event.object);
        break;
      case "object-held":
        this.#objects.hold(event.object);
        break;
      case "object-released":
        this.#objects.release(event.object);
        break;
      case "cancel-asked":
        this.#maybeCancel(this.#tasks.get(event.task), event, null, nowMs);
        break;
      case "cancel-cell-asked":
        // "" is no cell: a plain program goes on.
        if (event.cell !== "") this.#cancelledCells.set(event.cell, true);
        for (const task of [...this.#tasks.values()]) {
          if (task.ticket.cell === event.cell) this.#maybeCancel(task, gently, null, nowMs);
        }
        this.#callOffActors(event.cell);
        break;
      case "cancel-children-asked":
        this.#cancelChildren(event.parent, event.force, nowMs);
        break;
      case "head-lost":
        this.#stop(event.reason, nowMs);
        break;
      case "ticked":
        this.#tick(nowMs);
        break;
      default:
        event satisfies never;
    }
    return this.#out.take();
  }

  flush(nowMs: number): SubmitterCommand[] {
    if (this.#dirty.length > 0) {
      const dirty = this.#dirty;
      this.#dirty = [];
      for (const queue of dirty) {
        queue.dirty = false;
        if (queue.ready.size > 0) this.#dispatch(queue, nowMs);
        this.#tellWanted(queue);
        this.#settleLeases(queue, nowMs);
      }
    }
    return this.#out.take();
  }

  /** What a process holds: for tests, and for `%cluster`. */
  status(): {tasks: number; objects: number; leases: number} {
    return {
      tasks: this.#tasks.size,
      objects: this.#objects.entries.size,
      leases: this.#leases.size,
    };
  }

  /** The first of the tasks that wait for a lease of this shape. */
  firstWaiting({key}: Shape): TaskTicket | null {
    const waiting = this.#queues.get(key)?.ready.first?.ticket;
    return waiting ?? [...this.#submitted.values()].find(({shape}) => shape.key === key) ?? null;
  }

  /** For the invariants: every unfinished task, every lease, every queue, every object. */
  inspect() {
    return {
      tasks: this.#tasks as ReadonlyMap<TaskId, Task>,
      leases: this.#leases as ReadonlyMap<LeaseId, Lease>,
      queues: this.#queues as ReadonlyMap<string, ShapeQueue>,
      objects: this.#objects.entries,
    };
  }

  // ---- tasks ----

  #submit(ticket: TaskTicket, nowMs: number): void {
    const id = ticket.task;
    if (this.#tasks.has(id)) return;
    const result = this.#objects.addOwn(objectId(id));
    if (result.place) return;
    const queue = this.#queueOf(ticket.shape);
    const task: Task = {
      id,
      ticket,
      result,
      queue,
      state: "waiting",
      attempt: 1,
      retriesLeft: ticket.maxRetries < 0 ? Infinity : ticket.maxRetries,
      missing: 0,
      lease: null,
      // What must not run twice can't wait behind another: if the worker died, nobody could tell
      // whether it had begun. And a time limit counts from when it is sent.
      // An actor's calls have nowhere else to go.
      alone: (ticket.maxRetries === 0 && !ticket.actor) || ticket.timeoutMs !== undefined,
      cancel: "no",
      cancelDetail: "",
      deadlineMs: Infinity,
      list: null,
      previous: null,
      next: null,
    };
    this.#tasks.set(id, task);
    if (ticket.parent !== null) this.#addChild(ticket.parent, task);
    this.#out.push({
      kind: "trace",
      event: {
        kind: "task-submitted",
        at: nowMs * 1000,
        task: id,
        run: ticket.run,
        parent: ticket.parent,
        fn: ticket.fn,
        args: ticket.args,
        resources: ticket.shape.resources,
      },
    });
    if (ticket.holds) for (const object of ticket.holds) this.#objects.pin(object);
    if (ticket.actor?.kind === "creation") {
      // Who holds it is the head's to know, from the first moment on.
      this.#objects.share(result.object);
      this.#settle(result, {kind: "inline", ok: true, frames: []}, nowMs);
    }
    let failed: {object: ObjectId; place: Place} | undefined;
    for (const object of ticket.args) {
      const entry = this.#objects.pin(object);
      if (!entry.place) {
        task.missing++;
        (entry.waiters ??= []).push(task);
      } else if (hasFailed(entry.place)) {
        failed ??= {object, place: entry.place};
      }
    }
    const called = ticket.actor?.kind === "call" ? ticket.actor.actor : undefined;
    const death = called && this.#dead.get(called);
    if (this.#stopped !== null)
      this.#fail(task, {why: "cluster-stopped", detail: this.#stopped}, nowMs);
    else if (failed !== undefined) this.#failArgument(task, failed.object, failed.place, nowMs);
    else if (death !== undefined) this.#failDead(task, death, nowMs);
    else if (this.#cancelledCells.has(ticket.cell)) {
      this.#maybeCancel(task, gently, null, nowMs);
    } else if (task.missing === 0 || called) {
      // A call keeps its place even while it waits for arguments.
      this.#enqueue(task);
    }
  }

  #enqueue(task: Task): void {
    if (task.ticket.actor?.kind === "creation") return this.#submitActor(task);
    task.state = "queued";
    task.queue.ready.push(task);
    this.#touch(task.queue);
  }

  /** Back to the front of the queue: it was there before those that wait now. */
  #requeue(task: Task): void {
    unlink(task);
    task.lease = null;
    task.state = "queued";
    task.deadlineMs = Infinity;
    this.#timed.delete(task);
    task.queue.ready.unshift(task);
    this.#touch(task.queue);
  }

  #end(id: TaskId, attempt: number, outcome: TaskOutcome, ranMs: number, nowMs: number): void {
    const task = this.#tasks.get(id);
    // Late or twice: of an earlier attempt, or of a task that has ended.
    if (!task || task.state !== "sent" || task.attempt !== attempt) return;
    const lease = task.lease!;
    unlink(task);
    this.#measure(lease, ranMs);
    this.#touch(lease.queue);
    if (lease.sent.size === 0) lease.idleSinceMs = nowMs;
    if (outcome.kind === "cancelled") {
      const detail = task.cancelDetail || `${task.ticket.fn} was cancelled on its worker`;
      this.#fail(task, {why: "cancelled", detail}, nowMs, false);
    } else if (
      outcome.kind === "threw" &&
      maybeRetries(task, outcome.errorNames ?? [outcome.errorName])
    ) {
      if (task.cancel !== "no") {
        this.#fail(task, {why: "cancelled", detail: task.cancelDetail}, nowMs, false);
        return;
      }
      task.retriesLeft--;
      task.attempt++;
      this.#requeue(task);
    } else {
      this.#drop(task);
      this.#settle(task.result, outcome.place, nowMs);
    }
  }

  #failArgument(task: Task, object: ObjectId, argument: Place, nowMs: number): void {
    const detail = `argument ${object} of ${task.ticket.fn} failed`;
    this.#fail(task, {why: "argument-failed", detail, argument}, nowMs);
  }

  /** `untold`: no worker has told the trace how it ended. */
  #fail(
    task: Task,
    failure: Omit<FailedTask, "kind" | "task">,
    nowMs: number,
    untold = true,
  ): void {
    unlink(task);
    // One that waits no longer needs no lease.
    if (task.state === "queued") this.#touch(task.queue);
    if (untold) {
      const state = stateOfFailure[failure.why];
      this.#traceEnd(task, state, failure.detail, nowMs);
    }
    const {actor} = task.ticket;
    if (actor?.kind === "creation") {
      const {detail: reason, argument} = failure;
      const cause = argument === undefined ? {} : {argument};
      this.#out.push({kind: "abandon-actor", actor: actor.actor, reason, ...cause});
    } else {
      this.#out.push({kind: "fail-task", task: task.id, ...failure});
    }
    this.#drop(task);
  }

  // ---- actors ----

  /** The head takes over: it makes the actor, as often as it must. */
  #submitActor(task: Task): void {
    const {id, ticket} = task;
    for (const object of ticket.args) this.#objects.share(object);
    this.#submitted.set(ticket.actor!.actor, ticket);
    this.#out.push({kind: "submit-actor", task: id, args: this.#placesOf(task)});
    this.#drop(task);
  }

  /** The head knows whether they were made meanwhile: those live on. */
  #callOffActors(cell: string): void {
    for (const [actor, ticket] of this.#submitted) {
      if (cell === "" || ticket.cell !== cell) continue;
      const reason = `${ticket.fn} was cancelled with its cell`;
      this.#out.push({kind: "abandon-actor", actor, reason});
    }
  }

  #dieActor(actor: ActorId, {reason, cause}: Death, nowMs: number): void {
    const death = {reason, cause};
    this.#dead.set(actor, death);
    this.#submitted.delete(actor);
    for (const task of [...this.#tasks.values()]) {
      const {actor: called} = task.ticket;
      if (called?.kind === "call" && called.actor === actor) this.#failDead(task, death, nowMs);
    }
    const queue = this.#queues.get(actorKey(actor));
    if (queue) for (const lease of [...queue.leases]) this.#forgetLease(lease);
  }

  #failDead(task: Task, {reason, cause}: Death, nowMs: number): void {
    const detail = `${task.ticket.fn}: ${reason}`;
    const argument = cause ? {argument: cause} : {};
    this.#fail(task, {why: "actor-died", detail, ...argument}, nowMs);
  }

  /** Nothing here refers to it any more: the lease for its calls goes back. */
  #letGo(object: ObjectId): void {
    const actor = actorHeldBy(object);
    if (actor === null) return;
    this.#submitted.delete(actor);
    const queue = this.#queues.get(actorKey(actor));
    if (queue) this.#touch(queue);
  }

  #traceEnd(
    task: Task,
    state: "failed" | "cancelled" | "lost",
    error: string,
    nowMs: number,
  ): void {
    this.#out.push({
      kind: "trace",
      event: {
        kind: "task-ended",
        at: nowMs * 1000,
        task: task.id,
        attempt: task.attempt,
        state,
        storeUs: 0,
        sizeBytes: 0,
        error,
      },
    });
  }

  /** It has ended: its payload and its arguments are needed no longer. */
  #drop(task: Task): void {
    const {id, ticket} = task;
    this.#tasks.delete(id);
    this.#timed.delete(task);
    if (ticket.parent !== null) {
      const siblings = this.#children.get(ticket.parent);
      siblings?.delete(task);
      if (siblings?.size === 0) this.#children.delete(ticket.parent);
    }
    for (const object of ticket.args) this.#objects.unpin(object);
    if (ticket.holds) for (const object of ticket.holds) this.#objects.unpin(object);
    this.#out.push({kind: "drop-task", task: id});
  }

  // ---- objects ----

  /** A put value, or the error of a task that has failed. */
  #put(object: ObjectId, place: Place, nowMs: number): void {
    // Nobody but its own task says what an unfinished task comes to.
    if (this.#tasks.get(taskOf(object))?.result.object === object) return;
    const entry = this.#objects.addOwn(object);
    if (!entry.place) this.#settle(entry, place, nowMs);
  }

  #tell(object: ObjectId, place: Place, nowMs: number): void {
    const entry = this.#objects.find(object);
    if (entry && !entry.own && !entry.place) this.#settle(entry, place, nowMs);
  }

  #settle(entry: Entry, place: Place, nowMs: number): void {
    const {object} = entry;
    const waiters = this.#objects.settle(entry, place);
    for (const task of waiters) {
      if (task.missing === 0 || !this.#tasks.has(task.id)) continue;
      if (hasFailed(place)) this.#failArgument(task, object, place, nowMs);
      else if (--task.missing === 0) {
        if (task.state === "waiting") this.#enqueue(task);
        else this.#touch(task.queue);
      }
    }
    this.#objects.maybeForget(entry);
  }

  #want(object: ObjectId): void {
    const entry = this.#objects.need(object);
    entry.held = true;
    if (entry.place) this.#out.push({kind: "settle", object, place: entry.place});
    else if (this.#stopped !== null && !entry.own) this.#loseObject(entry.object, this.#stopped);
  }

  #loseObject(object: ObjectId, reason: string): void {
    const entry = this.#objects.find(object);
    if (entry && !entry.place) this.#objects.settle(entry, {kind: "lost", reason});
  }

  // ---- leases ----

  #grant(id: LeaseId, shape: Shape, worker: WorkerId, nowMs: number): void {
    if (this.#leases.has(id) || this.#goneLeases.has(id) || this.#stopped !== null) return;
    const queue = this.#queueOf(shape);
    const lease: Lease = {
      id,
      worker,
      queue,
      sent: new List(),
      window: shape.actor ? actorWindow : 1,
      meanMs: 0,
      closing: false,
      isUsed: false,
      idleSinceMs: nowMs,
    };
    this.#leases.set(id, lease);
    queue.leases.add(lease);
    queue.wanted = Math.max(0, queue.wanted - 1);
    this.#touch(queue);
  }

  #close(lease: Lease | undefined): void {
    if (!lease) return;
    lease.closing = true;
    this.#touch(lease.queue);
  }

  #forgetLease(lease: Lease): void {
    this.#leases.delete(lease.id);
    lease.queue.leases.delete(lease);
    this.#goneLeases.add(lease.id);
    if (this.#goneLeases.size > maxGoneLeases) {
      for (const id of this.#goneLeases) {
        this.#goneLeases.delete(id);
        break;
      }
    }
    this.#touch(lease.queue);
  }

  /**
   * The worker is gone. Which of the tasks sent to it had begun, nobody can tell: results may have
   * been lost on the way, so each counts as an attempt. From now on they travel alone: the one that
   * brought the worker down can't take others with it again.
   */
  #lose(id: LeaseId, reason: string, restarts: boolean, nowMs: number): void {
    const lease = this.#leases.get(id);
    if (!lease) return;
    this.#forgetLease(lease);
    for (let task = lease.sent.last; task; task = lease.sent.last) {
      unlink(task);
      if (task.cancel !== "no") {
        this.#fail(task, {why: "cancelled", detail: task.cancelDetail}, nowMs);
      } else if (task.retriesLeft > 0) {
        this.#traceEnd(task, "lost", reason, nowMs);
        task.retriesLeft--;
        task.attempt++;
        task.alone ||= !task.ticket.actor;
        this.#requeue(task);
      } else if (task.ticket.actor) {
        const again = "it is being started again; the call may have run, or set maxTaskRetries";
        const detail = `${task.ticket.fn}: ${reason}${restarts ? `; ${again}` : ""}`;
        this.#fail(task, {why: restarts ? "actor-unavailable" : "actor-died", detail}, nowMs);
      } else {
        const tries = `attempt ${task.attempt} of ${task.attempt}`;
        const what = `worker ${lease.worker} was lost while it ran ${task.ticket.fn} (${tries}): ${reason}`;
        const detail = `${what}; look at \`%cluster logs\`, or set maxRetries`;
        this.#fail(task, {why: "worker-crashed", detail}, nowMs);
      }
    }
  }

  /**
   * They have not begun. A lease that has handed back is used no more: the tasks would wait there
   * behind the one that runs long, and the same news arriving twice could not be told from new.
   */
  #takeBack(id: LeaseId, tasks: TaskId[], nowMs: number): void {
    const lease = this.#leases.get(id);
    if (!lease) return;
    lease.closing = true;
    this.#touch(lease.queue);
    for (let i = tasks.length - 1; i >= 0; i--) {
      const task = this.#tasks.get(tasks[i]!);
      if (!task || task.lease !== lease || task.state !== "sent") continue;
      if (task.cancel !== "no") {
        this.#fail(task, {why: "cancelled", detail: task.cancelDetail}, nowMs);
      } else {
        this.#requeue(task);
      }
    }
    if (lease.sent.size === 0) lease.idleSinceMs = nowMs;
  }

  #measure(lease: Lease, ranMs: number): void {
    if (lease.queue.shape.actor) return;
    lease.meanMs = lease.meanMs === 0 ? ranMs : lease.meanMs * 0.8 + ranMs * 0.2;
    const worth = Math.floor(this.#windowMs / Math.max(lease.meanMs, 1e-6));
    lease.window = Math.max(1, Math.min(lease.window * 2, worth, this.#maxWindow));
  }

  // ---- flush: sending, wanting, returning ----

  #dispatch(queue: ShapeQueue, nowMs: number): void {
    let takers = 0;
    for (const lease of queue.leases) if (roomOf(lease) > 0) takers++;
    for (const lease of queue.leases) {
      if (takers === 0 || queue.ready.size === 0) return;
      const room = roomOf(lease);
      if (room === 0) continue;
      const share = Math.ceil(queue.ready.size / takers);
      takers--;
      for (let left = Math.min(room, share); left > 0; left -= this.#maxWindow)
        this.#send(queue, lease, Math.min(left, this.#maxWindow), nowMs);
    }
  }

  #send(queue: ShapeQueue, lease: Lease, count: number, nowMs: number): void {
    const tasks: SentTasks = [];
    for (let task = queue.ready.first; task && tasks.length < count; task = queue.ready.first) {
      if ((task.alone && lease.sent.size > 0) || task.missing > 0) break;
      unlink(task);
      lease.sent.push(task);
      task.state = "sent";
      task.lease = lease;
      tasks.push({task: task.id, attempt: task.attempt, args: this.#placesOf(task)});
      this.#traceLease(task, lease.worker, nowMs);
      if (task.ticket.timeoutMs !== undefined) {
        task.deadlineMs = nowMs + task.ticket.timeoutMs;
        this.#timed.add(task);
        this.#out.wake(task.deadlineMs);
      }
      if (task.alone) break;
    }
    if (tasks.length === 0) return;
    lease.isUsed = true;
    this.#out.push({kind: "send-tasks", lease: lease.id, worker: lease.worker, tasks});
  }

  #traceLease(task: Task, worker: WorkerId, nowMs: number): void {
    this.#out.push({
      kind: "trace",
      event: {kind: "task-leased", at: nowMs * 1000, task: task.id, attempt: task.attempt, worker},
    });
  }

  #placesOf(task: Task): {object: ObjectId; place: Place}[] {
    if (task.ticket.args.length === 0) return noPlaces;
    return task.ticket.args.map((object) => ({object, place: this.#objects.find(object)!.place!}));
  }

  /** The head hears of more at once, of less when it matters: when few are left, and below half. */
  #tellWanted(queue: ShapeQueue): void {
    const most = queue.shape.actor ? 1 - queue.leases.size : this.#maxWanted;
    const count = this.#stopped === null ? Math.min(queue.ready.size, most) : 0;
    const told = queue.wanted;
    if (count === told || (count > few && count < told && count * 2 > told)) return;
    queue.wanted = count;
    this.#out.push({kind: "want-leases", shape: queue.shape, count});
  }

  #settleLeases(queue: ShapeQueue, nowMs: number): void {
    const {actor} = queue.shape;
    const isHeld = actor !== undefined && this.#objects.find(holdOf(actor));
    for (const lease of queue.leases) {
      // Another call may come as long as somebody here could make one.
      if (lease.sent.size > 0 || (isHeld && !lease.closing)) continue;
      if (actor) lease.closing = true;
      const dueMs = lease.idleSinceMs + this.#lingerMs;
      if (lease.closing || nowMs >= dueMs) {
        this.#forgetLease(lease);
        this.#out.push({kind: "return-lease", lease: lease.id});
      } else {
        this.#out.wake(dueMs);
      }
    }
    if (actor && !isHeld && queue.leases.size + queue.ready.size === 0)
      this.#queues.delete(queue.shape.key);
  }

  #tick(nowMs: number): void {
    this.#out.ticked();
    for (const queue of this.#queues.values()) if (queue.leases.size > 0) this.#touch(queue);
    for (const task of this.#timed) {
      if (task.deadlineMs > nowMs) this.#out.wake(task.deadlineMs);
      else {
        this.#timed.delete(task);
        const detail = `${task.ticket.fn} ran longer than its timeoutMs (${task.ticket.timeoutMs})`;
        this.#maybeCancel(task, gently, detail, nowMs);
      }
    }
  }

  // ---- cancelling ----

  #maybeCancel(
    task: Task | undefined,
    how: {force: boolean; recursive: boolean},
    detail: string | null,
    nowMs: number,
  ): void {
    if (!task || !this.#tasks.has(task.id)) return;
    if (task.cancel === "no") task.cancelDetail = detail ?? `${task.ticket.fn} was cancelled`;
    if (how.recursive) this.#cancelChildren(task.id, how.force, nowMs);
    if (task.state !== "sent") {
      this.#fail(task, {why: "cancelled", detail: task.cancelDetail}, nowMs);
      return;
    }
    const cancel = how.force ? "forced" : "asked";
    if (task.cancel === cancel || task.cancel === "forced") return;
    task.cancel = cancel;
    const lease = task.lease!;
    this.#out.push({
      kind: "cancel-on-worker",
      lease: lease.id,
      worker: lease.worker,
      task: task.id,
      force: how.force,
      recursive: how.recursive,
    });
  }

  #cancelChildren(parent: TaskId, force: boolean, nowMs: number): void {
    const children = this.#children.get(parent);
    if (!children) return;
    for (const child of [...children])
      this.#maybeCancel(child, {force, recursive: true}, null, nowMs);
  }

  #stop(reason: string, nowMs: number): void {
    if (this.#stopped !== null) return;
    this.#stopped = reason;
    for (const task of [...this.#tasks.values()]) {
      this.#fail(task, {why: "cluster-stopped", detail: reason}, nowMs);
    }
    for (const lease of [...this.#leases.values()]) this.#forgetLease(lease);
    for (const entry of [...this.#objects.entries.values()]) {
      if (!entry.own && !entry.place) this.#loseObject(entry.object, reason);
    }
  }

  // ---- small things ----

  #queueOf(shape: Shape): ShapeQueue {
    let queue = this.#queues.get(shape.key);
    if (!queue) {
      queue = {shape, ready: new List(), leases: new Set(), wanted: 0, dirty: false};
      this.#queues.set(shape.key, queue);
    }
    return queue;
  }

  #touch(queue: ShapeQueue): void {
    if (queue.dirty) return;
    queue.dirty = true;
    this.#dirty.push(queue);
  }

  #addChild(parent: CallId | TaskId, task: Task): void {
    const children = this.#children.get(parent);
    if (children) children.add(task);
    else this.#children.set(parent, new Set([task]));
  }
}

/** So many wanted leases are told exactly: each may start a worker. */
const few = 8;
/** How many grants that came twice can be recognised. */
const maxGoneLeases = 1024;
/** Cancelled cells that are remembered. */
const cancelledCells = 256;
/** Dead actors that are remembered, with the reason. */
const deadActors = 1024;
/**
 * So many calls may be under way to one actor: they may all wait inside of it for one that comes later,
 * so this is more than ever run at once (`mostAtOnce` in actor-runner.ts), by what `roomOf` leaves.
 */
const actorWindow = 4096;
const gently = {force: false, recursive: true};
const noPlaces: {object: ObjectId; place: Place}[] = [];
/** Of the shape of an actor's calls. */
export const actorKey = (actor: ActorId): string => `actor/${actor}`;
const stateOfFailure = {
  cancelled: "cancelled",
  "worker-crashed": "lost",
  "argument-failed": "failed",
  "cluster-stopped": "lost",
  "actor-died": "failed",
  "actor-unavailable": "lost",
} as const;

function maybeRetries(task: Task, errorNames: string[]): boolean {
  const when = task.ticket.retryExceptions;
  if (task.retriesLeft <= 0) return false;
  return when === true || (Array.isArray(when) && errorNames.some((name) => when.includes(name)));
}

function hasFailed(place: Place): boolean {
  return place.kind === "lost" || !place.ok;
}

/**
 * Small gaps in a large window are left until they are worth a message. A lease that was asked back
 * before its first task serves that one all the same: else two clients could pass it to and fro.
 */
function roomOf(lease: Lease): number {
  const under = lease.sent.size;
  if (lease.closing) return lease.isUsed ? 0 : 1;
  if (lease.sent.first?.alone) return 0;
  const room = lease.window - under;
  return room > 0 && (under === 0 || room * 4 >= lease.window) ? room : 0;
}
