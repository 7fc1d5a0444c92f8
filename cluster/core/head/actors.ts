// The head's actors: who lives, under which name, in which process, and who may call it.
//
//   declared ──submitted──▶ placing ──process──▶ making ──made──▶ alive
//                              ▲                   │ its process was lost │
//                              └── resting ◀───────┴── ending ◀───────────┘
//
// and from each of them to dead, of which only the reason is remembered. *resting*: it was lost
// before it was made, several times perhaps, and waits a little before the next try. *ending*: its
// process was told to end, and it is made anew when that is gone, so that no two of it ever run.
//
// News comes from different processes: of an earlier incarnation it is ignored, and one who calls
// an actor that is not declared yet waits for it, but not for ever.

import {clientOf, creationOf, holdOf} from "../../ids.js";
import type {ActorFace, ActorOptions} from "../../backend.js";
import type {ActorId, ClientId, LeaseId, NodeId, WorkerId} from "../../ids.js";
import type {Death, ActorsCommand, ActorsEvent, Place, Shape} from "../events.js";
import {Recent} from "../../recent.js";
import {Outbox} from "../outbox.js";

export interface ActorsTimes {
  /** How long those who call an actor that nobody has declared wait for it. */
  unknownMs?: number;
  /** After a loss before it was made the next try waits this long, doubled each time. */
  restMs?: number;
}

interface Actor {
  readonly id: ActorId;
  readonly client: ClientId;
  readonly face: ActorFace;
  readonly options: ActorOptions;
  readonly shape: Shape;
  state: "declared" | "placing" | "making" | "alive" | "ending" | "resting";
  /** While another has its name: it is placed once it has it. */
  awaitsName: boolean;
  /** True when the actor may be placed. */
  isSubmitted: boolean;
  /** How often it has got a process. */
  incarnation: number;
  /** Some incarnation was made: who cancels its creation comes too late. */
  wasMade: boolean;
  /** Losses in a row before it was made. */
  falls: number;
  restsUntilMs: number;
  /** While making, alive, ending. */
  process: {lease: LeaseId; worker: WorkerId; address: string} | null;
  readonly callers: Map<ClientId, Caller>;
}

interface Caller {
  readonly client: ClientId;
  shape: Shape;
  /** How many leases it could use, by its own account: one is all that there is. */
  count: number;
  lease: LeaseId | null;
}

interface Ask {
  client: ClientId;
  request: number;
}

/** Clients that call or kill an actor before its declaration has arrived. */
interface Unknown {
  callers: Map<ClientId, {shape: Shape; count: number}>;
  kills: (Ask & {restart: boolean})[];
  dueMs: number;
}

/** `handle` takes one event and gives the commands that follow from it. */
export class Actors {
  readonly #unknownMs: number;
  readonly #restMs: number;
  readonly #actors = new Map<ActorId, Actor>();
  readonly #names = new Map<string, Actor>();
  /** Actors that wait for a name that another actor has. */
  readonly #nameless = new Map<ActorId, Actor>();
  readonly #leases = new Map<LeaseId, {actor: Actor; caller: Caller}>();
  readonly #dead = new Recent<ActorId, Death>(maxDead);
  readonly #unknown = new Map<ActorId, Unknown>();
  /** The kill requests to be answered when the process of this lease is gone. */
  readonly #killers = new Map<LeaseId, Ask[]>();
  /** The nodes of processes in which constructors run, until it is known how those have ended. */
  readonly #constructing = new Map<LeaseId, NodeId>();
  readonly #out = new Outbox<ActorsCommand>();
  #nextLease = 1;

  constructor({unknownMs = 5000, restMs = 200}: ActorsTimes = {}) {
    this.#unknownMs = unknownMs;
    this.#restMs = restMs;
  }

  handle(event: ActorsEvent, nowMs: number): ActorsCommand[] {
    switch (event.kind) {
      case "actor-declared":
        this.#declare(event, nowMs);
        break;
      case "actor-submitted":
        this.#submit(event.actor);
        break;
      case "actor-abandoned":
        this.#abandon(event, nowMs);
        break;
      case "process-granted":
        this.#settle(event, nowMs);
        break;
      case "process-lost":
        this.#lose(event, nowMs);
        break;
      case "process-missing":
        this.#warn(this.#actors.get(event.actor), event.reason);
        break;
      case "actor-made":
        this.#make(this.#making(event));
        break;
      case "actor-failed":
        this.#failMaking(event, nowMs);
        break;
      case "actor-released":
        this.#release(event.actor, nowMs);
        break;
      case "kill-asked":
        this.#kill(event.actor, event, nowMs);
        break;
      case "actor-sought":
        this.#seek(event);
        break;
      case "calls-wanted":
        this.#want(event, nowMs);
        break;
      case "lease-returned":
        this.#takeBack(event.lease);
        break;
      case "client-lost":
        this.#loseClient(event.client, nowMs);
        break;
      case "collect-ended":
        this.#takeName(this.#nameless.get(event.asker as ActorId), nowMs);
        break;
      case "ticked":
        this.#out.ticked();
        break;
      default:
        event satisfies never;
    }
    this.#sweep(nowMs);
    return this.#out.take();
  }

  /** The classes of the actors that have a process, by its name. */
  classes(): Map<WorkerId, string> {
    const classes = new Map<WorkerId, string>();
    for (const {process, face} of this.#actors.values()) {
      if (process) classes.set(process.worker, face.className);
    }
    return classes;
  }

  /** For the invariants. */
  inspect() {
    return {
      actors: this.#actors as ReadonlyMap<ActorId, Actor>,
      names: this.#names as ReadonlyMap<string, Actor>,
      leases: this.#leases as ReadonlyMap<LeaseId, {actor: Actor; caller: Caller}>,
      unknown: this.#unknown as ReadonlyMap<ActorId, Unknown>,
    };
  }

  // ---- coming to be ----

  #declare(event: Extract<ActorsEvent, {kind: "actor-declared"}>, nowMs: number): void {
    const {actor: id, client, face, options} = event;
    if (this.#actors.has(id) || this.#dead.has(id)) return;
    const actor: Actor = {
      id,
      client,
      face,
      options,
      shape: {...event.shape, dedicated: true},
      state: "declared",
      awaitsName: false,
      isSubmitted: false,
      incarnation: 0,
      wasMade: false,
      falls: 0,
      restsUntilMs: 0,
      process: null,
      callers: new Map(),
    };
    this.#actors.set(id, actor);
    const early = this.#unknown.get(id);
    this.#unknown.delete(id);
    for (const [caller, {shape, count}] of early?.callers ?? []) {
      actor.callers.set(caller, {client: caller, shape, count, lease: null});
    }
    const {name} = options;
    const other = name === null ? undefined : this.#names.get(name);
    if (other && !other.options.detached) {
      // Dropped handles may be all that holds the actor of that name: they are collected first.
      actor.awaitsName = true;
      this.#nameless.set(id, actor);
      this.#out.push({kind: "want-collect", asker: id});
    } else this.#takeName(actor, nowMs);
    for (const kill of early?.kills ?? []) this.#kill(id, kill, nowMs);
  }

  #takeName(actor: Actor | undefined, nowMs: number): void {
    if (!actor) return;
    const {id, options} = actor;
    const {name, detached} = options;
    this.#nameless.delete(id);
    actor.awaitsName = false;
    const other = name === null ? undefined : this.#names.get(name);
    if (other) {
      const holder = `${other.face.className} (actor ${other.id.slice(0, 8)})`;
      const advice = `get it with getActor(${JSON.stringify(name)})`;
      const reason = `the name ${JSON.stringify(name)} is taken by ${holder}; ${advice}`;
      return this.#die(actor, {reason, cause: null}, "failed", nowMs);
    }
    if (name !== null) this.#names.set(name, actor);
    if (detached) this.#out.push({kind: "hold-actor", actor: id, client: clientOf(id)});
    if (actor.isSubmitted) this.#place(actor);
  }

  #submit(id: ActorId): void {
    const actor = this.#actors.get(id);
    // It died while its arguments were awaited.
    if (!actor) this.#out.push({kind: "drop-actor", actor: id});
    else {
      actor.isSubmitted = true;
      if (actor.state === "declared" && !actor.awaitsName) this.#place(actor);
    }
  }

  #place(actor: Actor): void {
    actor.state = "placing";
    this.#wantProcess(actor, 1);
  }

  #wantProcess({id, shape}: Actor, count: number): void {
    this.#out.push({kind: "want-process", actor: id, shape, count});
  }

  #settle(event: Extract<ActorsEvent, {kind: "process-granted"}>, nowMs: number): void {
    const {actor: id, lease, worker, node, address} = event;
    const actor = this.#actors.get(id);
    if (actor?.state !== "placing") {
      this.#out.push({kind: "return-process", lease});
      return;
    }
    actor.state = "making";
    actor.process = {lease, worker, address};
    this.#constructing.set(lease, node);
    const incarnation = ++actor.incarnation;
    const {className} = actor.face;
    const at = nowMs * 1000;
    const name = actor.options.name ?? "";
    this.#trace({kind: "actor-placed", at, actor: id, worker, incarnation, className, name});
    this.#trace({kind: "task-leased", at, task: creationOf(id), attempt: incarnation, worker});
    this.#out.push({kind: "make-actor", actor: id, worker, incarnation});
    // What it needed to be placed is others' from now on: its constructor may wait for their
    // results.
    this.#out.push({kind: "reduce-process", lease, resources: actor.options.keeps});
  }

  /** The actor, when the news is of the incarnation that is being made now. */
  #making({actor: id, incarnation}: {actor: ActorId; incarnation: number}): Actor | undefined {
    const actor = this.#actors.get(id);
    return actor?.state === "making" && actor.incarnation === incarnation ? actor : undefined;
  }

  #make(actor: Actor | undefined): void {
    if (!actor) return;
    this.#constructing.delete(actor.process!.lease);
    actor.state = "alive";
    actor.wasMade = true;
    actor.falls = 0;
    for (const caller of actor.callers.values()) this.#maybeGrant(actor, caller);
  }

  #failMaking(event: Extract<ActorsEvent, {kind: "actor-failed"}>, nowMs: number): void {
    const actor = this.#making(event);
    const {actor: id, reason, cause} = event;
    if (!actor) return this.#comeTooLate(id, cause);
    const {lease} = actor.process!;
    this.#constructing.delete(lease);
    this.#die(actor, {reason: `its constructor failed: ${reason}`, cause}, null, nowMs);
    this.#out.push({kind: "return-process", lease});
  }

  #warn(actor: Actor | undefined, reason: string): void {
    if (!actor) return;
    const {client, shape} = actor;
    this.#out.push({kind: "warn-waiting", client, shape, reason});
  }

  // ---- those who call it ----

  #want(event: Extract<ActorsEvent, {kind: "calls-wanted"}>, nowMs: number): void {
    const {actor: id, client, shape, count} = event;
    const actor = this.#actors.get(id);
    if (actor) {
      let caller = actor.callers.get(client);
      if (!caller) actor.callers.set(client, (caller = {client, shape, count, lease: null}));
      caller.count = count;
      this.#maybeGrant(actor, caller);
      if (count === 0 && !caller.lease) actor.callers.delete(client);
      return;
    }
    const death = this.#dead.get(id);
    if (death) {
      if (count > 0) this.#tellDeath(client, id, death);
    } else if (count > 0) this.#await(id, nowMs).callers.set(client, {shape, count});
    else this.#unknown.get(id)?.callers.delete(client);
  }

  #await(id: ActorId, nowMs: number): Unknown {
    let unknown = this.#unknown.get(id);
    if (!unknown) {
      unknown = {callers: new Map(), kills: [], dueMs: nowMs + this.#unknownMs};
      this.#unknown.set(id, unknown);
    }
    return unknown;
  }

  #maybeGrant(actor: Actor, caller: Caller): void {
    if (actor.state !== "alive" || caller.count === 0 || caller.lease) return;
    const lease = `${leasePrefix}${this.#nextLease++}` as LeaseId;
    const {worker, address} = actor.process!;
    const {client, shape} = caller;
    caller.lease = lease;
    caller.count--;
    this.#leases.set(lease, {actor, caller});
    this.#out.push({kind: "grant", client, lease, shape, worker, address});
  }

  #takeBack(lease: LeaseId): void {
    const held = this.#leases.get(lease);
    if (!held) return;
    this.#leases.delete(lease);
    held.actor.callers.delete(held.caller.client);
  }

  #loseLeases(actor: Actor, reason: string, restarts: boolean): void {
    for (const caller of actor.callers.values()) {
      const {client, lease} = caller;
      if (!lease) continue;
      caller.lease = null;
      this.#leases.delete(lease);
      const {worker} = actor.process!;
      this.#out.push({kind: "lose", client, lease, worker, reason, restarts});
    }
  }

  #seek({client, request, name}: Extract<ActorsEvent, {kind: "actor-sought"}>): void {
    const actor = this.#names.get(name);
    const names = [...this.#names.keys()].slice(0, maxNamesTold);
    if (actor) this.#out.push({kind: "hold-actor", actor: actor.id, client});
    const found = actor ? {actor: actor.id, face: actor.face} : null;
    this.#out.push({kind: "answer-sought", client, request, found, names});
  }

  // ---- ending ----

  #lose(event: Extract<ActorsEvent, {kind: "process-lost"}>, nowMs: number): void {
    const {actor: id, lease, reason} = event;
    for (const ask of this.#killers.get(lease) ?? []) this.#answerKill(ask);
    this.#killers.delete(lease);
    // The error of a constructor may be stored, and its process was lost before it could tell.
    const node = this.#constructing.get(lease);
    if (node) this.#out.push({kind: "delete-object", node, object: holdOf(id)});
    this.#constructing.delete(lease);
    const actor = this.#actors.get(id);
    if (actor?.process?.lease === lease) this.#fall(actor, reason, nowMs);
  }

  /** The actor's process is gone: the actor is made again, or dies. */
  #fall(actor: Actor, reason: string, nowMs: number): void {
    if (actor.state !== "ending" && !this.#maybeRestarts(actor)) {
      const why = `its process was lost: ${reason} (maxRestarts: ${actor.options.maxRestarts})`;
      this.#die(actor, {reason: why, cause: null}, "lost", nowMs);
      return;
    }
    this.#loseLeases(actor, reason, true);
    actor.process = null;
    if (actor.state !== "making") return this.#place(actor);
    this.#traceEnd(actor, "lost", reason, nowMs);
    actor.state = "resting";
    actor.restsUntilMs = nowMs + Math.min(this.#restMs * 2 ** actor.falls++, maxRestMs);
  }

  /** Each incarnation after the first is a restart. */
  #maybeRestarts({incarnation, options}: Actor): boolean {
    return options.maxRestarts < 0 || incarnation <= options.maxRestarts;
  }

  #kill(id: ActorId, ask: Ask & {restart: boolean}, nowMs: number): void {
    const actor = this.#actors.get(id);
    if (!actor) {
      if (this.#dead.has(id)) this.#answerKill(ask);
      else this.#await(id, nowMs).kills.push(ask);
      return;
    }
    const {process} = actor;
    if (process) {
      const killers = this.#killers.get(process.lease);
      if (killers) killers.push(ask);
      else this.#killers.set(process.lease, [ask]);
    }
    if (!ask.restart || (process && actor.state !== "ending" && !this.#maybeRestarts(actor))) {
      this.#die(actor, {reason: "it was killed", cause: null}, "cancelled", nowMs);
      if (process) this.#out.push({kind: "kill-process", worker: process.worker});
    } else if (process && actor.state !== "ending") {
      this.#loseLeases(actor, "it was killed, and is made anew", true);
      if (actor.state === "making") this.#traceEnd(actor, "lost", "it was killed", nowMs);
      actor.state = "ending";
      this.#out.push({kind: "kill-process", worker: process.worker});
    }
    if (!process) this.#answerKill(ask);
  }

  #answerKill({client, request}: Ask): void {
    this.#out.push({kind: "answer-kill", client, request});
  }

  #abandon(event: Extract<ActorsEvent, {kind: "actor-abandoned"}>, nowMs: number): void {
    const {actor: id, reason, cause} = event;
    const actor = this.#actors.get(id);
    if (!actor) return this.#comeTooLate(id, cause);
    if (actor.wasMade) return;
    // Of one that was not submitted its client tells the trace.
    const state = actor.state === "declared" ? null : cause ? "failed" : "cancelled";
    const {process} = actor;
    this.#die(actor, {reason, cause}, state, nowMs);
    if (process) this.#out.push({kind: "kill-process", worker: process.worker});
  }

  #release(id: ActorId, nowMs: number): void {
    const actor = this.#actors.get(id);
    if (!actor) return this.#deleteCause(id, this.#dead.get(id)?.cause);
    const {process, state} = actor;
    this.#die(actor, {reason: "nobody held it any more", cause: null}, "cancelled", nowMs);
    if (!process) return;
    // Tasks that it has submitted may still be of use to others; one that was not made has no such
    // past.
    if (state === "alive") this.#out.push({kind: "return-process", lease: process.lease});
    else this.#out.push({kind: "kill-process", worker: process.worker});
  }

  /**
   * Deletes a constructor's stored error that came after the actor had died of another cause, when
   * nobody refers to that error. Duplicates of such news do no harm.
   */
  #comeTooLate(id: ActorId, cause: Place | null): void {
    if (this.#dead.get(id)?.cause === null) this.#deleteCause(id, cause);
  }

  #deleteCause(actor: ActorId, cause: Place | null | undefined): void {
    if (cause?.kind !== "stored") return;
    this.#out.push({kind: "delete-object", node: cause.node, object: holdOf(actor)});
  }

  #loseClient(client: ClientId, nowMs: number): void {
    for (const actor of [...this.#actors.values()]) {
      const caller = actor.callers.get(client);
      if (caller?.lease) this.#leases.delete(caller.lease);
      actor.callers.delete(client);
      if (actor.client !== client || actor.state !== "declared") continue;
      const reason = `its owner ${client} ended before its arguments were there`;
      this.#die(actor, {reason, cause: null}, "lost", nowMs);
    }
    for (const unknown of this.#unknown.values()) unknown.callers.delete(client);
  }

  /** `creation`: how the task that makes it has ended, unless that is told elsewhere. */
  #die(
    actor: Actor,
    death: Death,
    creation: "failed" | "cancelled" | "lost" | null,
    nowMs: number,
  ): void {
    const {id, state, options} = actor;
    const {reason, cause} = death;
    const isFault = creation ? creation !== "cancelled" : cause !== null;
    this.#loseLeases(actor, reason, false);
    this.#actors.delete(id);
    this.#nameless.delete(id);
    this.#dead.set(id, death);
    if (options.name !== null && this.#names.get(options.name) === actor) {
      this.#names.delete(options.name);
      for (const next of this.#nameless.values()) {
        if (next.options.name !== options.name) continue;
        this.#takeName(next, nowMs);
        break;
      }
    }
    actor.callers.delete(actor.client);
    this.#tellDeath(actor.client, id, death, isFault && !actor.wasMade);
    for (const client of actor.callers.keys()) this.#tellDeath(client, id, death);
    // Of an earlier incarnation's creation the end has been told.
    const isUntold = state === "making" || actor.incarnation === 0;
    if (creation && isUntold) this.#traceEnd(actor, creation, reason, nowMs);
    this.#trace({kind: "actor-ended", at: nowMs * 1000, actor: id, reason});
    if (state === "placing") this.#wantProcess(actor, 0);
    this.#out.push({kind: "drop-actor", actor: id});
  }

  // ---- time ----

  #sweep(nowMs: number): void {
    for (const actor of this.#actors.values()) {
      if (actor.state !== "resting") continue;
      if (actor.restsUntilMs > nowMs) this.#out.wake(actor.restsUntilMs);
      else this.#place(actor);
    }
    for (const [id, {callers, kills, dueMs}] of this.#unknown) {
      if (dueMs > nowMs) {
        this.#out.wake(dueMs);
        break;
      }
      this.#unknown.delete(id);
      const reason = "nobody answers for it: it ended long ago, or its owner is gone";
      for (const client of callers.keys()) this.#tellDeath(client, id, {reason, cause: null});
      for (const kill of kills) this.#answerKill(kill);
    }
  }

  // ---- telling ----

  #tellDeath(client: ClientId, actor: ActorId, {reason, cause}: Death, isUnmade = false): void {
    const unmade = isUnmade ? {unmade: true as const} : {};
    this.#out.push({kind: "tell-death", client, actor, reason, cause, ...unmade});
  }

  #traceEnd(
    {id, incarnation}: Actor,
    state: "failed" | "cancelled" | "lost",
    error: string,
    nowMs: number,
  ): void {
    const attempt = Math.max(1, incarnation);
    const [at, task] = [nowMs * 1000, creationOf(id)];
    const end = {storeUs: 0, sizeBytes: 0, error};
    this.#trace({kind: "task-ended", at, task, attempt, state, ...end});
  }

  #trace(event: Extract<ActorsCommand, {kind: "trace"}>["event"]): void {
    this.#out.push({kind: "trace", event});
  }
}

/** A lease on which calls are sent; the scheduler's have other names. */
export function isCallLease(lease: LeaseId): boolean {
  return lease.startsWith(leasePrefix);
}

const leasePrefix = "a";
/** So many that died are remembered, with the reason. */
const maxDead = 1024;
const maxNamesTold = 100;
const maxRestMs = 10_000;
