// A client's tasks and objects on their way through sockets: carries out what its Submitter orders, and
// keeps what the machine does not look at (payloads, code, who waits for which value).

import {nowUs} from "../clock.js";
import {
  inlineLimitBytes,
  type ActorPart,
  type Frames,
  type ObjectOutcome,
  type TaskCall,
} from "../backend.js";
import {sizeOf} from "../codec/size.js";
import type {Place, Shape, SubmitterCommand, SubmitterEvent} from "../core/events.js";
import {actorKey} from "../core/actor-calls.js";
import {Submitter} from "../core/submitter.js";
import {
  ActorDiedError,
  ActorUnavailableError,
  type ClusterError,
  ClusterStoppedError,
  ObjectLostError,
  TaskCancelledError,
  WorkerCrashedError,
} from "../errors.js";
import {holdOf, objectId, taskOf, type ObjectId, type TaskId, type WorkerId} from "../ids.js";
import type {FromHead, FromWorker, SentTask, ToHead, ToWorker} from "../messages.js";
import type {TraceEvent} from "../trace.js";
import {BelievedCodes, KeptCodes, pieceOf, type CodePiece} from "./codes.js";
import {encodeFailure, failedPlace} from "./failures.js";
import {Alarm} from "./member.js";
import type {ClientReply, ClientRequest} from "./ports.js";
import type {Stores} from "./stores.js";

/** What it needs of its agent. */
export interface Surroundings {
  /** Known once the cluster is. */
  stores(): Stores;
  toHead(message: ToHead): void;
  /** To the user's thread. */
  post(reply: ClientReply): void;
  /** A link to a worker; what it says comes to `heardWorker`. */
  connectWorker(worker: WorkerId, address: string): WorkerLink;
  trace(event: TraceEvent): void;
  /** A running task begins, or ends, to wait. */
  blocked(task: TaskId, on: ObjectId[]): void;
  unblocked(task: TaskId): void;
  /** Something has happened: call `turn` before this turn of the event loop ends. */
  wakeTurn(): void;
}
export interface WorkerLink {
  send(message: ToWorker): void;
  close(): Promise<void>;
}

interface Waiting {
  kind: "get" | "wait";
  request: number;
  objects: ObjectId[];
  missing: Set<ObjectId>;
  places: Map<ObjectId, Place>;
  numReturns: number;
  timer: NodeJS.Timeout | null;
  /** The task that waits, once it had to. */
  blocks: TaskId | null;
  by: TaskId | null;
}

interface Neighbour {
  link: WorkerLink;
  address: string;
  codes: BelievedCodes;
}

const nowMs = (): number => nowUs() / 1000;

export class Submissions {
  readonly #around: Surroundings;
  readonly #machine = new Submitter();
  readonly #calls = new Map<TaskId, TaskCall>();
  readonly #codes = new KeptCodes();
  readonly #workers = new Map<WorkerId, Neighbour>();
  /** Errors on their way to being objects, and values on their way to the user's thread. */
  readonly #failing = new Set<Promise<void>>();
  readonly #delivering = new Set<Promise<void>>();
  readonly #requests = new Map<number, Waiting>();
  readonly #waiters = new Map<ObjectId, Set<Waiting>>();
  readonly #alarm = new Alarm(nowMs, () => this.tell({kind: "ticked"}));

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** One event for the machine. */
  tell(event: SubmitterEvent): void {
    this.#obey(this.#machine.handle(event, nowMs()));
    this.#around.wakeTurn();
  }
  /** What the machine does once for a batch of events. */
  turn(): void {
    this.#obey(this.#machine.flush(nowMs()));
  }
  /** Resolves when everyone who waits for a task that has failed by now has been told. */
  async told(): Promise<void> {
    while (this.#failing.size > 0) await Promise.all(this.#failing);
    await Promise.all(this.#delivering);
  }
  async close(): Promise<void> {
    this.#alarm.clear();
    for (const {timer} of this.#requests.values()) if (timer) clearTimeout(timer);
    await Promise.all([...this.#workers.values()].map(({link}) => link.close()));
  }

  // ---- the user's thread ----

  request(message: ClientRequest): void {
    switch (message.kind) {
      case "submit":
        return this.#submit(message.call, message.pieces);
      case "put":
        return void this.#put(message.object, message.frames, message.refs);
      case "get":
        return this.#await({...message, numReturns: message.objects.length});
      case "wait":
        return this.#await(message);
      case "give-up":
        return this.#finish(this.#requests.get(message.request));
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
      default:
        // The rest is the agent's.
        return;
    }
  }

  #submit(call: TaskCall, pieces: readonly CodePiece[]): void {
    const {options, context} = call;
    for (const piece of pieces) this.#codes.add(piece);
    call.code = this.#codes.use(call.code.hash) ?? call.code;
    this.#calls.set(call.task, call);
    for (const object of call.nestedRefs) this.tell({kind: "object-shared", object});
    const {actor} = call;
    const shape = shapeOf(call);
    if (actor?.kind === "creation") this.#declare(actor, shape);
    // A call under way keeps its actor.
    const holds =
      actor?.kind === "call" ? [holdOf(actor.actor), ...call.nestedRefs] : call.nestedRefs;
    this.tell({
      kind: "task-submitted",
      ticket: {
        task: call.task,
        fn: call.fn,
        run: context.run,
        cell: context.cell,
        parent: context.parent,
        shape,
        args: call.argRefs.map(({object}) => object),
        ...(holds.length > 0 ? {holds} : {}),
        ...(actor ? {actor: {kind: actor.kind, actor: actor.actor}} : {}),
        maxRetries: options.maxRetries,
        retryExceptions: options.retryExceptions,
        ...(options.timeoutMs === undefined ? {} : {timeoutMs: options.timeoutMs}),
      },
    });
  }

  #declare(part: ActorPart & {kind: "creation"}, shape: Shape): void {
    const {actor, face, kind: _, ...options} = part;
    this.#around.toHead({kind: "declare-actor", actor, face, options, shape});
  }

  #submitActor({task, args}: SubmitterCommand & {kind: "submit-actor"}): void {
    const call = this.#calls.get(task)!;
    const {fn, code, args: frames, nestedRefs, context} = call;
    const {actor, maxConcurrency} = call.actor as ActorPart & {kind: "creation"};
    const argPlaces = argPlacesOf(call, args);
    this.#around.toHead({
      kind: "submit-actor",
      creation: {
        ...{task, actor, fn, code, args: frames, argPlaces, nestedRefs},
        ...{maxConcurrency, context},
      },
    });
  }

  async #put(object: ObjectId, frames: Frames, refs: ObjectId[]): Promise<void> {
    this.tell({kind: "put-begun", object});
    for (const ref of refs) this.tell({kind: "object-shared", object: ref});
    this.tell({kind: "object-put", object, place: await this.placeOf(object, frames, true, refs)});
  }

  /** Small values travel with their place; large ones go to the store first. */
  placeOf(object: ObjectId, frames: Frames, ok: boolean, refs: ObjectId[]): Place | Promise<Place> {
    if (sizeOf(frames) > inlineLimitBytes)
      return this.#around.stores().put(object, frames, ok, refs);
    const place: Place = {kind: "inline", ok, frames};
    return refs.length === 0 ? place : {...place, refs};
  }

  // ---- waiting ----

  #await(ask: (ClientRequest & {kind: "get" | "wait"}) & {numReturns: number}): void {
    const {kind, request, objects, numReturns, timeoutMs, by} = ask;
    const missing = new Set(objects);
    const waiting: Waiting = {
      kind,
      request,
      objects,
      missing,
      places: new Map(),
      numReturns,
      timer: null,
      blocks: null,
      by,
    };
    this.#requests.set(request, waiting);
    for (const object of [...missing]) {
      addTo(this.#waiters, object, waiting);
      this.tell({kind: "object-wanted", object});
    }
    if (!this.#requests.has(request)) return;
    if (timeoutMs !== null && timeoutMs <= 0) return this.#timeOut(waiting);
    if (timeoutMs !== null) waiting.timer = setTimeout(() => this.#timeOut(waiting), timeoutMs);
    if (by !== null) {
      waiting.blocks = by;
      this.#around.blocked(by, [...missing]);
    }
  }

  #settle(object: ObjectId, place: Place): void {
    if (place.kind === "lost" || !place.ok) this.#around.post({kind: "failed", object});
    const waiters = this.#waiters.get(object);
    if (!waiters) return;
    this.#waiters.delete(object);
    for (const waiting of waiters) {
      waiting.missing.delete(object);
      waiting.places.set(object, place);
      const ready = waiting.objects.length - waiting.missing.size;
      if (waiting.missing.size === 0 || (waiting.kind === "wait" && ready >= waiting.numReturns)) {
        this.#answer(waiting);
      }
    }
  }

  #timeOut(waiting: Waiting): void {
    if (waiting.kind === "wait") return this.#answer(waiting);
    this.#finish(waiting);
    this.#around.post({kind: "got", request: waiting.request, outcomes: null});
  }

  #answer(waiting: Waiting): void {
    const {request, objects, missing, numReturns} = waiting;
    if (waiting.kind === "wait") {
      this.#finish(waiting);
      const ready = objects.filter((object) => !missing.has(object)).slice(0, numReturns);
      return this.#around.post({kind: "ready", request, objects: ready});
    }
    const outcomes = objects.map((object) => this.#outcome(object, waiting.places.get(object)!));
    if (outcomes.every((outcome) => !(outcome instanceof Promise))) {
      return this.#deliver(waiting, outcomes as ObjectOutcome[]);
    }
    const delivering = Promise.all(outcomes).then((all) => {
      this.#delivering.delete(delivering);
      this.#deliver(waiting, all);
    });
    this.#delivering.add(delivering);
  }

  #deliver(waiting: Waiting, outcomes: ObjectOutcome[]): void {
    const {request} = waiting;
    if (!this.#requests.has(request)) return;
    this.#finish(waiting);
    this.#around.post({kind: "got", request, outcomes});
    const at = nowUs();
    const by = waiting.by as TaskId | null;
    for (const object of waiting.objects) {
      this.#around.trace({kind: "object-fetched", at, object, by});
    }
  }

  #outcome(object: ObjectId, place: Place): ObjectOutcome | Promise<ObjectOutcome> {
    switch (place.kind) {
      case "inline":
        return place.ok ? {ok: true, value: place.frames} : {ok: false, error: place.frames};
      case "lost":
        return lost(object, place.reason);
      case "stored":
        return this.#around
          .stores()
          .fetch(object, place.node)
          .then((frames) => {
            if (frames === null) return lost(object, `it is no longer on ${place.node}`);
            return place.ok ? {ok: true, value: frames} : {ok: false, error: frames};
          });
    }
  }

  #finish(waiting: Waiting | undefined): void {
    if (!waiting) return;
    this.#requests.delete(waiting.request);
    if (waiting.timer) clearTimeout(waiting.timer);
    for (const object of waiting.missing) this.#waiters.get(object)?.delete(waiting);
    if (waiting.blocks !== null) this.#around.unblocked(waiting.blocks);
  }

  // ---- links ----

  heardHead(message: FromHead): void {
    switch (message.kind) {
      case "granted": {
        const {lease, shape, worker, address} = message;
        if (!this.#workers.has(worker)) this.#meet(worker, address);
        return this.tell({kind: "lease-granted", lease, shape, worker});
      }
      case "revoked":
        return this.tell({kind: "lease-revoked", lease: message.lease});
      case "lease-lost": {
        this.lostWorker(message.worker);
        const {lease, reason, restarts = false} = message;
        return this.tell({kind: "lease-lost", lease, reason, restarts});
      }
      case "actor-died":
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

  /** No node could ever fit tasks of this shape: the first of them stands for all. */
  unschedulable(shape: Shape, missing: string): void {
    const ticket = this.#machine.firstWaiting(shape);
    if (!ticket) return;
    const {fn, cell} = ticket;
    this.#around.post({kind: "unschedulable", fn, cell, shape, missing});
  }

  heardWorker(worker: WorkerId, message: FromWorker): void {
    switch (message.kind) {
      case "ended": {
        const {task, attempt, outcome, ranMs} = message;
        return this.tell({kind: "task-ended", task, attempt, outcome, ranMs});
      }
      case "began":
        return this.tell({kind: "task-began", task: message.task, attempt: message.attempt});
      case "returned":
        return this.tell({kind: "tasks-returned", lease: message.lease, tasks: message.tasks});
      case "need-code": {
        const piece = this.#findPiece(message.hash);
        if (piece) this.#workers.get(worker)?.link.send({kind: "code", ...piece});
        return;
      }
      default:
        return;
    }
  }

  /** What has been forgotten may still be part of a task that waits. */
  #findPiece(hash: string): CodePiece | undefined {
    const known = this.#codes.find(hash);
    if (known) return known;
    for (const {code} of this.#calls.values()) {
      if (code.hash === hash) return pieceOf(code);
      const part = code.parts.find((each) => each.hash === hash);
      if (part) return {...part, parts: []};
    }
    return undefined;
  }

  /** Its process is gone; what it held is told by the head, lease by lease. */
  lostWorker(worker: WorkerId): void {
    void this.#workers.get(worker)?.link.close();
    this.#workers.delete(worker);
  }

  #meet(worker: WorkerId, address: string): void {
    const link = this.#around.connectWorker(worker, address);
    this.#workers.set(worker, {link, address, codes: new BelievedCodes()});
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
        return this.#send(command);
      case "submit-actor":
        return this.#submitActor(command);
      case "abandon-actor": {
        const {actor, reason, argument} = command;
        return toHead({kind: "abandon-actor", actor, reason, cause: argument ?? null});
      }
      case "cancel-on-worker": {
        const {task, force, recursive} = command;
        return this.#workers
          .get(command.worker)
          ?.link.send({kind: "cancel", task, force, recursive});
      }
      case "settle":
        return this.#settle(command.object, command.place);
      case "fail-task":
        return this.#fail(command);
      case "ask-place":
        return toHead({kind: "ask-place", object: command.object});
      case "share-object":
        return toHead({kind: "share-object", object: command.object});
      case "publish-object":
        return toHead({kind: "publish-object", object: command.object, place: command.place});
      case "forget-object":
        return this.#forget(command);
      case "drop-task":
        this.#calls.delete(command.task);
        return;
      case "trace":
        return this.#around.trace(command.event);
      case "wake":
        return this.#alarm.set(command.atMs);
      default:
        command satisfies never;
    }
  }

  #send(command: SubmitterCommand & {kind: "send-tasks"}): void {
    const neighbour = this.#workers.get(command.worker);
    // Its loss has been seen here before the head told of it: the lease's end follows.
    if (!neighbour) return;
    const tasks = command.tasks.map(({task, attempt, args}): SentTask => {
      const call = this.#calls.get(task)!;
      const pieces = neighbour.codes.missing(call.code);
      for (const piece of pieces) neighbour.link.send({kind: "code", ...piece});
      neighbour.codes.sent(pieces, call.code);
      return {
        task,
        attempt,
        fn: call.fn,
        code: call.code.hash,
        args: call.args,
        argPlaces: argPlacesOf(call, args),
        context: call.context,
        ...methodOf(call),
      };
    });
    neighbour.link.send({kind: "tasks", lease: command.lease, tasks});
  }

  #fail({task, why, detail, argument}: SubmitterCommand & {kind: "fail-task"}): void {
    const object = objectId(task);
    if (why === "argument-failed" && argument && argument.kind !== "lost") {
      return this.tell({kind: "object-put", object, place: argument});
    }
    // An error too large to be inline is told in the detail alone.
    const cause = why === "actor-died" && argument?.kind === "inline" ? argument.frames : undefined;
    const failing = failedPlace(errorOf(why, detail, argument), cause).then((place) => {
      this.#failing.delete(failing);
      this.tell({kind: "object-put", object, place});
    });
    this.#failing.add(failing);
  }

  #forget({object, place, shared}: SubmitterCommand & {kind: "forget-object"}): void {
    this.#around.stores().forget(object);
    if (shared) this.#around.toHead({kind: "forget-object", object, place});
    else if (place?.kind === "stored") this.#around.stores().drop(object, place.node);
  }
}

/** Equal keys for equal needs. */
function shapeOf({options, context, actor}: TaskCall): Shape {
  const {resources, priority} = options;
  if (actor?.kind === "call") {
    const {actor: id} = actor;
    return {key: actorKey(id), resources: {}, depth: 0, priority: 0, actor: id};
  }
  if (actor) {
    const {depth} = context;
    return {key: `process/${actor.actor}`, resources, depth, priority, dedicated: true};
  }
  const names = Object.keys(resources).sort();
  const needs = names.map((name) => `${name}=${resources[name]}`).join(",");
  return {key: `${context.depth}/${priority}/${needs}`, resources, depth: context.depth, priority};
}

function errorOf(why: string, detail: string, argument: Place | undefined): ClusterError {
  switch (why) {
    case "argument-failed":
      return new ObjectLostError(
        argument?.kind === "lost" ? `${detail}: ${argument.reason}` : detail,
      );
    case "worker-crashed":
      return new WorkerCrashedError(detail);
    case "cluster-stopped":
      return new ClusterStoppedError(detail);
    case "actor-died":
      return new ActorDiedError(detail);
    case "actor-unavailable":
      return new ActorUnavailableError(detail);
    default:
      return new TaskCancelledError(detail);
  }
}

async function lost(object: ObjectId, reason: string): Promise<ObjectOutcome> {
  const error = new ObjectLostError(`ObjectRef(${object}) is lost: ${reason}`);
  return {ok: false, error: await encodeFailure(error)};
}

function addTo<K, V>(sets: Map<K, Set<V>>, key: K, value: V): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

function methodOf({actor, options}: TaskCall): Pick<SentTask, "method" | "isTimed"> {
  if (actor?.kind !== "call") return {};
  const {method} = actor;
  return options.timeoutMs === undefined ? {method} : {method, isTimed: true};
}

function argPlacesOf(
  {argRefs}: TaskCall,
  places: readonly {object: ObjectId; place: Place}[],
): SentTask["argPlaces"] {
  if (places.length === 0) return noPlaces;
  return argRefs.map(({index}, i) => ({index, ...places[i]!}));
}
const noPlaces: SentTask["argPlaces"] = [];
