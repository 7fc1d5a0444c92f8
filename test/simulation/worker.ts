// A worker process: a Runner with its user thread, and a client for what its tasks submit.

import {checkRunner, InvariantError} from "../../cluster/core/invariants.js";
import {Runner} from "../../cluster/core/runner.js";
import type {Place, RunnerCommand, RunnerEvent, TaskOutcome} from "../../cluster/core/events.js";
import {objectId} from "../../cluster/ids.js";
import type {ActorId, ClientId, LeaseId, ObjectId, TaskId, WorkerId} from "../../cluster/ids.js";
import type {Creation} from "./actor-users.js";
import {Client} from "./client.js";
import type {Payload} from "./client.js";
import {UserThread} from "./user-thread.js";
import type {Assigned, Ended} from "./user-thread.js";
import {errorPlace, inlinePlace} from "./values.js";
import type {World} from "./world.js";

interface Received extends Assigned {
  client: ClientId;
}

export class Worker {
  readonly id: WorkerId;
  readonly client: Client;
  readonly runner = new Runner();
  readonly thread: UserThread;
  readonly #world: World;
  readonly #received = new Map<TaskId, Received>();
  #actor: ActorId | null = null;

  constructor(world: World, id: WorkerId) {
    this.#world = world;
    this.id = id;
    this.client = new Client(world, id as string as ClientId);
    this.thread = new UserThread(world, this.client, {
      blocked: (task) => this.#fromThread(() => this.tell({kind: "task-blocked", task})),
      unblocked: (task) => this.#fromThread(() => this.tell({kind: "task-unblocked", task})),
      ended: (assigned, ended, ranMs) => this.#ended(assigned, ended, ranMs),
    });
  }

  receive(
    client: ClientId,
    lease: LeaseId,
    sent: {
      task: TaskId;
      attempt: number;
      args: {object: ObjectId; place: Place}[];
      payload: Payload;
    }[],
  ): void {
    if (this.#actor) throw new InvariantError(`${this.id} is an actor's, and got tasks`);
    for (const {task, attempt, args, payload} of sent) {
      if (this.#received.has(task)) continue;
      const values = args.map(({object, place}) => this.#world.store.read(object, place));
      this.#received.set(task, {task, attempt, client, args: values, ...payload});
    }
    this.tell({kind: "tasks-sent", client, lease, tasks: sent});
    for (const {task} of sent) {
      const ms = this.#world.random.chance(0.1) ? this.#world.random.between(0, 5) : 0;
      this.#world.clock.after(ms, () => this.#prepare(task));
    }
  }

  /** Its process is this actor's from now on; what calls do there is not played. */
  makeActor(actor: ActorId, incarnation: number, {makingMs, fails}: Creation): void {
    const world = this.#world;
    if (this.#actor) return;
    this.#actor = actor;
    world.clock.after(makingMs, () => {
      if (this.client.isDead) return;
      const cause = errorPlace("boom");
      world.toHead(this.id, (head) =>
        head.tell(
          fails
            ? {kind: "actor-failed", actor, incarnation, reason: "boom", cause}
            : {kind: "actor-made", actor, incarnation},
        ),
      );
    });
  }

  cancel(task: TaskId, force: boolean, recursive: boolean): void {
    this.tell({kind: "cancel-asked", task, force});
    if (recursive) this.client.tell({kind: "cancel-children-asked", parent: task, force});
  }

  tell(event: RunnerEvent): void {
    if (this.client.isDead) return;
    this.#world.note(`${this.id}'s runner`, event);
    const commands = this.runner.handle(event, this.#world.clock.nowMs);
    for (const command of commands) this.#obey(command);
    if (event.kind !== "tasks-reclaimed") checkRunner(this.runner);
  }

  leftovers(): string[] {
    const left = this.client.leftovers();
    const {tasks} = this.runner.inspect();
    if (tasks.size) left.push(`${tasks.size} tasks in ${this.id}'s runner`);
    if (this.#received.size) left.push(`${this.#received.size} tasks received by ${this.id}`);
    if (!this.thread.isEmpty) left.push(`tasks on ${this.id}'s thread`);
    return left;
  }

  #prepare(task: TaskId): void {
    const received = this.#received.get(task);
    if (!received || this.client.isDead) return;
    const lost = received.args.find(({error}) => error !== undefined);
    if (!lost) {
      this.tell({kind: "task-prepared", task});
      return;
    }
    this.tell({kind: "task-unprepared", task});
    const place = errorPlace(lost.error!);
    this.#report(received, {kind: "threw", place, errorName: lost.error!}, 0);
  }

  #ended(assigned: Assigned, ended: Ended, ranMs: number): void {
    let outcome: TaskOutcome;
    if (ended.kind === "cut") outcome = {kind: "cancelled"};
    else if (ended.kind === "error") {
      outcome = {kind: "threw", place: errorPlace(ended.name), errorName: ended.name};
    } else {
      const {ref} = ended.value;
      if (ref) this.client.tell({kind: "object-shared", object: ref});
      const place = assigned.spec.isBig
        ? this.#world.store.keep(objectId(assigned.task), ended.value)
        : inlinePlace(ended.value);
      outcome = {kind: "returned", place};
    }
    this.#fromThread(() => {
      const received = this.#received.get(assigned.task);
      if (received) this.#report(received, outcome, ranMs);
      this.tell({kind: "task-done", task: assigned.task});
    });
  }

  #report({task, attempt, client}: Received, outcome: TaskOutcome, ranMs: number): void {
    this.#received.delete(task);
    this.#world.toClient(this.id, client, (to) =>
      to.tell({kind: "task-ended", task, attempt, outcome, ranMs}),
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
      case "interrupt":
        return this.thread.interrupt(command.task);
      case "die":
        return world.end(this.id, "cancelled", false);
      case "report-cancelled": {
        const received = this.#received.get(command.task);
        if (received) this.#report(received, {kind: "cancelled"}, 0);
        return;
      }
      case "wake":
        return world.clock.at(command.atMs, () => this.tell({kind: "ticked"}));
      default:
        command satisfies never;
    }
  }

  #fromThread(act: () => void): void {
    this.#world.local(`${this.id}'s thread`, () => this.client.isDead || act());
  }

  forgetClient(client: ClientId): void {
    this.tell({kind: "client-lost", client});
    for (const {task, client: from} of [...this.#received.values()]) {
      if (from === client && !this.runner.inspect().tasks.has(task)) this.#received.delete(task);
    }
  }
}
