// Drivers and workers in one thread: the real Submissions and Running with all that they keep of
// code, between a user's thread that only takes time, a head that only lends, and links where
// things go wrong.

import assert from "node:assert/strict";
import {mock} from "node:test";
import type {ShippedCode, TaskCall} from "../../../../cluster/backend.js";
import {ClusterBackend} from "../../../../cluster/backends/cluster.js";
import {setEpoch} from "../../../../cluster/clock.js";
import {
  objectId,
  taskId,
  type NodeId,
  type RunId,
  type TaskId,
  type WorkerId,
} from "../../../../cluster/ids.js";
import type {ClientReply} from "../../../../cluster/io/threads/ports.js";
import {SharedState} from "../../../../cluster/io/threads/ports.js";
import {Running} from "../../../../cluster/io/worker/running.js";
import type {Stores} from "../../../../cluster/io/agent/stores.js";
import {Submissions} from "../../../../cluster/io/agent/submissions.js";
import type {FromHead, FromWorker, ToHead, ToWorker} from "../../../../cluster/messages.js";
import {Clock, Network} from "../../../simulation/network.js";
import type {Random} from "../../../simulation/random.js";
import {fingerprint} from "./functions.js";
import {Head} from "./head.js";
import {LinkWatch} from "./links.js";
import {Thread} from "./thread.js";

/** What goes wrong on the way to a worker. */
export interface Weather {
  /** Share of messages that arrive twice. */
  twice: number;
  /** Share of pieces that are lost although they were sent; an answer to `need-code` is not. */
  lost: number;
  /** Share of questions for a piece on which the link breaks. */
  unheard: number;
  slowestMs: number;
}

export class World {
  readonly clock = new Clock();
  readonly random: Random;
  readonly functions: ReadonlyMap<string, ShippedCode>;
  readonly head: Head;
  readonly drivers: Driver[] = [];
  readonly workers = new Map<WorkerId, Worker>();
  readonly links: Link[] = [];
  readonly weather: Weather;
  /** Within a machine, and to its head: slow at times, but nothing arrives twice. */
  readonly #near: Network;
  readonly #far: Network;
  #workers = 0;

  constructor(random: Random, functions: ShippedCode[], weather: Weather) {
    this.random = random;
    this.functions = new Map(functions.map((code) => [code.hash, code]));
    this.weather = weather;
    this.head = new Head(this.clock, random);
    this.#near = new Network(this.clock, random, {twice: 0, slowestMs: 2});
    this.#far = new Network(this.clock, random, weather);
  }

  addDriver(): void {
    this.drivers.push(new Driver(this, `driver${this.drivers.length + 1}`));
  }
  addWorker(): void {
    const worker = new Worker(this, `worker${++this.#workers}` as WorkerId);
    this.workers.set(worker.id, worker);
    this.head.workerReady(worker.id);
  }

  /** Its process is gone; another starts in its place. */
  crash(worker: Worker): void {
    worker.isDead = true;
    worker.running.close();
    this.workers.delete(worker.id);
    for (const link of this.links) if (link.worker === worker) link.break();
    this.clock.after(this.random.between(0, 5), () => this.head.workerLost(worker.id));
    this.clock.after(this.random.between(0, 50), () => this.addWorker());
  }
  end(driver: Driver): void {
    driver.isDead = true;
    void driver.submissions.close();
    for (const link of this.links) if (link.driver === driver) link.break();
    this.clock.after(this.random.between(0, 5), () => this.head.clientLost(driver));
  }

  near(from: string, to: string, deliver: () => void): void {
    this.#near.send(from, to, deliver);
  }
  far(from: string, to: string, deliver: () => void): void {
    this.#far.send(from, to, deliver);
  }

  /** Until nothing is left to do. */
  async run(maxEvents: number): Promise<void> {
    const stop = this.#rule();
    try {
      for (;;) {
        await settled();
        if (!this.clock.step()) return;
        if (this.clock.events > maxEvents) throw new Error("it does not come to an end");
      }
    } finally {
      stop();
    }
  }

  /** This world's clock is everybody's. */
  #rule(): () => void {
    const {clock} = this;
    interface Timer {
      isOver: boolean;
    }
    const start = (act: () => void, ms: number, timer: Timer, again: boolean): Timer => {
      clock.after(ms, () => {
        if (timer.isOver) return;
        act();
        if (again) start(act, ms, timer, again);
      });
      return timer;
    };
    const over = (timer?: Timer) => void (timer && (timer.isOver = true));
    const fakes = [
      mock.method(performance, "now", () => clock.nowMs),
      mock.method(globalThis, "setTimeout", ((act: () => void, ms = 0) =>
        start(act, ms, {isOver: false}, false)) as unknown as typeof setTimeout),
      mock.method(globalThis, "setInterval", ((act: () => void, ms = 0) =>
        start(act, ms, {isOver: false}, true)) as unknown as typeof setInterval),
      mock.method(globalThis, "clearTimeout", over as unknown as typeof clearTimeout),
      mock.method(globalThis, "clearInterval", over as unknown as typeof clearInterval),
    ];
    setEpoch(process.hrtime.bigint());
    return () => {
      for (const fake of fakes) fake.mock.restore();
      setEpoch(process.hrtime.bigint());
    };
  }
}

const {setImmediate: soon} = globalThis;
/** All promises that can be kept now have been. */
const settled = (): Promise<void> => new Promise((resolve) => void soon(resolve));

/** Between a driver and a worker. */
export class Link {
  readonly world: World;
  readonly driver: Driver;
  readonly worker: Worker;
  readonly watch: LinkWatch;
  readonly peer: {id: string; send(message: FromWorker): void};
  isOpen = true;
  readonly #asked = new Set<string>();

  constructor(world: World, driver: Driver, worker: Worker) {
    this.world = world;
    this.driver = driver;
    this.worker = worker;
    this.watch = new LinkWatch(world.functions);
    this.peer = {id: driver.id, send: (message) => this.#toDriver(message)};
  }

  toWorker(message: ToWorker): void {
    if (!this.isOpen) return;
    this.watch.toWorker(message);
    const {world, worker} = this;
    if (message.kind === "code") {
      const isAnswer = this.#asked.delete(message.hash);
      if (!isAnswer && world.random.chance(world.weather.lost)) return;
    }
    world.far(this.driver.id, worker.id, () => {
      if (this.isOpen && !worker.isDead) worker.running.heard(this.peer, message);
    });
  }
  #toDriver(message: FromWorker): void {
    if (!this.isOpen) return;
    const {world, driver, worker} = this;
    if (message.kind === "need-code") {
      if (world.random.chance(world.weather.unheard)) return this.break();
      this.#asked.add(message.hash);
    }
    world.far(worker.id, driver.id, () => {
      if (!this.isOpen || driver.isDead) return;
      this.watch.fromWorker(message);
      driver.submissions.heardWorker(worker.id, message);
    });
  }

  /** What is under way is lost; each end sees it in its own time. */
  break(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const {world, driver, worker} = this;
    const soon = () => world.random.between(0, 10);
    world.clock.after(soon(), () => {
      if (!driver.isDead && driver.linkTo(worker.id) === this)
        driver.submissions.lostWorker(worker.id);
    });
    world.clock.after(soon(), () => {
      if (!worker.isDead) worker.running.lostClient(this.peer);
    });
  }
}

/** No value is large here. */
const noStores = {forget() {}, drop() {}} as unknown as Stores;

export class Driver {
  readonly id: string;
  readonly submissions: Submissions;
  readonly backend: ClusterBackend;
  readonly outcomes = new Map<TaskId, {expected: string; got: string | null; mayBe: string}>();
  isDead = false;
  readonly #world: World;
  readonly #links = new Map<WorkerId, Link>();
  #onReply: (reply: ClientReply) => void = () => {};
  #tasks = 0;
  #isTurning = false;

  constructor(world: World, id: string) {
    this.#world = world;
    this.id = id;
    this.submissions = new Submissions({
      stores: () => noStores,
      toHead: (message) => this.#toHead(message),
      post: (reply) => world.near(id, `${id}'s thread`, () => this.isDead || this.#onReply(reply)),
      connectWorker: (worker) => this.#connect(worker),
      trace() {},
      waits() {},
      blocked() {},
      unblocked() {},
      wakeTurn: () => this.#turnSoon(),
    });
    this.backend = new ClusterBackend({
      send: (message) =>
        world.near(`${id}'s thread`, id, () => this.isDead || this.submissions.request(message)),
      onReply: (listener) => (this.#onReply = listener),
      hold() {},
      end: () => Promise.resolve(),
    });
  }

  linkTo(worker: WorkerId): Link | undefined {
    return this.#links.get(worker);
  }

  submit(code: ShippedCode): TaskId {
    const task = taskId(`${this.id.slice(-1)}${++this.#tasks}`.padStart(16, "0"));
    const call: TaskCall = {
      ...{task, fn: code.hash, args: [], argRefs: [], nestedRefs: [], code},
      options: {resources: {CPU: 1}, maxRetries: -1, retryExceptions: false, priority: 0},
      context: {run: "" as RunId, cell: "", parent: null, depth: 0},
    };
    const outcome = {expected: fingerprint(code), got: null as string | null, mayBe: ""};
    this.outcomes.set(task, outcome);
    this.backend.submit(call);
    void this.backend.get([objectId(task)], {}).then(([got]) => {
      outcome.got = got!.ok ? Buffer.from(got!.value[0]!).toString() : "an error";
      this.backend.release([objectId(task)]);
    });
    return task;
  }
  cancel(task: TaskId): void {
    this.outcomes.get(task)!.mayBe = "an error";
    void this.backend.cancel(objectId(task), {force: false, recursive: true});
  }

  fromHead(message: FromHead): void {
    this.#world.near("head", this.id, () => this.isDead || this.submissions.heardHead(message));
  }
  #toHead(message: ToHead): void {
    const {head, near} = this.#world;
    near.call(this.#world, this.id, "head", () => this.isDead || head.hear(this, message));
  }

  #connect(id: WorkerId) {
    const world = this.#world;
    const worker = world.workers.get(id);
    if (!worker) {
      // It has crashed on the way here: nobody answers.
      world.clock.after(5, () => this.isDead || this.submissions.lostWorker(id));
      return {send() {}, close: () => Promise.resolve()};
    }
    const link = new Link(world, this, worker);
    world.links.push(link);
    this.#links.set(id, link);
    return {
      send: (message: ToWorker) => link.toWorker(message),
      close: () => Promise.resolve(link.break()),
    };
  }

  #turnSoon(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    this.#world.clock.after(0, () => {
      this.#isTurning = false;
      if (!this.isDead) this.submissions.turn();
    });
  }
}

export class Worker {
  readonly id: WorkerId;
  readonly running: Running;
  readonly thread: Thread;
  isDead = false;

  constructor(world: World, id: WorkerId) {
    this.id = id;
    const shared = new SharedState();
    const agent = `${id}'s agent`;
    const thread = `${id}'s thread`;
    this.thread = new Thread(world.clock, world.random, shared, (report) =>
      world.near(thread, agent, () => this.isDead || this.running.reported(report)),
    );
    const children = new Submissions({
      stores: () => noStores,
      toHead() {},
      post() {},
      connectWorker: () => assert.fail("no task submits others here"),
      trace() {},
      waits() {},
      blocked() {},
      unblocked() {},
      wakeTurn() {},
    });
    this.running = new Running({
      worker: id,
      node: "n1" as NodeId,
      stores: noStores,
      submissions: children,
      shared,
      toHead() {},
      order: (order) => world.near(agent, thread, () => this.isDead || this.thread.hear(order)),
      trace() {},
      terminate() {},
      poll() {},
      wake() {},
      wakeTurn() {},
    });
  }
}
