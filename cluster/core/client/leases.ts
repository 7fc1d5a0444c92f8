// A client's leases: how many it asks for, what travels on each, when they go back.
//
// A lease's *window* is how many tasks may be under way on it: 1 at first, more while they are
// short, so that ten long tasks spread evenly over two workers and tiny ones flow in batches. For
// an actor's calls there is one lease, open wide from the start, and kept as long as somebody here
// could call it.

import type {ActorId, LeaseId, WorkerId} from "../../ids.js";
import {Backlog, type PackedTask} from "./backlog.js";
import type {Shape, SubmitterCommand} from "../events.js";
import {List} from "../list.js";
import type {Outbox} from "../outbox.js";
import {Recent} from "../../recent.js";
import {countReady, type Lease, type ShapeQueue, type Task} from "./submitted.js";

export interface LeaseOptions {
  /** An idle lease is kept this long for the next task of its shape. */
  lingerMs?: number;
  /** At most so many leases are asked for, per shape. */
  maxWanted?: number;
  /** At most so many tasks are under way on one lease. */
  maxWindow?: number;
  /** A lease's window holds about this much work. */
  windowMs?: number;
  /** So many ready tasks of a shape are at hand; those behind them are packed. */
  maxReady?: number;
}

/** The tasks in the queues, as far as leases need to know them. */
export interface Sender {
  /** Sends at most so many from the front of the lease's queue. */
  send(lease: Lease, count: number, nowMs: number): void;
  /** Somebody here may call the actor still. */
  maybeCalls(actor: ActorId): boolean;
}

/** Tells whether, of one client's shapes, `a` outranks `b` and a lease for `b` has room for `a`. */
export function isServedBefore(a: Shape, b: Shape): boolean {
  if (a.actor || b.actor || a.priority <= b.priority || a.depth < b.depth) return false;
  return Object.entries(a.resources).every(([name, amount]) => amount <= (b.resources[name] ?? 0));
}

export class Leases {
  readonly #lingerMs: number;
  readonly #maxWanted: number;
  readonly #maxWindow: number;
  readonly #windowMs: number;
  readonly #maxReady: number;
  readonly #sender: Sender;
  readonly #out: Outbox<SubmitterCommand>;

  readonly #queues = new Map<string, ShapeQueue>();
  /** The queues of tasks that are no actor's calls. */
  readonly #ofTasks: ShapeQueue[] = [];
  readonly #leases = new Map<LeaseId, Lease>();
  /** Leases that are gone: a grant that arrives twice must not bring one back. */
  readonly #gone = new Recent<LeaseId, true>(maxGone);
  #dirty: ShapeQueue[] = [];
  #isStopped = false;

  constructor(
    sender: Sender,
    out: Outbox<SubmitterCommand>,
    {lingerMs = 300, maxWanted = 64, maxWindow = 256, windowMs = 8, maxReady = 1024}: LeaseOptions,
  ) {
    this.#sender = sender;
    this.#out = out;
    this.#lingerMs = lingerMs;
    this.#maxWanted = maxWanted;
    this.#maxWindow = maxWindow;
    this.#windowMs = windowMs;
    this.#maxReady = maxReady;
  }

  /** Sends what can be sent, then asks for what is missing and gives back what is not needed. */
  flush(nowMs: number): void {
    if (this.#dirty.length === 0) return;
    const dirty = this.#dirty;
    this.#dirty = [];
    // The head grants in the order of rank, of what it has been told by then.
    if (dirty.length > 1) dirty.sort((a, b) => b.shape.priority - a.shape.priority);
    for (const queue of dirty) {
      queue.dirty = false;
      if (countReady(queue) > 0) {
        if (this.#mustYield(queue)) for (const lease of queue.leases) lease.closing = true;
        else this.#dispatch(queue, nowMs);
      }
      this.#tellWanted(queue);
      this.#settle(queue, nowMs);
    }
  }

  queueOf(shape: Shape): ShapeQueue {
    let queue = this.#queues.get(shape.key);
    if (!queue) {
      const [ready, backlog] = [new List<Task>(), new Backlog(this.#maxReady)];
      queue = {shape, ready, backlog, leases: new Set(), wanted: 0, dirty: false};
      // The task that makes an actor never waits in it: the head places the actor.
      if (shape.dedicated) return queue;
      this.#queues.set(shape.key, queue);
      if (!shape.actor) this.#ofTasks.push(queue);
    }
    return queue;
  }
  findQueue(key: string): ShapeQueue | undefined {
    return this.#queues.get(key);
  }
  find(id: LeaseId): Lease | undefined {
    return this.#leases.get(id);
  }
  on(worker: WorkerId): LeaseId[] {
    return [...this.#leases.values()].filter((lease) => lease.worker === worker).map(({id}) => id);
  }
  get size(): number {
    return this.#leases.size;
  }

  /** Tells whether a task that is ready now has to be packed: an actor's call never is. */
  packs({shape, ready, backlog}: ShapeQueue): boolean {
    return backlog.size > 0 || (ready.size >= this.#maxReady && !shape.actor);
  }
  /** The packed tasks. */
  *packed(): Iterable<PackedTask> {
    for (const {backlog} of this.#queues.values()) yield* backlog;
  }

  /** Something has changed for it: the next flush looks at it. */
  touch(queue: ShapeQueue): void {
    if (queue.dirty) return;
    queue.dirty = true;
    this.#dirty.push(queue);
  }
  /** Time has passed: some may have been idle for long enough. */
  touchHeld(): void {
    for (const queue of this.#queues.values()) if (queue.leases.size > 0) this.touch(queue);
  }

  grant(id: LeaseId, shape: Shape, worker: WorkerId, nowMs: number): void {
    if (this.#leases.has(id) || this.#gone.has(id) || this.#isStopped) return;
    const queue = this.queueOf(shape);
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
    this.touch(queue);
  }

  /** Nothing more is sent on it. */
  close(lease: Lease | undefined): void {
    if (!lease) return;
    lease.closing = true;
    this.touch(lease.queue);
  }

  /** Nothing at all is sent on it any more, not even its first task. */
  seal(id: LeaseId): void {
    const lease = this.#leases.get(id);
    if (lease) lease.isUsed = true;
    this.close(lease);
  }

  forget(lease: Lease): void {
    this.#leases.delete(lease.id);
    lease.queue.leases.delete(lease);
    this.#gone.set(lease.id, true);
    this.touch(lease.queue);
  }

  /** The head is gone: none is asked for any more. */
  stop(): void {
    this.#isStopped = true;
    for (const lease of [...this.#leases.values()]) this.forget(lease);
  }

  /** A task that was sent on it has ended. */
  ended(lease: Lease, ranMs: number, nowMs: number): void {
    this.#measure(lease, ranMs);
    this.touch(lease.queue);
    if (lease.sent.size === 0) lease.idleSinceMs = nowMs;
  }

  /** The code of a cancelled task has come to its end on it. */
  settled(lease: Lease, nowMs: number): void {
    this.touch(lease.queue);
    if (lease.sent.size === 0) lease.idleSinceMs = nowMs;
  }

  /** For the invariants. */
  inspect() {
    return {
      leases: this.#leases as ReadonlyMap<LeaseId, Lease>,
      queues: this.#queues as ReadonlyMap<string, ShapeQueue>,
    };
  }

  #measure(lease: Lease, ranMs: number): void {
    if (lease.queue.shape.actor) return;
    lease.meanMs = lease.meanMs === 0 ? ranMs : lease.meanMs * 0.8 + ranMs * 0.2;
    const worth = Math.floor(this.#windowMs / Math.max(lease.meanMs, 1e-6));
    lease.window = Math.max(1, Math.min(lease.window * 2, worth, this.#maxWindow));
  }

  /**
   * Tells whether more urgent tasks of this client wait that this shape's leases have room for.
   * Such leases go back, so that the head grants them to those tasks. A lease that is kept for the
   * next task of its own shape would make the urgent ones wait.
   */
  #mustYield({shape}: ShapeQueue): boolean {
    if (this.#ofTasks.length < 2) return false;
    return this.#ofTasks.some(
      (other) => countReady(other) > 0 && isServedBefore(other.shape, shape),
    );
  }

  #dispatch(queue: ShapeQueue, nowMs: number): void {
    let takers = 0;
    for (const lease of queue.leases) if (roomOf(lease) > 0) takers++;
    for (const lease of queue.leases) {
      if (takers === 0 || countReady(queue) === 0) return;
      const room = roomOf(lease);
      if (room === 0) continue;
      const share = Math.ceil(countReady(queue) / takers);
      takers--;
      for (let left = Math.min(room, share); left > 0; left -= this.#maxWindow)
        this.#sender.send(lease, Math.min(left, this.#maxWindow), nowMs);
    }
  }

  /** The head hears of more at once, of less when it matters: when few are left, and below half. */
  #tellWanted(queue: ShapeQueue): void {
    const most = queue.shape.actor ? 1 - queue.leases.size : this.#maxWanted;
    const count = this.#isStopped ? 0 : Math.min(countReady(queue), most);
    const told = queue.wanted;
    if (count === told || (count > few && count < told && count * 2 > told)) return;
    queue.wanted = count;
    this.#out.push({kind: "want-leases", shape: queue.shape, count});
  }

  #settle(queue: ShapeQueue, nowMs: number): void {
    const {actor} = queue.shape;
    const isKept = actor !== undefined && this.#sender.maybeCalls(actor);
    for (const lease of queue.leases) {
      if (lease.sent.size > 0 || (isKept && !lease.closing)) continue;
      if (actor) lease.closing = true;
      const dueMs = lease.idleSinceMs + this.#lingerMs;
      if (lease.closing || nowMs >= dueMs) {
        this.forget(lease);
        this.#out.push({kind: "return-lease", lease: lease.id});
      } else {
        this.#out.wake(dueMs);
      }
    }
    if (actor && !isKept && queue.leases.size + countReady(queue) === 0)
      this.#queues.delete(queue.shape.key);
  }
}

/** So many wanted leases are told exactly: each may start a worker. */
const few = 8;
/** How many grants that came twice can be recognised, at least. */
const maxGone = 1024;
/**
 * So many calls may be under way to one actor: they may all wait inside of it for one that comes
 * later, so this is more than ever run at once (`mostAtOnce` in actor-runner.ts), by what `roomOf`
 * leaves.
 */
const actorWindow = 4096;

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
