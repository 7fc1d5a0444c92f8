// A client's tasks on their way: arguments, leases, retries, cancels, and the objects it owns.
//
//   task-submitted ─▶ waiting ─(arguments known)─▶ queued ─(a lease has room)─▶ sent ─▶ ended
//                        │                            ▲                          │
//                        └──── a failed argument      └── returned, lost, retried ┘
//
// A task that is cancelled while it runs ends at once for everybody here. Only its lease is held
// until the worker tells that the task's code has settled.

import {actorHeldBy, holdOf, objectId, taskOf} from "../../ids.js";
import type {ActorId, LeaseId, NodeId, ObjectId, TaskId, WorkerId} from "../../ids.js";
import {ActorCalls, actorKey, putBack} from "./actor-calls.js";
import type {Pack, PackedTask} from "./backlog.js";
import type {
  Death,
  Place,
  ReadyTask,
  Shape,
  SubmitterCommand,
  SubmitterEvent,
  TaskOutcome,
  TaskTicket,
} from "../events.js";
import {
  actorDied,
  argumentFailed,
  cancelled,
  lost,
  stateOfFailure,
  type Failure,
} from "./failures.js";
import {Families} from "./families.js";
import {Leases, type LeaseOptions} from "./leases.js";
import {unlink} from "../list.js";
import {ObjectTable} from "./object-table.js";
import type {Entry} from "./object-table.js";
import {Recent} from "../../recent.js";
import type {Lease, ShapeQueue, Task} from "./submitted.js";
import {taskEnded, taskLeased, taskSubmitted} from "./task-trace.js";
import {Outbox} from "../outbox.js";

type TaskSubmitted = Extract<SubmitterEvent, {kind: "task-submitted"}>;
type SentTasks = Extract<SubmitterCommand, {kind: "send-tasks"}>["tasks"];

/**
 * `handle` takes one event and gives what follows at once (settle, fail, trace, …).
 * `flush` gives what is cheaper in batches (send-tasks, want-leases, return-lease, wake):
 * the shell calls it once after each batch of events that it has handled.
 */
export class Submitter {
  /**
   * An interrupted cell may still submit: what was under way, or code that runs on after an await.
   */
  readonly #cancelledCells = new Recent<string, true>(cancelledCells);
  /** Cancelled tasks of this process: what they still submit is cancelled. */
  readonly #cancelledParents = new Recent<TaskId, true>(cancelledParents);
  readonly #tasks = new Map<TaskId, Task | Pack>();
  /**
   * Tasks whose workers may have been at them when they failed here. False: made once more since.
   */
  readonly #untold = new Recent<TaskId, boolean>(untoldTasks);
  /** Cancelled tasks whose code still runs: each keeps its lease. */
  readonly #settling = new Map<TaskId, Task>();
  readonly #families = new Families();
  readonly #timed = new Set<Task>();
  readonly #objects = new ObjectTable(
    (command) => {
      this.#out.push(command);
      if (command.kind === "forget-object") this.#letGo(command.object);
    },
    (object) => {
      const id = taskOf(object);
      const task = this.#tasks.get(id);
      if (task === undefined || object !== objectId(id)) return false;
      // An actor's hold object (`holdOf`) is there from the first.
      return task.state === "packed" || task.ticket.actor?.kind !== "creation";
    },
  );
  readonly #actors = new ActorCalls();
  readonly #leases: Leases;

  readonly #out = new Outbox<SubmitterCommand>();
  #stopped: string | null = null;
  #nextTurn = 1;

  constructor(options: LeaseOptions = {}) {
    const sender = {
      send: (lease: Lease, count: number, nowMs: number) => this.#send(lease, count, nowMs),
      maybeCalls: (actor: ActorId) => this.#objects.find(holdOf(actor)) !== undefined,
    };
    this.#leases = new Leases(sender, this.#out, options);
  }

  handle(event: SubmitterEvent, nowMs: number): SubmitterCommand[] {
    switch (event.kind) {
      case "task-submitted":
        this.#submit(event, nowMs);
        break;
      case "actor-died":
        this.#dieActor(event.actor, event, nowMs);
        break;
      case "task-began":
        this.#begin(event.task, event.attempt, nowMs);
        break;
      case "task-ended":
        this.#end(event.task, event.attempt, event.outcome, event.ranMs, nowMs);
        break;
      case "task-settled":
        this.#settled(event.task, event.attempt, nowMs);
        break;
      case "put-begun":
        this.#objects.addOwn(event.object);
        break;
      case "object-put":
        this.#put(event.object, event.place, nowMs);
        break;
      case "lease-granted":
        this.#leases.grant(event.lease, event.shape, event.worker, nowMs);
        break;
      case "lease-revoked":
        this.#leases.close(this.#leases.find(event.lease));
        break;
      case "worker-unreachable":
        for (const lease of this.#leases.on(event.worker)) this.#leases.seal(lease);
        break;
      case "lease-lost":
        this.#lose(event, nowMs);
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
        this.#objects.lend(event.object, nowMs);
        this.#objects.share(event.object);
        break;
      case "object-held":
        this.#objects.hold(event.object);
        break;
      case "object-released":
        this.#objects.release(event.object);
        break;
      case "object-left":
        this.#objects.leave(event.object, event.by);
        break;
      case "cancel-asked":
        this.#maybeCancel(this.#unpacked(event.task), event, null, nowMs);
        break;
      case "cancel-cell-asked":
        this.#cancelCell(event.cell, nowMs);
        break;
      case "cancel-children-asked":
        this.#cancelledParents.set(event.parent, true);
        if (event.recursive) this.#cancelChildren(event.parent, event.force, nowMs);
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
    this.#leases.flush(nowMs);
    return this.#out.take();
  }

  /** Counts of what a process holds: for tests, and for `%cluster`. */
  status(): {tasks: number; objects: number; leases: number} {
    return {
      tasks: this.#tasks.size + this.#settling.size,
      objects: this.#objects.entries.size,
      leases: this.#leases.size,
    };
  }

  /** Where an object is, when that is known here. */
  placeOf(object: ObjectId): Place | null {
    return this.#objects.find(object)?.place ?? null;
  }

  leasesOn(worker: WorkerId): LeaseId[] {
    return this.#leases.on(worker);
  }

  /** The tickets of the unfinished tasks. */
  *tickets(): Iterable<TaskTicket> {
    for (const {ticket} of this.#unfinished()) yield ticket;
  }

  /** The first of the tasks that wait for a lease of this shape. */
  firstWaiting(shape: Shape): TaskTicket | null {
    const queue = this.#leases.findQueue(shape.key);
    const waiting = queue && (queue.ready.first ?? queue.backlog.first);
    return waiting?.ticket ?? this.#actors.firstOf(shape) ?? null;
  }

  /** For the invariants: every unfinished task, every lease, every queue, every object. */
  inspect() {
    return {
      tasks: this.#tasks as ReadonlyMap<TaskId, Task | Pack>,
      settling: this.#settling as ReadonlyMap<TaskId, Task>,
      ...this.#leases.inspect(),
      objects: this.#objects.entries,
    };
  }

  // ---- tasks ----

  #make({id, ticket, payload}: PackedTask): Task {
    const task: Task = {
      id,
      ticket,
      payload,
      queue: this.#leases.queueOf(ticket.shape),
      turn: this.#nextTurn++,
      state: "waiting",
      attempt: 1,
      retriesLeft: ticket.maxRetries < 0 ? Infinity : ticket.maxRetries,
      missing: 0,
      lease: null,
      leftOn: null,
      // What must not run twice can't wait behind another: if the worker died, nobody could tell
      // whether it had begun. And a time limit counts from when it is sent.
      // An actor's calls have nowhere else to go, and their worker tells when they begin.
      alone: !ticket.actor && (ticket.maxRetries === 0 || ticket.timeoutMs !== undefined),
      cancel: "no",
      cancelDetail: "",
      deadlineMs: Infinity,
      list: null,
      previous: null,
      next: null,
    };
    this.#tasks.set(id, task);
    return task;
  }

  #submit({task: id, ticket, payload}: TaskSubmitted, nowMs: number): void {
    if (this.#tasks.has(id)) return;
    const result = this.#objects.entries.get(objectId(id));
    if (result?.place) return;
    if (result) result.own = true;
    const task = this.#make({id, ticket, payload});
    this.#families.add(task);
    this.#out.push({kind: "trace", event: taskSubmitted(task, nowMs)});
    if (ticket.holds) for (const object of ticket.holds) this.#objects.pin(object);
    if (ticket.actor?.kind === "creation") {
      // Who holds it is the head's to know, from the first moment on.
      const holder = this.#objects.addOwn(objectId(id));
      this.#objects.share(holder.object);
      this.#settle(holder, {kind: "inline", ok: true, frames: []}, nowMs);
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
    const death = called && this.#actors.deathOf(called);
    if (this.#stopped !== null)
      this.#fail(task, {why: "cluster-stopped", detail: this.#stopped}, nowMs);
    else if (failed !== undefined)
      this.#fail(task, argumentFailed(task, failed.object, failed.place), nowMs);
    else if (death !== undefined) this.#fail(task, actorDied(task, death), nowMs);
    else if (this.#cancelledCells.has(ticket.cell) || this.#hasCancelledParent(ticket)) {
      this.#maybeCancel(task, gently, null, nowMs);
    } else if (task.missing === 0 || called) {
      // A call keeps its place even while it waits for arguments.
      this.#enqueue(task, nowMs);
    }
  }

  #enqueue(task: Task, nowMs: number): void {
    if (task.ticket.actor?.kind === "creation") return this.#submitActor(task, nowMs);
    const {queue} = task;
    task.state = "queued";
    if (this.#leases.packs(queue)) this.#tasks.set(task.id, queue.backlog.push(task));
    else queue.ready.push(task);
    this.#leases.touch(queue);
  }

  #unpack(packed: PackedTask): Task {
    const task = this.#make(packed);
    task.state = "queued";
    return task;
  }
  /** The unfinished task of this id, for what is to happen to it. */
  #unpacked(id: TaskId): Task | undefined {
    const task = this.#tasks.get(id);
    return task?.state === "packed" ? this.#unpack(task.take(id)) : task;
  }
  /** The task that is sent next. */
  #firstReady({ready, backlog}: ShapeQueue): Task | null {
    if (ready.size === 0) for (const packed of backlog.shift()) ready.push(this.#unpack(packed));
    return ready.first;
  }
  *#unfinished(): Iterable<PackedTask> {
    for (const task of this.#tasks.values()) if (task.state !== "packed") yield task;
    yield* this.#leases.packed();
  }

  /** Puts a task back in front: it was there before those that wait now. */
  #requeue(task: Task): void {
    unlink(task);
    task.lease = null;
    task.state = "queued";
    task.deadlineMs = Infinity;
    this.#timed.delete(task);
    if (task.ticket.actor) putBack(task);
    else task.queue.ready.unshift(task);
    this.#leases.touch(task.queue);
  }

  #end(id: TaskId, attempt: number, outcome: TaskOutcome, ranMs: number, nowMs: number): void {
    const task = this.#tasks.get(id);
    if (!task) this.#dropLate(id, attempt, outcome);
    // Late or twice: of an earlier attempt, or of a task that has ended.
    if (task?.state !== "sent" || task.attempt !== attempt) return;
    const lease = task.lease!;
    if (outcome.kind === "cancelled") {
      const detail = task.cancelDetail || `${task.ticket.fn} was cancelled on its worker`;
      if (outcome.settles) {
        task.state = "settling";
        this.#settling.set(id, task);
        this.#pinActor(task);
        // An actor's calls wait on their worker for those before them.
        if (!task.ticket.actor) this.#leases.close(lease);
      } else {
        unlink(task);
        this.#leases.ended(lease, ranMs, nowMs);
      }
      this.#fail(task, {why: "cancelled", detail}, nowMs, false);
      return;
    }
    unlink(task);
    this.#leases.ended(lease, ranMs, nowMs);
    if (outcome.kind === "threw" && maybeRetries(task, outcome.errorNames ?? [outcome.errorName])) {
      if (task.cancel !== "no") {
        this.#leave(task, outcome.place);
        this.#fail(task, cancelled(task), nowMs, false);
        return;
      }
      task.retriesLeft--;
      task.attempt++;
      this.#leave(task, outcome.place);
      this.#requeue(task);
    } else {
      this.#leave(task, outcome.place);
      task.leftOn = null;
      if (attempt > 1) this.#untold.set(id, false);
      this.#drop(task, nowMs);
      this.#settle(this.#objects.addOwn(objectId(id)), outcome.place, nowMs);
    }
  }

  #settled(id: TaskId, attempt: number, nowMs: number): void {
    const task = this.#settling.get(id);
    if (task?.attempt !== attempt) return;
    this.#settling.delete(id);
    unlink(task);
    this.#unpinActor(task);
    this.#leases.settled(task.lease!, nowMs);
  }

  /** The actor of a call that is being stopped lives until the call has settled. */
  #pinActor({ticket: {actor}}: Task): void {
    if (actor?.kind === "call") this.#objects.pin(holdOf(actor.actor));
  }
  #unpinActor({ticket: {actor}}: Task): void {
    if (actor?.kind === "call") this.#objects.unpin(holdOf(actor.actor));
  }

  /**
   * What comes to the same store takes the place of what was there; elsewhere that stays until it
   * is dropped.
   */
  #leave(task: Task, place: Place | null): void {
    const node = place?.kind === "stored" ? place.node : null;
    const {leftOn} = task;
    task.leftOn = node;
    if (leftOn === null || leftOn === node) return;
    this.#dropStored(task.id, leftOn, task.attempt);
  }

  /** The worker may have stored what the task came to, and nobody has heard of that. */
  #dropUntold({id, attempt}: Task): void {
    this.#dropStored(id, null, attempt);
    this.#untold.set(id, true);
  }
  /**
   * The worker was still at it when the task was given up, and has stored what it came to since.
   */
  #dropLate(id: TaskId, attempt: number, outcome: TaskOutcome): void {
    if (outcome.kind === "cancelled" || outcome.place.kind !== "stored") return;
    const {node} = outcome.place;
    if (this.#untold.get(id)) this.#dropStored(id, node, attempt);
  }
  #dropStored(id: TaskId, node: NodeId | null, upTo: number): void {
    this.#out.push({kind: "drop-stored", object: objectId(id), node, upTo});
  }

  /** `untold`: no worker has told the trace how it ended. */
  #fail(task: Task, failure: Failure, nowMs: number, untold = true): void {
    if (untold && task.state === "sent" && this.#stopped === null) this.#dropUntold(task);
    if (task.state !== "settling") unlink(task);
    // One that waits no longer needs no lease.
    if (task.state === "queued") this.#leases.touch(task.queue);
    if (untold) {
      const state = stateOfFailure[failure.why];
      this.#out.push({kind: "trace", event: taskEnded(task, state, failure.detail, nowMs)});
    }
    const {actor} = task.ticket;
    if (actor?.kind === "creation") {
      const {detail: reason, cause} = failure;
      const because = cause ? {cause} : {};
      this.#out.push({kind: "abandon-actor", actor: actor.actor, reason, ...because});
    } else {
      this.#out.push({kind: "fail-task", task: task.id, ...failure});
    }
    this.#drop(task, nowMs);
  }

  // ---- actors ----

  /** The head takes over: it makes the actor, as often as it must. */
  #submitActor(task: Task, nowMs: number): void {
    const {id, ticket, payload} = task;
    for (const object of ticket.args) this.#objects.share(object);
    this.#actors.submitted(ticket);
    const args = this.#placesOf(ticket.args);
    this.#out.push({kind: "submit-actor", task: id, ticket, payload, args});
    this.#drop(task, nowMs);
  }

  #callOffActors(isBy: (ticket: TaskTicket) => boolean, how: string): void {
    for (const [actor, {fn}] of this.#actors.submittedBy(isBy)) {
      this.#out.push({kind: "abandon-actor", actor, reason: `${fn} was cancelled ${how}`});
    }
  }

  #dieActor(actor: ActorId, {reason, cause}: Death, nowMs: number): void {
    const death = {reason, cause};
    this.#actors.died(actor, death);
    for (const task of [...this.#tasks.values()]) {
      // Calls of actors are never packed.
      if (task.state === "packed") continue;
      const {actor: called} = task.ticket;
      if (called?.kind !== "call" || called.actor !== actor) continue;
      this.#fail(task, actorDied(task, death), nowMs);
    }
    const queue = this.#leases.findQueue(actorKey(actor));
    if (queue) for (const lease of [...queue.leases]) this.#forget(lease);
  }

  /** Nothing here refers to it any more: the lease for its calls goes back. */
  #letGo(object: ObjectId): void {
    const actor = actorHeldBy(object);
    if (actor === null) return;
    this.#actors.released(actor);
    const queue = this.#leases.findQueue(actorKey(actor));
    if (queue) this.#leases.touch(queue);
  }

  /** The task has ended: its arguments are needed no longer. */
  #drop(task: Task, nowMs: number): void {
    const {id, ticket} = task;
    // The task's result outlives the task, and was held unless an event said otherwise.
    if (ticket.actor?.kind !== "creation") this.#objects.addOwn(objectId(id));
    this.#tasks.delete(id);
    this.#timed.delete(task);
    this.#leave(task, null);
    this.#families.remove(task);
    for (const object of ticket.args) this.#objects.unpin(object);
    if (ticket.holds) {
      // The process that ran the task may keep refs that it got, and not have told the head yet.
      // The actor that a call goes to gets no handle of itself.
      const isCall = ticket.actor?.kind === "call";
      ticket.holds.forEach((object, index) => {
        if (!isCall || index > 0) this.#objects.lend(object, nowMs);
        this.#objects.unpin(object);
      });
    }
  }

  // ---- objects ----

  /** A put value, or the error of a task that has failed. */
  #put(object: ObjectId, place: Place, nowMs: number): void {
    // Nobody but its own task says what an unfinished task comes to.
    if (this.#tasks.has(taskOf(object)) && object === objectId(taskOf(object))) return;
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
      if (hasFailed(place)) this.#fail(task, argumentFailed(task, object, place), nowMs);
      else if (--task.missing === 0) {
        if (task.state === "waiting") this.#enqueue(task, nowMs);
        else this.#leases.touch(task.queue);
      }
    }
    this.#objects.maybeTellLeft(entry);
    this.#objects.maybeForget(entry);
  }

  #want(object: ObjectId): void {
    const entry = this.#objects.need(object);
    entry.held = true;
    entry.leftBy = null;
    if (entry.place) this.#out.push({kind: "settle", object, place: entry.place});
    else if (this.#stopped !== null && !entry.own) this.#loseObject(entry.object, this.#stopped);
  }

  #loseObject(object: ObjectId, reason: string): void {
    const entry = this.#objects.find(object);
    if (entry && !entry.place) this.#objects.settle(entry, {kind: "lost", reason});
  }

  // ---- leases ----

  /**
   * The worker is gone. Which of the tasks sent to it had begun, nobody can tell: results may have
   * been lost on the way, so each counts as an attempt. From now on they travel alone: the one that
   * brought the worker down can't take others with it again.
   */
  #lose(event: Extract<SubmitterEvent, {kind: "lease-lost"}>, nowMs: number): void {
    const {reason} = event;
    const lease = this.#leases.find(event.lease);
    if (!lease) return;
    this.#forget(lease);
    for (let task = lease.sent.last; task; task = lease.sent.last) {
      unlink(task);
      if (task.cancel !== "no") {
        this.#fail(task, cancelled(task), nowMs);
      } else if (task.retriesLeft > 0) {
        this.#out.push({kind: "trace", event: taskEnded(task, "lost", reason, nowMs)});
        this.#dropUntold(task);
        task.retriesLeft--;
        task.attempt++;
        task.alone ||= !task.ticket.actor;
        this.#requeue(task);
      } else {
        this.#fail(task, lost(task, lease, event), nowMs);
      }
    }
  }

  /**
   * Forgets a lease and its settling tasks: their process has ended, or cannot be heard any more.
   */
  #forget(lease: Lease): void {
    this.#leases.forget(lease);
    for (let task = lease.sent.first; task;) {
      const {next} = task;
      if (task.state === "settling") {
        this.#settling.delete(task.id);
        unlink(task);
        this.#unpinActor(task);
      }
      task = next;
    }
  }

  /**
   * They have not begun. A lease that has handed back is used no more: the tasks would wait there
   * behind the one that runs long, and the same news arriving twice could not be told from new.
   */
  #takeBack(id: LeaseId, tasks: TaskId[], nowMs: number): void {
    const lease = this.#leases.find(id);
    if (!lease) return;
    this.#leases.close(lease);
    for (let i = tasks.length - 1; i >= 0; i--) {
      const task = this.#tasks.get(tasks[i]!);
      if (task?.state !== "sent" || task.lease !== lease) continue;
      if (task.cancel !== "no") {
        this.#fail(task, cancelled(task), nowMs);
      } else {
        this.#requeue(task);
      }
    }
    if (lease.sent.size === 0) lease.idleSinceMs = nowMs;
  }

  #send(lease: Lease, count: number, nowMs: number): void {
    const tasks: SentTasks = [];
    while (tasks.length < count) {
      const task = this.#firstReady(lease.queue);
      if (!task) break;
      if ((task.alone && lease.sent.size > 0) || task.missing > 0) break;
      unlink(task);
      lease.sent.push(task);
      task.state = "sent";
      task.lease = lease;
      const {id, ticket, payload, attempt} = task;
      tasks.push({task: id, ticket, payload, attempt, args: this.#placesOf(ticket.args)});
      this.#out.push({kind: "trace", event: taskLeased(task, lease.worker, nowMs)});
      if (!task.ticket.actor) this.#limit(task, nowMs);
      if (task.alone) break;
    }
    if (tasks.length === 0) return;
    lease.isUsed = true;
    this.#out.push({kind: "send-tasks", lease: lease.id, worker: lease.worker, tasks});
  }

  /** A call waits on its worker behind others: only from when it begins does it run. */
  #begin(id: TaskId, attempt: number, nowMs: number): void {
    const task = this.#tasks.get(id);
    if (task?.state !== "sent" || task.attempt !== attempt) return;
    if (task.deadlineMs === Infinity) this.#limit(task, nowMs);
  }

  #limit(task: Task, nowMs: number): void {
    const {timeoutMs} = task.ticket;
    if (timeoutMs === undefined) return;
    task.deadlineMs = nowMs + timeoutMs;
    this.#timed.add(task);
    this.#out.wake(task.deadlineMs);
  }

  #placesOf(args: ObjectId[]): ReadyTask["args"] {
    if (args.length === 0) return noPlaces;
    return args.map((object) => ({object, place: this.#objects.find(object)!.place!}));
  }

  #tick(nowMs: number): void {
    this.#out.ticked();
    this.#leases.touchHeld();
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

  #cancelCell(cell: string, nowMs: number): void {
    const ids: TaskId[] = [];
    for (const {id, ticket} of this.#unfinished()) if (ticket.cell === cell) ids.push(id);
    // "" is no cell: a plain program goes on.
    if (cell !== "") this.#cancelledCells.set(cell, true);
    for (const id of ids) this.#maybeCancel(this.#unpacked(id), gently, null, nowMs);
    if (cell !== "") this.#callOffActors((ticket) => ticket.cell === cell, "with its cell");
  }

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
      this.#fail(task, cancelled(task), nowMs);
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

  #hasCancelledParent({parent}: TaskTicket): boolean {
    return parent !== null && this.#cancelledParents.has(parent as TaskId);
  }

  #cancelChildren(parent: TaskId, force: boolean, nowMs: number): void {
    for (const child of this.#families.childrenOf(parent))
      this.#maybeCancel(this.#unpacked(child), {force, recursive: true}, null, nowMs);
    this.#callOffActors((ticket) => ticket.parent === parent, "with the task that makes it");
  }

  #stop(reason: string, nowMs: number): void {
    if (this.#stopped !== null) return;
    this.#stopped = reason;
    for (const id of [...this.#tasks.keys()]) {
      this.#fail(this.#unpacked(id)!, {why: "cluster-stopped", detail: reason}, nowMs);
    }
    for (const task of this.#settling.values()) {
      unlink(task);
      this.#unpinActor(task);
    }
    this.#settling.clear();
    this.#leases.stop();
    for (const entry of [...this.#objects.entries.values()]) {
      if (!entry.own && !entry.place) this.#loseObject(entry.object, reason);
    }
  }
}

/** Cancelled cells that are remembered. */
const cancelledCells = 256;
/** Cancelled tasks that are remembered. */
const cancelledParents = 1024;
/**
 * Of more that fail at one moment, a large result that comes late stays until this process ends.
 */
const untoldTasks = 10_000;
const gently = {force: false, recursive: true};
const noPlaces: ReadyTask["args"] = [];

function maybeRetries(task: Task, errorNames: string[]): boolean {
  const when = task.ticket.retryExceptions;
  if (task.retriesLeft <= 0) return false;
  return when === true || (Array.isArray(when) && errorNames.some((name) => when.includes(name)));
}

function hasFailed(place: Place): boolean {
  return place.kind === "lost" || !place.ok;
}
