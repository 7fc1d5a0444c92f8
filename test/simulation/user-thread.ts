// A worker's user thread with pretended work: it computes one thing at a time; a task that gets
// lets go of the thread until the value is there.

import {holdOf, type ActorId, type LeaseId, type ObjectId, type TaskId} from "../../cluster/ids.js";
import type {Client} from "./client.js";
import type {ActorPlan, Outcome, Spec} from "./program.js";
import type {Value} from "./values.js";
import type {World} from "./world.js";

export interface Assigned {
  task: TaskId;
  attempt: number;
  lease: LeaseId;
  spec: Spec;
  depth: number;
  cell: string;
  args: Value[];
  holds: ObjectId[];
  actors: ReadonlyMap<ActorPlan, ActorId>;
}

export type Ended = {kind: "value"; value: Value} | {kind: "error"; name: string} | {kind: "cut"};

export interface ThreadListener {
  /** The code of a task begins, or is over. */
  runs(assigned: Assigned): void;
  stopsRunning(assigned: Assigned): void;
  began(assigned: Assigned): void;
  blocked(task: TaskId): void;
  unblocked(task: TaskId): void;
  ended(assigned: Assigned, ended: Ended, ranMs: number): void;
}

export class UserThread {
  readonly #world: World;
  readonly #client: Client;
  readonly #listener: ThreadListener;
  #handed: Assigned[] = [];
  readonly #begun = new Map<TaskId, Body>();
  /** Once it is an actor's: so many calls may have begun. */
  atOnce: number | null = null;
  /** Whose turn it is to begin the next: the last one begun, until it blocks or ends. */
  #active: Body | null = null;
  #isBusy = false;
  readonly #continuations: (() => void)[] = [];

  constructor(world: World, client: Client, listener: ThreadListener) {
    this.#world = world;
    this.#client = client;
    this.#listener = listener;
  }

  hand(tasks: Assigned[]): void {
    this.#handed.push(...tasks);
    this.#client.clock.after(this.#world.random.between(0, 0.05), () => this.#next());
  }

  reclaim(): TaskId[] {
    const ids = this.#handed.map(({task}) => task);
    this.#handed = [];
    return ids;
  }

  interrupt(task: TaskId): void {
    if (this.#handed.some((assigned) => assigned.task === task)) {
      throw new Error(`${task} was to be interrupted before it began`);
    }
    this.#begun.get(task)?.cut();
  }

  /**
   * Lets a cancelled body do nothing but its cleanup, for some time or for ever. A cleanup that
   * takes too long ends the process. The body keeps its place meanwhile.
   */
  settle(body: Body, then: () => void): void {
    const {random, clock} = this.#world;
    if (body.isComputing) {
      body.isComputing = false;
      this.#isBusy = false;
    }
    if (body.isBlocked) this.unblocks(body);
    const isForEver = this.atOnce === null && random.chance(0.1);
    const settleMs = isForEver ? Infinity : random.pick([0, 0, random.between(0, graceMs)]);
    if (settleMs < graceMs) clock.after(settleMs, () => this.#client.isDead || then());
    else
      clock.after(graceMs, () =>
        this.#world.end(this.#client.id, "a task did not stop after it was cancelled", false),
      );
    clock.after(0, () => this.#next());
  }

  get isEmpty(): boolean {
    return this.#handed.length === 0 && this.#begun.size === 0;
  }

  #next(): void {
    if (this.#isBusy || this.#client.isDead) return;
    const go = this.#continuations.shift();
    if (go) {
      go();
      return;
    }
    const isFull = this.atOnce === null ? this.#active : this.#begun.size >= this.atOnce;
    if (isFull) return;
    const assigned = this.#handed.shift();
    if (!assigned) return;
    const body = new Body(this, assigned);
    this.#active = body;
    this.#begun.set(assigned.task, body);
    this.#listener.runs(assigned);
    this.#listener.began(assigned);
    body.run(this.#world, this.#client);
  }

  /** Computes when the thread is free; nothing else does meanwhile. */
  compute(body: Body, ms: number, then: () => void): void {
    const go = () => {
      if (body.isOver) {
        this.#next();
        return;
      }
      this.#isBusy = true;
      body.isComputing = true;
      this.#client.clock.after(ms, () => {
        if (!body.isComputing) return;
        body.isComputing = false;
        this.#isBusy = false;
        if (!this.#client.isDead) then();
        this.#next();
      });
    };
    if (this.#isBusy) this.#continuations.push(go);
    else go();
  }

  blocks(body: Body): void {
    body.isBlocked = true;
    if (this.#active === body) this.#active = null;
    this.#listener.blocked(body.assigned.task);
    this.#next();
  }

  unblocks(body: Body): void {
    body.isBlocked = false;
    this.#listener.unblocked(body.assigned.task);
  }

  ends(body: Body, ended: Ended, ranMs: number): void {
    if (body.isComputing) {
      body.isComputing = false;
      this.#isBusy = false;
    }
    if (this.#active === body) this.#active = null;
    this.#begun.delete(body.assigned.task);
    this.#listener.stopsRunning(body.assigned);
    this.#listener.ended(body.assigned, ended, ranMs);
    for (const object of body.refs) this.#client.drop(object);
    this.#client.clock.after(0, () => this.#next());
  }
}

/** One run of a task. */
class Body {
  readonly assigned: Assigned;
  readonly #thread: UserThread;
  /** Refs that its local variables hold. */
  readonly refs: ObjectId[] = [];
  isOver = false;
  isComputing = false;
  isBlocked = false;
  #sinceMs = 0;
  #world: World | null = null;
  #client: Client | null = null;
  /** The `wait` that it is in. */
  #waiting: number | null = null;

  constructor(thread: UserThread, assigned: Assigned) {
    this.#thread = thread;
    this.assigned = assigned;
  }

  run(world: World, client: Client): void {
    this.#world = world;
    this.#client = client;
    this.#sinceMs = world.clock.nowMs;
    const {spec, task, depth, cell, args, holds, attempt} = this.assigned;
    const actors = new Map(this.assigned.actors);
    for (const object of holds) this.#keep(client, object);
    for (const actor of actors.values()) this.#keep(client, holdOf(actor));
    for (const {ref} of args) if (ref) this.#keep(client, ref);
    this.#thread.compute(this, spec.beforeMs, () => {
      const submitted: ObjectId[] = [];
      const context = {parent: task, depth: depth + 1, cell, actors};
      for (const child of spec.children) submitted.push(client.submit(child, submitted, context));
      this.refs.push(...submitted);
      const children = submitted.filter((_, i) => !spec.children[i]!.makes);
      const objects = [...children];
      const ref = spec.awaits === "return-ref" ? children.pop() : undefined;
      const gets: ((then: (outcome: Outcome) => void) => void)[] = [
        ...args.map((value) => (then: (outcome: Outcome) => void) => client.resolve(value, then)),
        ...[...holds, ...(spec.awaits === "none" ? [] : children)].map(
          (object) => (then: (outcome: Outcome) => void) => client.get(object, then),
        ),
      ];
      const getAll = (then: (outcomes: Outcome[]) => void): void => {
        if (spec.waits) this.#waitFor(client, objects, () => this.#getAll(gets, [], then));
        else this.#getAll(gets, [], then);
      };
      getAll((outcomes) => {
        this.#thread.compute(this, spec.afterMs, () => {
          const failed = outcomes.find((outcome) => !outcome.ok);
          if (failed && !failed.ok) this.#end({kind: "error", name: failed.error});
          else if (spec.ends === "throws") this.#end({kind: "error", name: `Boom ${spec.name}`});
          else if (spec.ends === "throws-once" && attempt === 1) {
            this.#end({kind: "error", name: "Once"});
          } else {
            const parts = outcomes.map((outcome) => (outcome.ok ? outcome.value : 0));
            const value: Value = {name: spec.name, parts, ...(ref ? {ref} : {})};
            this.#end({kind: "value", value});
          }
        });
      });
    });
  }

  cut(): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.#waiting !== null) this.#client!.giveUp(this.#waiting);
    this.#thread.settle(this, () => this.#tellEnd({kind: "cut"}));
  }

  #keep(client: Client, object: ObjectId): void {
    client.hold(object);
    this.refs.push(object);
  }

  /** Waits as its program says; lets go of the thread meanwhile. */
  #waitFor(client: Client, objects: ObjectId[], then: () => void): void {
    let isBlocked = false;
    this.#waiting = client.wait({
      objects,
      ...this.assigned.spec.waits!,
      by: this.assigned.task,
      blocked: () => {
        isBlocked = true;
        this.#thread.blocks(this);
      },
      unblocked: () => this.#thread.unblocks(this),
      answered: () => {
        this.#waiting = null;
        if (this.isOver) return;
        if (isBlocked) this.#thread.compute(this, 0, then);
        else then();
      },
    });
  }

  /** One after another; it lets go of the thread while a value is not there. */
  #getAll(
    gets: ((then: (outcome: Outcome) => void) => void)[],
    outcomes: Outcome[],
    then: (outcomes: Outcome[]) => void,
  ): void {
    const get = gets[0];
    if (!get) {
      then(outcomes);
      return;
    }
    let isBlocked = false;
    let isThere = false;
    get((outcome) => {
      isThere = true;
      if (this.isOver) return;
      if (isBlocked) this.#thread.unblocks(this);
      const goOn = () => this.#getAll(gets.slice(1), [...outcomes, outcome], then);
      if (isBlocked) this.#thread.compute(this, 0, goOn);
      else goOn();
    });
    if (isThere || this.isOver) return;
    isBlocked = true;
    this.#thread.blocks(this);
  }

  #end(ended: Ended): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#tellEnd(ended);
  }

  #tellEnd(ended: Ended): void {
    this.#thread.ends(this, ended, this.#world!.clock.nowMs - this.#sinceMs);
  }
}

/** A process ends so long after its task was cancelled. */
const graceMs = 40;
