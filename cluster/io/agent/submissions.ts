// A client's tasks and objects on their way through sockets: carries out what its Submitter orders.
// What the machine does not look at is kept beside it: code (Calls), links to workers (Neighbours),
// who waits for which value (Waits).

import {nowUs} from "../../clock.js";
import {inlineLimitBytes, type ActorPart, type Frames, type TaskCall} from "../../backend.js";
import {sizeOf} from "../../packing/size.js";
import type {Place, Shape, SubmitterCommand, SubmitterEvent} from "../../core/events.js";
import {Submitter} from "../../core/client/submitter.js";
import {ActorDiedError} from "../../errors.js";
import {holdOf, taskOf, type ObjectId, type WorkerId} from "../../ids.js";
import {collectStoredBytes, linkLossMs} from "../../limits.js";
import {afterAwake} from "../awake.js";
import type {FromHead, FromWorker, ToHead} from "../../messages.js";
import {actorCreationOf, callOf, Calls, packed} from "./calls.js";
import type {CodePiece} from "./codes.js";
import {FailedTasks} from "./failed-tasks.js";
import {encodeFailure} from "./failures.js";
import {Alarm} from "../link/member.js";
import {Neighbours, type WorkerLink} from "./neighbours.js";
import type {ClientRequest} from "../threads/ports.js";
import type {Maker} from "./stores.js";
import {Waits, type WaitSurroundings} from "./waits.js";

/** The parts of the agent that submissions need. */
export interface Surroundings extends WaitSurroundings {
  toHead(message: ToHead): void;
  /** A link to a worker; what it says comes to `heardWorker`. */
  connectWorker(worker: WorkerId, address: string): WorkerLink;
  /** Tasks of this process wait for more than a free worker. */
  waits(news: {fn: string; cell: string; shape: Shape; reason: string}): void;
  /** Something has happened: call `turn` before this turn of the event loop ends. */
  wakeTurn(): void;
}

const nowMs = (): number => nowUs() / 1000;

export class Submissions {
  readonly #around: Surroundings;
  readonly #machine = new Submitter();
  readonly #calls = new Calls(() => this.#machine.tickets());
  readonly #workers: Neighbours;
  readonly #waits: Waits;
  readonly #failed: FailedTasks;
  /** Values that were stored since the user's thread was last told to collect. */
  #storedBytes = 0;
  readonly #drained: (() => void)[] = [];
  /** Waits of links that have ended, until their workers' ends should be known. */
  readonly #unreachable = new Set<() => void>();
  readonly #alarm = new Alarm(nowMs, () => this.tell({kind: "ticked"}));

  constructor(around: Surroundings) {
    this.#around = around;
    this.#workers = new Neighbours(around.connectWorker, this.#calls);
    this.#waits = new Waits(around, (object) => {
      this.tell({kind: "object-wanted", object});
      return this.#machine.placeOf(object);
    });
    this.#failed = new FailedTasks({
      stores: around.stores,
      placeOf: (object, frames, ok) => this.placeOf(object, frames, ok, noRefs, lastWord),
      tell: (event) => this.tell(event),
      toHead: around.toHead,
      post: around.post,
    });
  }

  /** One event for the machine. */
  tell(event: SubmitterEvent): void {
    this.#obey(this.#machine.handle(event, nowMs()));
    this.#around.wakeTurn();
  }
  /** Lets the machine do once what follows from a batch of events. */
  turn(): void {
    this.#obey(this.#machine.flush(nowMs()));
    if (this.#machine.status().tasks === 0) for (const tell of this.#drained.splice(0)) tell();
  }
  /** Resolves when no task of this process is under way. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained.push(resolve);
      this.#around.wakeTurn();
    });
  }
  /** Resolves when everyone who waits for a task that has failed by now has been told. */
  async told(): Promise<void> {
    await this.#failed.told();
    await this.#waits.told();
  }
  async close(): Promise<void> {
    this.#alarm.clear();
    for (const callOff of this.#unreachable) callOff();
    this.#waits.close();
    await this.#workers.close();
  }

  // ---- the user's thread ----

  request(message: ClientRequest): void {
    switch (message.kind) {
      case "submit":
        return this.#submit(message.call, message.pieces);
      case "put":
        return void this.#put(message.object, message.frames, message.refs);
      case "get":
        return this.#waits.begin({...message, numReturns: message.objects.length});
      case "wait":
        return this.#waits.begin(message);
      case "give-up":
        return this.#waits.giveUp(message.request);
      case "cancel": {
        const {object, force, recursive, request} = message;
        this.tell({kind: "cancel-asked", task: taskOf(object), force, recursive});
        return this.#around.post({kind: "cancelled", request});
      }
      case "cancel-cell":
        return this.tell({kind: "cancel-cell-asked", cell: message.cell});
      case "kill-actor":
      case "find-actor":
        return this.#around.toHead(message);
      case "hold":
        for (const object of message.objects) this.tell({kind: "object-held", object});
        return;
      case "release":
        for (const object of message.objects) this.tell({kind: "object-released", object});
        return;
      case "leave":
        for (const {objects, ...by} of message.left)
          for (const object of objects) this.tell({kind: "object-left", object, by});
        return;
      default:
        // The rest is the agent's.
        return;
    }
  }

  #submit(call: TaskCall, pieces: readonly CodePiece[]): void {
    const ticket = this.#calls.ticketOf(call, pieces);
    const {task, actor, nestedRefs} = call;
    for (const object of nestedRefs) this.tell({kind: "object-shared", object});
    if (actor?.kind === "creation") this.#declare(actor, ticket.shape);
    this.tell({kind: "task-submitted", task, ticket, payload: packed(call.args)});
  }

  #declare(part: ActorPart & {kind: "creation"}, shape: Shape): void {
    const {actor, face, kind: _, ...options} = part;
    this.#around.toHead({kind: "declare-actor", actor, face, options, shape});
  }

  async #put(object: ObjectId, frames: Frames, refs: ObjectId[]): Promise<void> {
    this.tell({kind: "put-begun", object});
    for (const ref of refs) this.tell({kind: "object-shared", object: ref});
    this.tell({kind: "object-put", object, place: await this.placeOf(object, frames, true, refs)});
  }

  /**
   * Gives the place of a value: small values travel with it; large ones go to the store first.
   * `maker`: the maker of the value, when this process did not put it.
   */
  placeOf(
    object: ObjectId,
    frames: Frames,
    ok: boolean,
    refs: ObjectId[],
    maker: Partial<Maker> = {},
  ): Place | Promise<Place> {
    if (sizeOf(frames) > inlineLimitBytes)
      return this.#around.stores().put(object, frames, ok, refs, maker);
    const place: Place = {kind: "inline", ok, frames};
    return refs.length === 0 ? place : {...place, refs};
  }

  // ---- links ----

  heardHead(message: FromHead): void {
    switch (message.kind) {
      case "granted": {
        const {lease, shape, worker, address} = message;
        this.#workers.meet(worker, address);
        return this.tell({kind: "lease-granted", lease, shape, worker});
      }
      case "revoked":
        return this.tell({kind: "lease-revoked", lease: message.lease});
      case "lease-lost": {
        this.#workers.lost(message.worker);
        const {lease, reason, restarts = false} = message;
        return this.tell({kind: "lease-lost", lease, reason, restarts});
      }
      case "actor-died":
        if (message.unmade) void this.#tellUnmade(message);
        return this.tell(message);
      case "actor-killed":
      case "actor-found":
        return this.#around.post(message);
      case "place":
        return this.tell({kind: "place-told", object: message.object, place: message.place});
      default:
        return;
    }
  }

  async #tellUnmade({actor, reason, cause}: FromHead & {kind: "actor-died"}): Promise<void> {
    const frames = cause?.kind === "inline" ? cause.frames : undefined;
    const error = await encodeFailure(new ActorDiedError(reason), frames);
    this.#around.post({kind: "failed", object: holdOf(actor), error});
  }

  /** Tells why tasks of this shape wait for long, in the name of the first of them. */
  tellWaiting(shape: Shape, reason: string): void {
    const ticket = this.#machine.firstWaiting(shape);
    if (!ticket) return;
    const {fn, cell} = ticket;
    this.#around.waits({fn, cell, shape, reason});
  }

  heardWorker(worker: WorkerId, message: FromWorker): void {
    switch (message.kind) {
      case "ended": {
        const {task, attempt, outcome, ranMs} = message;
        return this.tell({kind: "task-ended", task, attempt, outcome, ranMs});
      }
      case "settled":
        return this.tell({kind: "task-settled", task: message.task, attempt: message.attempt});
      case "began":
        return this.tell({kind: "task-began", task: message.task, attempt: message.attempt});
      case "returned":
        return this.tell({kind: "tasks-returned", lease: message.lease, tasks: message.tasks});
      case "need-code":
        return this.#workers.sendPiece(worker, message.hash);
      default:
        return;
    }
  }

  /**
   * The link to it has ended. Nearly always its process has, and the head tells of it, with the
   * reason. If it does not, the worker lives, and has let go of what came by that link: it is sent
   * again elsewhere.
   */
  lostWorker(worker: WorkerId): void {
    this.#workers.lost(worker);
    const leases = this.#machine.leasesOn(worker);
    if (leases.length === 0) return;
    this.tell({kind: "worker-unreachable", worker});
    const callOff = afterAwake(linkLossMs, () => {
      this.#unreachable.delete(callOff);
      const reason = "the link to it broke";
      for (const lease of this.#machine.leasesOn(worker)) {
        if (!leases.includes(lease)) continue;
        this.#around.toHead({kind: "return-lease", lease});
        this.tell({kind: "lease-lost", lease, reason, restarts: true, lives: true});
      }
    });
    this.#unreachable.add(callOff);
  }

  // ---- commands ----

  #obey(commands: SubmitterCommand[]): void {
    for (const command of commands) this.#carryOut(command);
  }

  #carryOut(command: SubmitterCommand): void {
    const {toHead} = this.#around;
    switch (command.kind) {
      case "want-leases":
        return toHead({kind: "want-leases", shape: command.shape, count: command.count});
      case "return-lease":
        return toHead({kind: "return-lease", lease: command.lease});
      case "send-tasks":
        return this.#workers.sendTasks(command);
      case "submit-actor":
        return toHead({
          kind: "submit-actor",
          creation: actorCreationOf(callOf(command), command.args),
        });
      case "abandon-actor":
        return this.#failed.abandon(command);
      case "cancel-on-worker":
        return this.#workers.cancel(command);
      case "settle":
        return this.#settle(command);
      case "fail-task":
        return this.#failed.fail(command);
      case "tell-unfetched":
        return this.#failed.tellUnfetched(command);
      case "ask-place":
        return toHead({kind: "ask-place", object: command.object});
      case "share-object":
        return toHead({kind: "share-object", object: command.object});
      case "publish-object":
        return toHead({kind: "publish-object", object: command.object, place: command.place});
      case "forget-object":
        return this.#forget(command);
      case "drop-stored":
        return this.#around.stores().drop(command.object, command.node, command.upTo);
      case "trace":
        return this.#around.trace(command.event);
      case "wake":
        return this.#alarm.set(command.atMs);
      default:
        command satisfies never;
    }
  }

  #settle({object, place}: SubmitterCommand & {kind: "settle"}): void {
    if (place.kind === "stored") this.#stored(place.sizeBytes);
    if (place.kind === "lost" || !place.ok) this.#around.post({kind: "failed", object});
    this.#waits.settle(object, place);
  }

  /** V8 sees refs only, not what they hold. */
  #stored(sizeBytes: number): void {
    this.#storedBytes += sizeBytes;
    if (this.#storedBytes < collectStoredBytes) return;
    this.#storedBytes = 0;
    this.#around.post({kind: "collect", round: null});
  }

  #forget({object, place, shared, lentAtMs}: SubmitterCommand & {kind: "forget-object"}): void {
    this.#around.stores().forget(object);
    const lentMsAgo = lentAtMs === null ? null : Math.max(0, nowMs() - lentAtMs);
    if (shared) this.#around.toHead({kind: "forget-object", object, place, lentMsAgo});
    else if (place?.kind === "stored") this.#around.stores().drop(object, place.node);
  }
}

const noRefs: ObjectId[] = [];
/**
 * The attempt number of an error that a client makes of a failed task: no attempt comes after it.
 */
const lastWord: Partial<Maker> = {attempt: Number.MAX_SAFE_INTEGER};
