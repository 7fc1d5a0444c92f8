// The shell around a Submitter and a Waits machine: payloads, refs by count, and errors of failed
// tasks.

import {checkPriority, checkSubmitter, InvariantError} from "../../cluster/core/invariants.js";
import {Submitter} from "../../cluster/core/client/submitter.js";
import type {Place, SubmitterCommand, SubmitterEvent} from "../../cluster/core/events.js";
import {actorKey} from "../../cluster/core/client/actor-calls.js";
import {
  actorId,
  actorOf,
  actorTaskId,
  creationOf,
  holdOf,
  objectId,
  taskId,
  taskOf,
} from "../../cluster/ids.js";
import type {ActorId, ClientId, ObjectId, RunId, TaskId, WorkerId} from "../../cluster/ids.js";
import {ClientWaits, type Wait} from "./client-waits.js";
import {ProgramRefs, type RefsAgent} from "./program-refs.js";
import {combine} from "./program.js";
import type {ActorPlan, Outcome, Spec} from "./program.js";
import {errorPlace} from "./values.js";
import type {Value} from "./values.js";
import {limits} from "./limits.js";
import type {ProcessClock} from "./network.js";
import type {World} from "./world.js";

export interface Payload {
  spec: Spec;
  depth: number;
  cell: string;
  holds: ObjectId[];
  actors: Actors;
}

export interface Context {
  parent: TaskId | null;
  depth: number;
  cell: string;
  /** Those that the code which submits knows; it makes more of them. */
  actors: Map<ActorPlan, ActorId>;
}

type Actors = ReadonlyMap<ActorPlan, ActorId>;

export class Client {
  readonly id: ClientId;
  readonly submitter = new Submitter({lingerMs: 50, maxReady: 2});
  readonly clock: ProcessClock;
  readonly #world: World;
  readonly #places = new Map<ObjectId, Place>();
  readonly #waits: ClientWaits;
  readonly #refs: ProgramRefs;
  /**
   * Results that the program has dropped and nobody had asked for. An error among them is to be
   * told before it is forgotten.
   */
  readonly #left = new Set<ObjectId>();
  /** Refs that the program has dropped, and V8 has not told of. */
  readonly #dropped: ObjectId[] = [];
  #lastRequest = 0;
  readonly #asked = new Map<number, (actor: ActorId | null) => void>();
  #isFlushing = false;
  #hasLeft = false;
  isDead = false;

  constructor(world: World, id: ClientId) {
    this.#world = world;
    this.id = id;
    this.clock = world.clockOf(id);
    const {faults, random} = world;
    this.#refs = new ProgramRefs(this.#agent(), (send) => {
      if (!faults.hasLateRefs) return send();
      this.clock.after(random.between(0, 0.3), () => this.isDead || send());
    });
    const isDead = (): boolean => this.isDead;
    this.#waits = new ClientWaits({
      clock: this.clock,
      get isDead() {
        return isDead();
      },
      placeOf: (object) => this.#places.get(object) ?? null,
      want: (object) => {
        this.tell({kind: "object-wanted", object});
        return this.submitter.placeOf(object);
      },
      keep: (object) => this.#refs.keep(object),
      letGo: (object) => this.#refs.letGo(object),
      read: (object, place, then) => world.store.read(this, object, place, then),
    });
  }

  submit(spec: Spec, siblings: ObjectId[], context: Context): ObjectId {
    const {actors, cell, depth, parent} = context;
    const actor = spec.makes ? this.#declare(spec, actors) : spec.on && actors.get(spec.on)!;
    const task = this.#taskOf(spec, actor);
    if (spec.on) this.#world.ledger.called(task, actor!, spec, this.id, parent !== null);
    const captured = new Map([...actors].filter(([plan]) => !spec.on && maybeCaptured(plan, spec)));
    const gets = spec.holds.map((index) => siblings[index]!);
    const payload: Payload = {spec, depth, cell, holds: gets, actors: captured};
    const holds = [...gets, ...[...captured.values()].map(holdOf)];
    for (const object of holds) this.tell({kind: "object-shared", object});
    const {resources, priority, maxRetries, timeoutMs} = spec;
    const key = JSON.stringify([resources, depth, priority]);
    this.#refs.add(objectId(task), spec.makes ? null : spec.name);
    for (const index of [...spec.args, ...spec.holds]) this.#refs.see(siblings[index]!);
    this.tell({
      kind: "task-submitted",
      task,
      payload,
      ticket: {
        fn: spec.name,
        run: "run" as RunId,
        cell,
        parent,
        shape: spec.on
          ? {key: actorKey(actor!), resources: {}, depth: 0, priority: 0, actor: actor!}
          : {key, resources, depth, priority},
        args: spec.args.map((index) => siblings[index]!),
        holds: spec.on ? [holdOf(actor!), ...holds] : holds,
        maxRetries,
        retryExceptions: spec.ends === "throws-once" ? ["Once"] : false,
        ...(timeoutMs === undefined ? {} : {timeoutMs}),
        ...(actor ? {actor: {kind: spec.makes ? "creation" : "call", actor}} : {}),
      },
    });
    return objectId(task);
  }

  #taskOf(spec: Spec, actor: ActorId | undefined): TaskId {
    if (!actor) return taskId(this.#world.unique());
    return spec.makes ? creationOf(actor) : actorTaskId(this.#world.unique(), actor);
  }

  /** The actor exists from here on; its creation follows. */
  #declare(spec: Spec, actors: Map<ActorPlan, ActorId>): ActorId {
    const plan = spec.makes!;
    const actor = actorId(this.#world.unique().padStart(24, "0"));
    actors.set(plan, actor);
    this.#world.ledger.made(actor, plan, spec, this.id);
    const {id: client} = this;
    const face = {className: spec.name, methods: ["call"], maxTaskRetries: 0};
    const shape = {key: `process/${actor}`, resources: spec.resources, depth: 0, priority: 0};
    this.#world.toHead(client, (head) =>
      head.tell({kind: "actor-declared", actor, client, face, options: plan, shape}),
    );
    if (plan.detached) this.#world.killSometime(actor);
    return actor;
  }

  // ---- what it asks the head, and is answered ----

  /** Each asks once, and is answered, unless one of both ends before. */
  kill(actor: ActorId, restart: boolean): void {
    if (this.isDead) return;
    this.#world.ledger.killed(actor, restart);
    const {id: client} = this;
    const request = this.#ask(() => {});
    this.#world.toHead(client, (head) =>
      head.tell({kind: "kill-asked", actor, client, request, restart}),
    );
  }

  seek(name: string, then: (actor: ActorId | null) => void): void {
    if (this.isDead) return;
    const {id: client} = this;
    const request = this.#ask(then);
    this.#world.toHead(client, (head) => head.tell({kind: "actor-sought", client, request, name}));
  }

  answered(request: number, actor: ActorId | null): void {
    const then = this.#asked.get(request);
    this.#asked.delete(request);
    if (!this.isDead) then?.(actor);
  }

  #ask(then: (actor: ActorId | null) => void): number {
    const request = ++this.#lastRequest;
    if (!this.#hasLeft) this.#asked.set(request, then);
    return request;
  }

  /** A ref came into this process, or another hand holds it. */
  hold(object: ObjectId): void {
    this.#refs.hold(object);
  }

  /** A program drops a ref, and V8 tells of it late, or when it is made to collect. */
  drop(object: ObjectId): void {
    if (!this.#world.isForgetful) return this.#refs.letGo(object);
    this.#dropped.push(object);
    if (this.#dropped.length > 1) return;
    // An idle program collects by itself.
    this.clock.after(this.#world.random.between(100, 3000), () => this.collectDropped());
  }

  /** Before it ends, too: the store lets go of what its owner leaves. */
  collectDropped(): void {
    if (!this.isDead) for (const object of this.#dropped.splice(0)) this.#refs.letGo(object);
  }

  /** The head asks: answered when the program has a moment, after the releases. */
  collect(round: number): void {
    const {id: client} = this;
    this.#world.local(`${client}'s program`, () => {
      this.collectDropped();
      if (this.isDead) return;
      const tookMs = this.#world.random.between(0, 20);
      this.#world.toHead(client, (head) => head.tell({kind: "collected", client, round, tookMs}));
    });
  }

  /** What the program's refs come to, on the agent's thread. */
  #agent(): RefsAgent {
    const kind = this.#world.faults.hasLateRefs ? "object-held" : "object-wanted";
    return {
      isDown: false,
      hold: (object) => {
        this.#left.delete(object);
        this.tell({kind, object});
      },
      leave: (object, fn) => {
        this.#left.add(object);
        this.tell({kind: "object-left", object, by: {fn, cell: ""}});
      },
      release: (object) => this.tell({kind: "object-released", object}),
    };
  }

  /** Shares an object by a ref inside of a value. Whoever takes it out meets its error. */
  passOn(object: ObjectId): void {
    this.#refs.see(object);
    this.tell({kind: "object-shared", object});
  }

  holds(object: ObjectId): boolean {
    return this.#refs.has(object);
  }

  /** The value, with the ref in it (if any) gotten as well. The caller holds `object`. */
  get(object: ObjectId, then: (outcome: Outcome) => void): void {
    this.#refs.see(object);
    this.#waits.get(object, (value) => this.resolve(value, then));
  }
  /** Answers when enough of the objects are there, or the time is over. Gives the request. */
  wait(wait: Wait): number {
    return this.#waits.wait(wait);
  }
  giveUp(request: number): void {
    this.#waits.giveUp(request);
  }

  resolve(value: Value, then: (outcome: Outcome) => void): void {
    const {name, parts, ref, error} = value;
    if (error !== undefined) then({ok: false, error});
    else if (!ref) then({ok: true, value: combine(name, parts)});
    else {
      this.hold(ref);
      this.get(ref, (outcome) => {
        this.drop(ref);
        then(outcome.ok ? {ok: true, value: combine(name, [...parts, outcome.value])} : outcome);
      });
    }
  }

  tell(event: SubmitterEvent): void {
    if (this.isDead) return;
    this.#world.note(this.id, event);
    // Questions to a head that is lost are never answered.
    if (event.kind === "head-lost") {
      this.#asked.clear();
      this.#hasLeft = true;
    }
    if (event.kind === "lease-granted" && this.#unreachable.delete(event.worker))
      this.#world.connect(this.id, event.worker);
    const commands = this.submitter.handle(event, this.clock.nowMs);
    for (const command of commands) this.#obey(command);
    checkSubmitter(this.submitter);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.clock.after(this.#world.random.between(0, 0.05), () => {
      this.#isFlushing = false;
      if (this.isDead) return;
      const late = this.submitter.flush(this.clock.nowMs);
      for (const command of late) this.#obey(command);
      checkSubmitter(this.submitter);
    });
  }

  #obey(command: SubmitterCommand): void {
    const {id: client} = this;
    const world = this.#world;
    if (command.kind !== "trace") world.note(this.id, command);
    switch (command.kind) {
      case "want-leases": {
        const {shape, count} = command;
        return world.toHead(client, (head) =>
          head.tell({kind: "leases-wanted", client, shape, count}),
        );
      }
      case "return-lease": {
        const {lease} = command;
        world.ledger.returned(lease);
        return world.toHead(client, (head) => head.tell({kind: "lease-returned", lease}));
      }
      case "send-tasks": {
        const {lease} = command;
        checkPriority(this.submitter, lease);
        if (this.#unreachable.has(command.worker)) return;
        const sent = command.tasks.map((task) => ({
          ...task,
          payload: task.payload as Payload,
        }));
        return world.toWorker(client, command.worker, (to) => to.receive(client, lease, sent));
      }
      case "cancel-on-worker": {
        const {task, force, recursive} = command;
        return world.toWorker(client, command.worker, (to) => to.cancel(task, force, recursive));
      }
      case "settle": {
        const {object, place} = command;
        this.#places.set(object, place);
        world.ledger.told(this.id, taskOf(object), place, () => world.store.peek(object, place));
        return this.#waits.settle(object, place);
      }
      case "fail-task": {
        const {task, why, cause} = command;
        if (why === "worker-crashed") world.ledger.toldLost(task);
        const tell = (error: string): void =>
          this.tell({kind: "object-put", object: objectId(task), place: errorPlace(error)});
        if (!cause) return tell(why);
        return this.#readError(cause.object, cause.place, tell);
      }
      case "tell-unfetched": {
        const {object, place} = command;
        if (!this.#left.delete(object) || (place.kind !== "lost" && place.ok))
          throw new Error(`${this.id} was told that ${object} has failed, which nobody has left`);
        return this.#readError(object, place, () => this.tell({kind: "object-released", object}));
      }
      case "ask-place": {
        const {object} = command;
        return world.toHead(client, (head) => head.tell({kind: "place-wanted", client, object}));
      }
      case "share-object": {
        const {object} = command;
        return world.toHead(client, (head) => head.tell({kind: "object-shared", client, object}));
      }
      case "publish-object": {
        const {object, place} = command;
        return world.toHead(client, (head) =>
          head.tell({kind: "object-published", client, object, place}),
        );
      }
      case "forget-object": {
        const {object, place, shared, lentAtMs} = command;
        if (this.#refs.isKnown(object))
          throw new InvariantError(`${client} has forgotten ${object}, which its program holds`);
        const lentMsAgo = lentAtMs === null ? null : this.clock.nowMs - lentAtMs;
        const last = this.#places.get(object);
        if (this.#left.delete(object) && last && (last.kind === "lost" || !last.ok))
          throw new Error(`${this.id} has forgotten ${object} and not told that it failed`);
        this.#places.delete(object);
        // Only a task that was cut off can have let go of what it waits for.
        this.#waits.giveUpOn(object);
        if (place?.kind === "stored") world.store.drop(this, object, place.node);
        if (!shared) return;
        return world.toHead(client, (head) =>
          head.tell({kind: "object-released", client, object, lentMsAgo}),
        );
      }
      case "drop-stored":
        return world.store.drop(this, command.object, command.node, command.upTo);
      case "wake":
        return this.clock.at(command.atMs, () => this.tell({kind: "ticked"}));
      case "trace":
        return;
      case "submit-actor": {
        const {task, args} = command;
        const payload = command.payload as Payload;
        const actor = actorOf(task)!;
        const creation = {task, args, payload};
        const nested = [...payload.actors.values()].map(holdOf);
        const holds = [...args.map(({object}) => object), ...nested];
        return world.toHead(client, (head) => head.submit(actor, creation, holds));
      }
      case "abandon-actor": {
        const {actor, reason, cause = null} = command;
        world.ledger.mayNotBeMade(actor);
        const tell = (place: Place | null): void =>
          world.toHead(client, (head) =>
            head.tell({kind: "actor-abandoned", actor, reason, cause: place}),
          );
        if (!cause) return tell(null);
        return this.#readError(cause.object, cause.place, (error) => tell(errorPlace(error)));
      }
      default:
        command satisfies never;
    }
  }

  #readError(object: ObjectId, place: Place, tell: (error: string) => void): void {
    this.#errorsRead++;
    this.#world.store.read(this, object, place, ({error}) => {
      this.#errorsRead--;
      tell(error!);
    });
  }
  /** Errors that are being read, to be told: a process that ends in order tells them first. */
  #errorsRead = 0;
  get hasToTell(): boolean {
    return this.#errorsRead > 0 || this.submitter.status().tasks > 0;
  }

  /** It has lost the head: everything that waits fails at once. */
  leave(reason: string): void {
    if (this.isDead || this.#hasLeft) return;
    this.tell({kind: "head-lost", reason});
    this.#world.store.leave(this.id);
    this.clock.after(1, () => {
      const {open} = this.#waits;
      const {tasks} = this.submitter.status();
      if (open + tasks > 0 && !this.isDead)
        throw new InvariantError(
          `${this.id} has lost its head, ${open} waits and ${tasks} tasks go on`,
        );
    });
  }
  /** Nobody answers any more. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /**
   * The link to a worker broke, and the worker may live: its tasks are sent again after a while.
   */
  lostWorker(worker: WorkerId): void {
    const leases = this.submitter.leasesOn(worker);
    this.#unreachable.add(worker);
    this.tell({kind: "worker-unreachable", worker});
    this.#afterAwake(limits.linkLossMs, () => {
      if (this.isDead) return;
      for (const lease of this.submitter.leasesOn(worker)) {
        if (!leases.includes(lease)) continue;
        const {id: client} = this;
        this.#world.toHead(client, (head) => head.tell({kind: "lease-returned", lease}));
        this.tell({kind: "lease-lost", lease, reason: "the link to it broke", restarts: true});
      }
    });
  }
  /** As cluster/io/awake.ts: a process that stands still makes fewer ticks. */
  #afterAwake(ms: number, act: () => void, ticks = 5): void {
    if (ticks === 0) return act();
    const {clock} = this;
    clock.after(ms / 5, () => this.#afterAwake(ms, act, ticks - 1));
  }
  /** Workers to which there is no link, until the next lease there. */
  readonly #unreachable = new Set<WorkerId>();

  /** What is left of it, for the last check. */
  leftovers(): string[] {
    const left: string[] = [];
    const {tasks, objects, leases} = this.submitter.status();
    if (tasks) left.push(`${tasks} tasks in ${this.id}`);
    if (objects) {
      const ids = [...this.submitter.inspect().objects.keys()].join(" ");
      left.push(`${objects} objects in ${this.id}: ${ids}`);
    }
    if (leases) left.push(`${leases} leases in ${this.id}`);
    left.push(...this.#waits.leftovers().map((what) => `${what} in ${this.id}`));
    if (this.#places.size) left.push(`${this.#places.size} places in ${this.id}`);
    if (this.#asked.size) left.push(`${this.#asked.size} questions of ${this.id}`);
    if (this.#left.size) left.push(`${this.#left.size} errors to be told in ${this.id}`);
    left.push(...this.#refs.leftovers().map((what) => `${what} in ${this.id}`));
    return left;
  }
}

/** What an actor keeps comes back when nobody holds it: no task that waits may. */
function maybeCaptured({keeps}: ActorPlan, {makes}: Spec): boolean {
  return Object.keys(keeps).length === 0 && !makes;
}
