// What has become of each call of an actor, as somebody sees it who sees everything: who made it,
// where it began, how it ended there, and what its caller was told. What does not fit together
// throws at once.

import {InvariantError} from "../../cluster/core/invariants.js";
import type {Place} from "../../cluster/core/events.js";
import type {ActorId, ClientId, LeaseId, TaskId, WorkerId} from "../../cluster/ids.js";
import type {ActorPlan, Spec} from "./program.js";
import type {Value} from "./values.js";

interface Actor {
  readonly plan: ActorPlan;
  readonly maker: ClientId;
  /** Its calls may fail for that. */
  readonly troubles: Set<"may not be made" | "killed">;
  /** How often its process was lost, or told to end and be made anew; at most. */
  falls: number;
}

/** One life of an actor: the last call of each caller that has begun there. */
type Incarnation = Map<ClientId, number>;

interface Call {
  readonly id: TaskId;
  readonly spec: Spec;
  readonly actor: Actor;
  readonly client: ClientId;
  /** The order in which its client called. */
  readonly turn: number;
  readonly isNested: boolean;
  /** Each attempt, and when. */
  readonly begun: Map<number, number>;
  /** What its runs came to. */
  readonly values: string[];
  readonly errors: string[];
  told: Place | null;
}

export class Ledger {
  readonly #actors = new Map<ActorId, Actor>();
  readonly #placed = new Map<ClientId, ActorId>();
  readonly #calls = new Map<TaskId, Call>();
  readonly #incarnations = new Map<WorkerId, Incarnation>();
  readonly #lost = new Map<ClientId, number>();
  /** Tasks that run now, by lease, with their processes. Cancelled ones count until they stop. */
  readonly #running = new Map<LeaseId, Map<TaskId, ClientId>>();
  /** Clients that the head has given up, and that have heard of it. */
  readonly #left = new Set<ClientId>();
  readonly #world: {readonly clock: {readonly nowMs: number}};
  /** Attempts of tasks that run at this moment, and where. */
  readonly #attempts = new Map<TaskId, {worker: WorkerId; attempt: number}>();
  /** News is everywhere within this time. */
  readonly #newsMs: number;
  /** Somebody cancels here and there. */
  hasCancels = false;
  /** A link between two that live broke: a call may have been on it. */
  hasBrokenLinks = false;
  /** Stores may be full, or lose what is in them. */
  hasStoreTroubles = false;
  /**
   * Stored values may be gone: with a store in trouble, or with the head, whose process has one.
   */
  hasLostStores = false;

  constructor(world: {readonly clock: {readonly nowMs: number}}, newsMs: number) {
    this.#world = world;
    this.#newsMs = newsMs;
  }

  #nowMs(): number {
    return this.#world.clock.nowMs;
  }

  // ---- what happens ----

  /** The code of a task begins to run: no other attempt of it may run anywhere. */
  begins(task: TaskId, attempt: number, worker: WorkerId): void {
    const other = this.#attempts.get(task);
    if (other) {
      const both = `attempt ${attempt} on ${worker} beside ${other.attempt} on ${other.worker}`;
      throw new InvariantError(`runs twice at once: ${both}`, task);
    }
    this.#attempts.set(task, {worker, attempt});
  }
  isOver(task: TaskId): void {
    this.#attempts.delete(task);
  }
  /** Whoever submitted it is told that it is lost: it must not finish all the same. */
  toldLost(task: TaskId): void {
    const running = this.#attempts.get(task);
    if (!running) return;
    throw new InvariantError(`is told as lost while it runs on ${running.worker}`, task);
  }

  made(actor: ActorId, plan: ActorPlan, spec: Spec, maker: ClientId): void {
    this.#actors.set(actor, {plan, maker, troubles: new Set(), falls: 0});
    // Its name may be taken.
    const isDoubtful = plan.name !== null || spec.ends !== "well" || spec.args.length > 0;
    if (isDoubtful || this.#left.has(maker)) {
      this.mayNotBeMade(actor);
    }
  }

  mayNotBeMade(actor: ActorId): void {
    this.#actors.get(actor)?.troubles.add("may not be made");
  }

  killed(id: ActorId, restart: boolean): void {
    const actor = this.#actors.get(id)!;
    if (restart) actor.falls++;
    else actor.troubles.add("killed");
  }

  placed(actor: ActorId, worker: WorkerId): void {
    const client = asClient(worker);
    // Neither of two lives of one actor is over while the other is: only one may be.
    for (const [other, placed] of this.#placed) {
      if (placed !== actor || this.#lost.has(other) || other === client) continue;
      throw new InvariantError(`actor ${actor} lives in ${other}, and is made in ${worker}`);
    }
    this.#placed.set(client, actor);
    // The head has not heard of its end yet.
    if (this.#lost.has(client)) this.#actors.get(actor)!.falls++;
  }

  /** A process has ended: the actor in it, and those that it was about to have made. */
  lost(client: ClientId): void {
    this.#lost.set(client, this.#nowMs());
    for (const [lease, tasks] of this.#running) {
      for (const [task, process] of tasks) if (process === client) this.stops(task, lease);
    }
    for (const [task, {worker}] of this.#attempts) {
      if (asClient(worker) === client) this.#attempts.delete(task);
    }
    const inside = this.#placed.get(client);
    if (inside) this.#actors.get(inside)!.falls++;
    this.#unmake(client);
  }
  /** Allows that actors of `client` are never made: its last messages may not have arrived. */
  #unmake(client: ClientId): void {
    for (const {maker, troubles} of this.#actors.values())
      if (maker === client) troubles.add("may not be made");
  }

  // ---- what runs on whose resources ----

  runs(task: TaskId, lease: LeaseId, process: ClientId): void {
    const tasks = this.#running.get(lease) ?? new Map<TaskId, ClientId>();
    this.#running.set(lease, tasks.set(task, process));
  }
  stops(task: TaskId, lease: LeaseId): void {
    const tasks = this.#running.get(lease);
    if (tasks?.delete(task) && tasks.size === 0) this.#running.delete(lease);
  }
  /** A lease goes back: its resources are for others now, so no task may run on it. */
  returned(lease: LeaseId): void {
    const [task = null] = this.#running.get(lease)?.keys() ?? [];
    if (task) throw new InvariantError(`${lease} goes back while a task runs on it`, task);
  }

  /** A client has lost the head, and lives on: everything that it waits for has failed. */
  leaves(client: ClientId): void {
    this.#left.add(client);
    this.#unmake(client);
  }

  planOf(actor: ActorId): ActorPlan {
    return this.#actors.get(actor)!.plan;
  }

  called(id: TaskId, actor: ActorId, spec: Spec, client: ClientId, isNested: boolean): void {
    const turn = this.#calls.size;
    const of = this.#actors.get(actor)!;
    const nothing = {begun: new Map<number, number>(), values: [], errors: [], told: null};
    this.#calls.set(id, {id, spec, actor: of, client, turn, isNested, ...nothing});
  }

  began(id: TaskId, attempt: number, worker: WorkerId): void {
    const call = this.#calls.get(id)!;
    const {spec, begun, client, turn} = call;
    must(!begun.has(attempt), call, `attempt ${attempt} runs twice`);
    must(attempt === 1 || spec.maxRetries !== 0, call, "runs again, and may not");
    const most = spec.maxRetries < 0 ? Infinity : spec.maxRetries + 1;
    must(attempt <= most, call, `attempt ${attempt} is one too many`);
    // The news of a death is faster than the death.
    const {troubles, falls} = call.actor;
    // One that has left knows that all is over before its workers do.
    const hasLeft = this.#left.has(client);
    const isOver = call.told !== null && troubles.size + falls === 0 && !hasLeft;
    must(!isOver, call, "runs after its caller was told its end");
    const lostAtMs = this.#lost.get(client) ?? Infinity;
    const isLate = this.#nowMs() > lostAtMs + this.#newsMs;
    must(!isLate, call, "begins long after its caller was lost");
    let incarnation = this.#incarnations.get(worker);
    if (!incarnation) this.#incarnations.set(worker, (incarnation = new Map()));
    // One that threw, or was on a link that broke, comes after those that were under way with it.
    if (attempt === 1 || (spec.ends !== "throws-once" && !this.hasBrokenLinks)) {
      const last = incarnation.get(client) ?? -1;
      must(turn > last, call, "begins after a later call of the same caller");
      incarnation.set(client, turn);
    }
    begun.set(attempt, this.#nowMs());
  }

  ended(id: TaskId, attempt: number, value: Value): void {
    const call = this.#calls.get(id);
    if (!call) return;
    if (value.error === undefined) call.values.push(JSON.stringify(value));
    else call.errors.push(value.error);
    const dueMs = call.begun.get(attempt)! + (call.spec.timeoutMs ?? Infinity);
    const isLost = this.#lost.has(call.client);
    must(isLost || this.#nowMs() < dueMs + this.#newsMs, call, "runs on after its time limit");
  }

  /** What the caller's process knows of its end. */
  told(client: ClientId, id: TaskId, place: Place, read: () => Value): void {
    const call = this.#calls.get(id);
    if (!call || call.client !== client) return;
    must(call.told === null || call.told === place, call, "ended twice");
    if (call.told !== null) return;
    call.told = place;
    const value = read();
    const text = JSON.stringify(value);
    if (value.error === undefined) {
      const has = call.values.includes(text);
      must(has, call, `is said to have come to ${text}, and came to ${call.values.join()}`);
    } else this.#mayFail(call, value.error);
  }

  #mayFail(call: Call, error: string): void {
    const {spec, actor, begun} = call;
    const {troubles, falls, plan} = actor;
    const {maxRestarts} = plan;
    // Of an argument, or of what it waits for: what that may come to is checked there.
    if (spec.args.length > 0 || call.errors.includes(error)) return;
    switch (error) {
      case "cluster-stopped":
        return must(this.#left.has(call.client), call, "failed with a cluster that lives");
      case "actor-died": {
        const isOut = maxRestarts >= 0 && falls > maxRestarts;
        return must(isOut || troubles.size > 0, call, "failed with its actor, which may live");
      }
      case "actor-unavailable": {
        const isAnew = (maxRestarts !== 0 && falls > 0) || this.hasBrokenLinks;
        return must(isAnew, call, "failed with a restart that is none");
      }
      case "cancelled":
        if (this.hasCancels || call.isNested || troubles.has("may not be made")) return;
        must(spec.timeoutMs !== undefined, call, "was cancelled by nobody");
        return must(begun.size > 0, call, "ran longer than its limit, and has not begun");
      case "store-full":
        return must(this.hasStoreTroubles, call, "failed with a store that has room");
      default:
        if (this.hasLostStores && error.startsWith("lost")) return;
        must(troubles.has("may not be made"), call, `failed with ${error} of nowhere`);
    }
  }

  /** At the end of all. */
  check(): void {
    for (const call of this.#calls.values()) {
      if (call.told === null && !this.#lost.has(call.client)) must(false, call, "never ended");
    }
  }

  get size(): number {
    return this.#calls.size;
  }
}

const asClient = (worker: WorkerId): ClientId => worker as string as ClientId;

function must(holds: boolean, {id, spec, client}: Call, what: string): void {
  if (!holds) throw new InvariantError(`call ${spec.name} of ${client} ${what}`, id);
}
