// The whole cluster in one thread: a head with its node, drivers, workers, and all that can go wrong.

import {checkDirectory, checkScheduler, InvariantError} from "../../cluster/core/invariants.js";
import {Directory} from "../../cluster/core/directory.js";
import {Scheduler} from "../../cluster/core/scheduler.js";
import type {
  DirectoryCommand,
  DirectoryEvent,
  SchedulerCommand,
  SchedulerEvent,
} from "../../cluster/core/events.js";
import type {ClientId, WorkerId} from "../../cluster/ids.js";
import {Client} from "./client.js";
import {Clock, Network} from "./network.js";
import type {Random} from "./random.js";
import {SimulatedStore} from "./values.js";
import {Worker} from "./worker.js";

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
      const client = this.drivers.get(to) ?? this.workers.get(to as string as WorkerId)?.client;
      if (client) deliver(client);
    });
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

  crashSome(): void {
    const ids = [...this.workers.keys()];
    if (ids.length === 0) return;
    this.end(this.random.pick(ids), "killed by the simulation", true);
  }

  /** The process is gone; some of what it sent last is gone too. Those who knew it hear of it. */
  end(id: WorkerId | ClientId, reason: string, crashed: boolean): void {
    const worker = this.workers.get(id as WorkerId);
    const client = worker?.client ?? this.drivers.get(id as ClientId);
    if (!client) return;
    this.note(id, {kind: "process-ended", reason});
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
      this.head.find({kind: "client-lost", client: client.id});
    });
    for (const other of this.workers.values()) {
      this.#network.send(id, other.id, () => other.forgetClient(client.id));
    }
    if (reason !== "stopped") this.crashes++;
    if (crashed) this.#lostAfter.set(id, this.clock.nowMs - lostMs);
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
    const left = [...this.drivers.values(), ...this.workers.values()].flatMap((one) =>
      one.leftovers(),
    );
    const {leases, wants} = this.head.scheduler.inspect();
    if (leases.size)
      left.push(`${leases.size} leases in the head: ${[...leases.keys()].join(" ")}`);
    for (const {client, count, shape} of wants) {
      if (count > 0) left.push(`${client} still wants ${count} leases of ${shape.key}`);
    }
    if (this.head.directory.size) {
      const ids = [...this.head.directory.inspect().keys()].join(" ");
      left.push(`${this.head.directory.size} objects in the directory: ${ids}`);
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

/** The head's shell: the scheduler, the directory, and the node beside them. */
export class Head {
  readonly scheduler = new Scheduler({
    idleMs: 400,
    quantumMs: 20,
    crashDelayMs: 5,
    maxStartCrashes: 12,
  });
  readonly directory = new Directory({graceMs: 300, orphanMs: 1000});
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  tell(event: SchedulerEvent): void {
    this.#world.note("scheduler", event);
    const commands = this.scheduler.handle(event, this.#world.clock.nowMs);
    for (const command of commands) this.#obey(command);
    checkScheduler(this.scheduler);
  }

  find(event: DirectoryEvent): void {
    this.#world.note("directory", event);
    const commands = this.directory.handle(event, this.#world.clock.nowMs);
    for (const command of commands) this.#obeyDirectory(command);
    checkDirectory(this.directory);
  }

  #obey(command: SchedulerCommand): void {
    const world = this.#world;
    if (command.kind !== "trace") world.note("scheduler", command);
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
        const {client, lease, reason} = command;
        return world.toClient("head", client, (to) => to.tell({kind: "lease-lost", lease, reason}));
      }
      case "start-worker":
        return world.startWorker(command.worker);
      case "stop-worker":
        return world.stopWorker(command.worker);
      case "warn-unschedulable":
        throw new InvariantError(`unschedulable: ${command.missing}`);
      case "wake":
        return world.clock.at(command.atMs, () => this.tell({kind: "ticked"}));
      case "trace":
        return;
      default:
        command satisfies never;
    }
  }

  #obeyDirectory(command: DirectoryCommand): void {
    const world = this.#world;
    world.note("directory", command);
    switch (command.kind) {
      case "tell-place": {
        const {client, object, place} = command;
        return world.toClient("head", client, (to) => to.tell({kind: "place-told", object, place}));
      }
      case "delete-object":
        world.store.objects.delete(command.object);
        return;
      case "release-actor":
        return;
      case "wake":
        return world.clock.at(command.atMs, () => this.find({kind: "ticked"}));
      default:
        command satisfies never;
    }
  }
}
