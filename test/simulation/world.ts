// The whole cluster in one thread: a head with its node, drivers, workers, and all that can go wrong.

import {checkMachines, InvariantError} from "../../cluster/core/invariants.js";
import {Machines, type HeadCommand, type HeadEvent} from "../../cluster/core/machines.js";
import type {ActorId, ClientId, ObjectId, WorkerId} from "../../cluster/ids.js";
import {Client} from "./client.js";
import {Ledger} from "./ledger.js";
import {Clock, Network} from "./network.js";
import type {Random} from "./random.js";
import {SimulatedStore} from "./values.js";
import {Worker, type Creation} from "./worker.js";

export interface Faults {
  /** Share of messages that arrive twice. */
  twice: number;
  slowestMs: number;
  /** Mean time between crashes of some worker; 0 for none. */
  crashEveryMs: number;
  /** Share of workers that crash at start. */
  startCrashes: number;
}

export interface NodeSize {
  resources: Record<string, number>;
  workers: number;
  maxWorkers: number;
}

export class World {
  readonly clock = new Clock();
  readonly random: Random;
  readonly store = new SimulatedStore();
  readonly head: Head;
  readonly drivers = new Map<ClientId, Client>();
  readonly workers = new Map<WorkerId, Worker>();
  readonly ledger: Ledger;
  readonly #network: Network;
  readonly #faults: Faults;
  readonly #story: {atMs: number; who: string; what: object}[] = [];
  readonly #lostAfter = new Map<string, number>();
  #unique = 1;
  /** Processes that ended without being asked to. */
  crashes = 0;

  constructor(random: Random, size: NodeSize, faults: Faults) {
    this.random = random;
    this.#faults = faults;
    this.#network = new Network(this.clock, random, faults);
    // There and back, twice, on links that keep their order.
    this.ledger = new Ledger(() => this.clock.nowMs, 10 + 4 * faults.slowestMs);
    this.head = new Head(this);
    const {resources, workers, maxWorkers} = size;
    const node = this.store.node;
    this.head.tell({kind: "node-joined", node, host: "here", resources, workers, maxWorkers});
  }

  addDriver(name: string): Client {
    const id = name as ClientId;
    const driver = new Client(this, id);
    this.drivers.set(id, driver);
    return driver;
  }

  unique(): string {
    return (this.#unique++).toString(16).padStart(16, "0");
  }

  // ---- messages ----

  toHead(from: string, deliver: (head: Head) => void): void {
    this.#send(from, "head", () => deliver(this.head));
  }

  toClient(from: string, to: ClientId, deliver: (client: Client) => void): void {
    this.#send(from, to, () => {
      const client = this.#clientOf(to);
      if (client) deliver(client);
    });
  }
  #clientOf(id: ClientId): Client | undefined {
    return this.drivers.get(id) ?? this.workers.get(id as string as WorkerId)?.client;
  }

  toWorker(from: string, to: WorkerId, deliver: (worker: Worker) => void): void {
    this.#send(from, to, () => {
      const worker = this.workers.get(to);
      if (worker) deliver(worker);
    });
  }

  /** Between threads of one process: in order, never twice. */
  local(who: string, act: () => void): void {
    const last = this.#lastLocal.get(who) ?? 0;
    const atMs = Math.max(last, this.clock.nowMs + this.random.between(0, 0.1));
    this.#lastLocal.set(who, atMs);
    this.clock.at(atMs, act);
  }
  readonly #lastLocal = new Map<string, number>();

  #send(from: string, to: string, deliver: () => void): void {
    const sentAtMs = this.clock.nowMs;
    this.#network.send(from, to, () => {
      if (sentAtMs <= (this.#lostAfter.get(from) ?? Infinity)) deliver();
    });
  }

  // ---- processes ----

  startWorker(worker: WorkerId): void {
    const {random, clock} = this;
    clock.after(random.between(5, 150), () => {
      if (random.chance(this.#faults.startCrashes)) {
        const reason = "crashed at start";
        this.toHead("node", (head) =>
          head.tell({kind: "worker-lost", worker, crashed: true, reason}),
        );
        return;
      }
      this.workers.set(worker, new Worker(this, worker));
      const address = `tcp://${worker}`;
      this.toHead(worker, (head) =>
        head.tell({kind: "worker-joined", worker, node: this.store.node, pid: 1, address}),
      );
    });
  }

  stopWorker(worker: WorkerId): void {
    this.clock.after(this.random.between(0, 5), () => {
      // It drains first: tasks that its tasks submitted, and left, are its to look after.
      if (this.workers.get(worker)?.client.submitter.status().tasks) this.stopWorker(worker);
      else this.end(worker, "stopped", false);
    });
  }

  /** One that holds itself ends by a kill, or never: somebody does it, whoever is left. */
  killSometime(actor: ActorId): void {
    this.clock.after(this.random.between(300, 3000), () => {
      this.ledger.killed(actor, false);
      const client = "somebody" as ClientId;
      this.head.tell({kind: "kill-asked", actor, client, request: 0, restart: false});
    });
  }

  crashSome(): void {
    const all = [...this.workers.values()];
    const actors = all.filter(({isActors}) => isActors);
    if (all.length === 0) return;
    const {id} = this.random.pick(actors.length > 0 && this.random.chance(0.5) ? actors : all);
    this.end(id, "killed by the simulation", true);
  }

  /** The process is gone; some of what it sent last is gone too. Those who knew it hear of it. */
  end(id: WorkerId | ClientId, reason: string, crashed: boolean): void {
    const worker = this.workers.get(id as WorkerId);
    const client = this.#clientOf(id as ClientId);
    if (!client) return;
    this.note(id, {kind: "process-ended", reason});
    if (reason !== "stopped") {
      this.ledger.lost(client.id);
    } else if (worker && this.crashes === 0) this.#checkEmpty(worker);
    client.isDead = true;
    this.workers.delete(id as WorkerId);
    this.drivers.delete(id as ClientId);
    // A worker that is told to stop, or ends itself, has sent all that it had to.
    const lostMs = crashed ? this.random.between(0, 0.5) : 0;
    this.#network.send(id, "head", () => {
      if (worker) {
        this.head.tell({kind: "worker-lost", worker: worker.id, crashed, reason});
      }
      this.head.tell({kind: "client-lost", client: client.id});
      this.head.tell({kind: "client-lost", client: client.id});
    });
    for (const other of this.workers.values()) {
      this.#network.send(id, other.id, () => other.forgetClient(client.id));
    }
    if (reason !== "stopped") this.crashes++;
    if (crashed) this.#lostAfter.set(id, this.clock.nowMs - lostMs);
  }

  /** One that ends when nobody needs it any more has nothing left to do. */
  #checkEmpty(worker: Worker): void {
    const left = worker.unfinished();
    if (left.length > 0) throw new InvariantError(`${worker.id} ends, and has ${left.join("; ")}`);
  }

  // ---- stories ----

  note(who: string, what: object): void {
    this.#story.push({atMs: this.clock.nowMs, who, what});
  }

  /** Everything that speaks of `what`, or the last of everything. */
  story(task: string | null): string {
    return this.storyOf(task === null ? "" : task.slice(0, 16));
  }

  storyOf(pattern: string, most = 80): string {
    const wanted = new RegExp(pattern);
    const lines: string[] = [];
    for (let i = this.#story.length - 1; i >= 0 && lines.length < most; i--) {
      const {atMs, who, what} = this.#story[i]!;
      const text = JSON.stringify(what, (key, value: unknown) =>
        key === "frames" || key === "payload" ? undefined : value,
      );
      const line = `${atMs.toFixed(3).padStart(10)} ${who.padEnd(12)} ${text.slice(0, 400)}`;
      if (wanted.test(line)) lines.push(line);
    }
    return lines.reverse().join("\n");
  }

  leftovers(): string[] {
    const processes = [...this.drivers.values(), ...this.workers.values()];
    const left = processes.flatMap((one) => one.leftovers());
    const {leases, wants} = this.head.machines.scheduler.inspect();
    if (leases.size)
      left.push(`${leases.size} leases in the head: ${[...leases.keys()].join(" ")}`);
    for (const {client, count, shape} of wants) {
      if (count > 0) left.push(`${client} still wants ${count} leases of ${shape.key}`);
    }
    const {actors, directory} = this.head.machines;
    const {actors: living, unknown} = actors.inspect();
    if (living.size) left.push(`${living.size} actors: ${[...living.keys()].join(" ")}`);
    if (unknown.size) left.push(`${unknown.size} unknown actors that some wait for`);
    if (this.head.creations.size) left.push(`${this.head.creations.size} creations in the head`);
    if (directory.size) {
      const ids = [...directory.inspect().keys()].join(" ");
      left.push(`${directory.size} objects in the directory: ${ids}`);
    }
    // What a crashed process owned and had told nobody of stays in this simple store.
    if (this.store.objects.size && this.crashes === 0) {
      left.push(
        `${this.store.objects.size} objects in the store: ${[...this.store.objects.keys()].join(" ")}`,
      );
    }
    return left;
  }
}

/** The head's shell: its machines, and the node beside them. */
export class Head {
  readonly machines = new Machines({
    scheduler: {idleMs: 400, quantumMs: 20, crashDelayMs: 5, maxCrashDelayMs: 100},
    directory: {graceMs: 300, orphanMs: 1000},
    actors: {unknownMs: 1000, restMs: 5},
  });
  readonly #world: World;
  /** What actors are made of: from `submit-actor` to `drop-actor`. */
  readonly creations = new Map<ActorId, Creation>();
  #alarmAtMs = Infinity;

  constructor(world: World) {
    this.#world = world;
  }

  tell(event: HeadEvent): void {
    this.#world.note("head", event);
    const commands = this.machines.handle(event, this.#world.clock.nowMs);
    for (const command of commands) this.#obey(command);
    checkMachines(this.machines);
  }

  submit(actor: ActorId, creation: Creation, holds: ObjectId[]): void {
    if (!this.creations.has(actor)) this.creations.set(actor, creation);
    this.tell({kind: "actor-submitted", actor, holds});
  }

  #obey(command: HeadCommand): void {
    const world = this.#world;
    if (command.kind !== "trace") world.note("head", command);
    switch (command.kind) {
      case "grant": {
        const {client, lease, shape, worker} = command;
        return world.toClient("head", client, (to) =>
          to.tell({kind: "lease-granted", lease, shape, worker}),
        );
      }
      case "revoke": {
        const {client, lease} = command;
        return world.toClient("head", client, (to) => to.tell({kind: "lease-revoked", lease}));
      }
      case "lose": {
        const {kind: _, client, worker: __, ...loss} = command;
        return world.toClient("head", client, (to) => to.tell({kind: "lease-lost", ...loss}));
      }
      case "start-worker":
        return world.startWorker(command.worker);
      case "stop-worker":
        return world.stopWorker(command.worker);
      case "kill-worker":
        return world.clock.after(world.random.between(0, 2), () =>
          world.end(command.worker, "killed by order", false),
        );
      case "warn-waiting":
        // Actors end in time, and those who wait get on.
        if (/which actors hold/.test(command.reason)) return;
        throw new InvariantError(`unschedulable: ${command.reason}`);
      case "tell-place": {
        const {client, object, place} = command;
        return world.toClient("head", client, (to) => to.tell({kind: "place-told", object, place}));
      }
      case "delete-object":
        world.store.objects.delete(command.object);
        return;
      case "make-actor": {
        const {actor, worker, incarnation} = command;
        const creation = this.creations.get(actor)!;
        world.ledger.placed(actor, worker);
        return world.toWorker("head", worker, (to) => to.makeActor(actor, incarnation, creation));
      }
      case "tell-death": {
        const {client, actor, reason, cause} = command;
        return world.toClient("head", client, (to) =>
          to.tell({kind: "actor-died", actor, reason, cause}),
        );
      }
      case "answer-kill":
      case "answer-sought": {
        const {client, request} = command;
        const found = command.kind === "answer-sought" ? command.found : null;
        return world.toClient("head", client, (to) =>
          to.answered(request, found ? found.actor : null),
        );
      }
      case "drop-actor":
        this.creations.delete(command.actor);
        return;
      case "trace":
        return;
      case "wake":
        return this.#setAlarm(command.atMs);
      default:
        command satisfies never;
    }
  }

  /** One alarm, as in the shell: an earlier time takes the place of a later one. */
  #setAlarm(atMs: number): void {
    if (atMs >= this.#alarmAtMs) return;
    this.#alarmAtMs = atMs;
    this.#world.clock.at(atMs, () => {
      if (this.#alarmAtMs !== atMs) return;
      this.#alarmAtMs = Infinity;
      this.tell({kind: "ticked"});
    });
  }
}
