// A worker process: a Runner with its user thread, and a client for what its tasks submit.

import {ActorRunner} from "../../cluster/core/worker/actor-runner.js";
import {checkActorRunner, checkRunner, InvariantError} from "../../cluster/core/invariants.js";
import {Runner} from "../../cluster/core/worker/runner.js";
import type {Place, RunnerCommand, RunnerEvent, TaskOutcome} from "../../cluster/core/events.js";
import {objectId} from "../../cluster/ids.js";
import type {ActorId, ClientId, LeaseId, ObjectId, TaskId, WorkerId} from "../../cluster/ids.js";
import {Client} from "./client.js";
import type {Payload} from "./client.js";
import type {Node} from "./node.js";
import {UserThread} from "./user-thread.js";
import type {Assigned, Ended} from "./user-thread.js";
import {errorPlace, errorValue, inlinePlace, type Value} from "./values.js";
import type {World} from "./world.js";

interface Received extends Assigned {
  client: ClientId;
  /** The client has been told that the task is cancelled. */
  isCancelled: boolean;
  /** How many values of arguments are not here; and whether all else is. */
  missing: number;
  isWaiting?: true;
}

interface Sent extends Creation {
  attempt: number;
}

/** What an actor is made of. */
export interface Creation {
  task: TaskId;
  args: {object: ObjectId; place: Place}[];
  payload: Payload;
}

export class Worker {
  readonly id: WorkerId;
  readonly client: Client;
  readonly node: Node;
  #runner: Runner | ActorRunner = new Runner();
  readonly thread: UserThread;
  readonly #world: World;
  readonly #received = new Map<TaskId, Received>();
  /** Whose process it is, and which of its lives. */
  #actor: {id: ActorId; incarnation: number} | null = null;

  constructor(world: World, id: WorkerId, node: Node) {
    this.node = node;
    this.#world = world;
    this.id = id;
    this.client = new Client(world, id as string as ClientId);
    this.thread = new UserThread(world, this.client, {
      runs: ({task, attempt}) => world.ledger.begins(task, attempt, id),
      stopsRunning: ({task}) => world.ledger.isOver(task),
      began: (assigned) => this.#began(assigned),
      blocked: (task) => this.#fromThread(() => this.tell({kind: "task-blocked", task})),
      unblocked: (task) => this.#fromThread(() => this.tell({kind: "task-unblocked", task})),
      ended: (assigned, ended, ranMs) => this.#ended(assigned, ended, ranMs),
    });
  }

  receive(client: ClientId, lease: LeaseId, sent: Sent[]): void {
    const isWrong = sent.some(({payload}) => !payload.spec.on === (this.#actor !== null));
    if (isWrong) throw new InvariantError(`${this.id} got what it is not there for`, sent[0]!.task);
    this.#accept(client, lease, sent);
  }

  /** Its process is this actor's from now on. */
  makeActor(id: ActorId, incarnation: number, {task, args, payload}: Creation): void {
    if (this.#actor || this.client.isDead) return;
    this.#actor = {id, incarnation};
    const {maxConcurrency} = payload.spec.makes!;
    this.#runner = new ActorRunner({maxConcurrency});
    this.thread.atOnce = maxConcurrency;
    this.#accept("head" as ClientId, "making" as LeaseId, [
      {task, attempt: incarnation, args, payload},
    ]);
  }

  get isActors(): boolean {
    return this.#actor !== null;
  }

  cancel(task: TaskId, force: boolean, recursive: boolean): void {
    this.tell({kind: "cancel-asked", task, force});
    this.client.tell({kind: "cancel-children-asked", parent: task, force, recursive});
  }

  tell(event: RunnerEvent): void {
    if (this.client.isDead) return;
    this.#world.note(`${this.id}'s runner`, event);
    const runner = this.#runner;
    const commands = runner.handle(event, this.client.clock.nowMs);
    for (const command of commands) this.#obey(command);
    if (event.kind === "tasks-reclaimed") return;
    if (runner instanceof ActorRunner) checkActorRunner(runner);
    else checkRunner(runner);
  }

  leftovers(): string[] {
    return [...this.client.leftovers(), ...this.unfinished()];
  }

  unfinished(): string[] {
    const left: string[] = [];
    const {tasks} = this.#runner.inspect();
    if (tasks.size) left.push(`${tasks.size} tasks in ${this.id}'s runner`);
    if (this.#received.size) left.push(`${this.#received.size} tasks received by ${this.id}`);
    if (!this.thread.isEmpty) left.push(`tasks on ${this.id}'s thread`);
    return left;
  }

  #accept(client: ClientId, lease: LeaseId, sent: Sent[]): void {
    for (const {task, attempt, args, payload} of sent) {
      if (this.#received.has(task)) continue;
      const values: Value[] = [];
      const own = {task, attempt, lease, client, isCancelled: false, args: values};
      const received: Received = {...own, missing: args.length, ...payload};
      this.#received.set(task, received);
      args.forEach(({object, place}, index) =>
        this.#world.store.read(this.client, object, place, (value) => {
          values[index] = value;
          if (--received.missing === 0 && received.isWaiting) this.#prepare(received);
        }),
      );
    }
    this.tell({kind: "tasks-sent", client, lease, tasks: sent});
    for (const {task} of sent) {
      const ms = this.#world.random.chance(0.1) ? this.#world.random.between(0, 5) : 0;
      this.client.clock.after(ms, () => {
        const received = this.#received.get(task);
        if (!received) return;
        if (received.missing > 0) received.isWaiting = true;
        else this.#prepare(received);
      });
    }
  }

  #prepare(received: Received): void {
    const {task} = received;
    if (this.#received.get(task) !== received || this.client.isDead) return;
    const lost = received.args.find(({error}) => error !== undefined);
    if (!lost) {
      this.tell({kind: "task-prepared", task});
      return;
    }
    this.tell({kind: "task-unprepared", task});
    const place = errorPlace(lost.error!);
    this.#report(received, {kind: "threw", place, errorName: lost.error!}, 0);
  }

  /** Whose call it is hears of it when the call has a time limit. */
  #began({task, attempt, lease, spec}: Assigned): void {
    const world = this.#world;
    if (!spec.makes) world.ledger.runs(task, lease, this.client.id);
    if (!spec.on) return;
    world.ledger.began(task, attempt, this.id);
    if (spec.timeoutMs === undefined) return;
    this.#fromThread(() => {
      const client = this.#received.get(task)?.client;
      if (client)
        world.toClient(this.id, client, (to) => to.tell({kind: "task-began", task, attempt}));
    });
  }

  #ended(assigned: Assigned, ended: Ended, ranMs: number): void {
    const {task, attempt, lease} = assigned;
    this.#world.ledger.stops(task, lease);
    if (ended.kind !== "cut") this.#world.ledger.ended(task, attempt, valueOf(ended));
    if (ended.kind === "value" && ended.value.ref) this.client.passOn(ended.value.ref);
    this.#fromThread(() => {
      const received = this.#received.get(task);
      this.#received.delete(task);
      if (received?.isCancelled) this.#settled(received);
      else if (received) this.#tellEnd(received, ended, ranMs);
      this.tell({kind: "task-done", task});
    });
  }

  /** The result is where others can have it before it is told. */
  #tellEnd(received: Received, ended: Ended, ranMs: number): void {
    if (ended.kind === "cut") return this.#report(received, {kind: "cancelled"}, ranMs);
    const value = valueOf(ended);
    const tell = (place: Place): void => {
      const ok = ended.kind === "value";
      // A result without room in the store is a failure of the task.
      const isFull = ok && place.kind === "inline" && !place.ok;
      const errorName = ok ? "store-full" : ended.name;
      if (ok && !isFull) this.#report(received, {kind: "returned", place}, ranMs);
      else this.#report(received, {kind: "threw", place, errorName}, ranMs);
    };
    const {task, attempt, client: owner, spec} = received;
    // An actor stays where it is: what makes it gives nothing.
    if (!spec.isBig || (spec.makes && ended.kind === "value")) return tell(inlinePlace(value));
    const {client, node} = this;
    this.#world.store.keep(client, node.id, objectId(task), value, {owner, attempt}, tell);
  }

  #settled({task, attempt, client}: Received): void {
    this.#world.toClient(this.id, client, (to) => to.tell({kind: "task-settled", task, attempt}));
  }

  #report(received: Received, outcome: TaskOutcome, ranMs: number): void {
    const {task, attempt, client, spec} = received;
    const {settles} = {settles: false, ...outcome};
    if (settles) received.isCancelled = true;
    else if (this.#received.get(task) === received) this.#received.delete(task);
    if (spec.makes) return this.#tellMade(outcome);
    this.#world.toClient(this.id, client, (to) =>
      to.tell({kind: "task-ended", task, attempt, outcome, ranMs}),
    );
  }

  #tellMade(outcome: TaskOutcome): void {
    const {id: actor, incarnation} = this.#actor!;
    if (outcome.kind === "cancelled") return;
    this.#world.toHead(this.id, (head) =>
      head.tell(
        outcome.kind === "returned"
          ? {kind: "actor-made", actor, incarnation}
          : {kind: "actor-failed", actor, incarnation, reason: "it threw", cause: outcome.place},
      ),
    );
  }

  #obey(command: RunnerCommand): void {
    const world = this.#world;
    world.note(`${this.id}'s runner`, command);
    switch (command.kind) {
      case "run":
        return this.thread.hand(command.tasks.map((task) => this.#received.get(task)!));
      case "reclaim":
        return this.tell({kind: "tasks-reclaimed", tasks: this.thread.reclaim()});
      case "return-tasks": {
        const {client, lease, tasks} = command;
        for (const task of tasks) this.#received.delete(task);
        return world.toClient(this.id, client, (to) =>
          to.tell({kind: "tasks-returned", lease, tasks}),
        );
      }
      case "suspend-lease": {
        const {lease} = command;
        return world.toHead(this.id, (head) => head.tell({kind: "lease-suspended", lease}));
      }
      case "resume-lease": {
        const {lease} = command;
        return world.toHead(this.id, (head) => head.tell({kind: "lease-resumed", lease}));
      }
      case "interrupt": {
        const received = this.#received.get(command.task);
        if (!received || received.isCancelled) return;
        this.#report(received, {kind: "cancelled", settles: true}, 0);
        return this.thread.interrupt(command.task);
      }
      case "die":
        return world.end(this.id, "cancelled", false);
      case "report-cancelled": {
        const received = this.#received.get(command.task);
        if (received) this.#report(received, {kind: "cancelled"}, 0);
        return;
      }
      case "wake":
        return this.client.clock.at(command.atMs, () => this.tell({kind: "ticked"}));
      default:
        command satisfies never;
    }
  }

  #fromThread(act: () => void): void {
    this.#world.local(this.id, () => this.client.isDead || act());
  }

  forgetClient(client: ClientId): void {
    this.tell({kind: "client-lost", client});
    for (const {task, client: from} of [...this.#received.values()]) {
      if (from === client && !this.#runner.inspect().tasks.has(task)) this.#received.delete(task);
    }
  }
}

function valueOf(ended: Exclude<Ended, {kind: "cut"}>): Value {
  return ended.kind === "value" ? ended.value : errorValue(ended.name);
}
