// The whole cluster in one thread: a head, nodes, drivers and workers, with all that can go wrong.

import {InvariantError} from "../../cluster/core/invariants.js";
import type {ActorId, ClientId, NodeId, WorkerId} from "../../cluster/ids.js";
import {Client} from "./client.js";
import {Head} from "./head.js";
import {HeadTroubles} from "./head-troubles.js";
import {Ledger} from "./ledger.js";
import {limits} from "./limits.js";
import {Clock, Network, ProcessClock} from "./network.js";
import {Node} from "./node.js";
import type {Random} from "./random.js";
import {Story} from "./story.js";
import {NodeStores} from "./node-stores.js";
import {InstantStore, type ObjectStores} from "./object-stores.js";
import type {Faults, NodeSize} from "./weather.js";
import type {Worker} from "./worker.js";

/** What the clusters of one run have in common. */
export class Times {
  readonly clock = new Clock();
  /** By program. */
  readonly drivers = new Map<string, ProcessClock>();
  #unique = 1;

  unique(): string {
    return (this.#unique++).toString(16).padStart(16, "0");
  }
}

export class World {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: ObjectStores;
  readonly faults: Faults;
  readonly nodes = new Map<NodeId, Node>();
  readonly drivers = new Map<ClientId, Client>();
  readonly workers = new Map<WorkerId, Worker>();
  readonly ledger: Ledger;
  readonly troubles: HeadTroubles;
  head: Head;
  readonly #network: Network;
  readonly #clocks = new Map<string, ProcessClock>();
  readonly story = new Story();
  /** Broken links, `client>worker`, that the worker has not noticed. */
  readonly #unnoticed = new Set<string>();
  readonly #lostAfter = new Map<string, number>();
  readonly #times: Times;
  /** Processes that ended without being asked to. */
  crashes = 0;
  hasLostNodes = false;

  constructor(random: Random, sizes: NodeSize[], faults: Faults, times = new Times()) {
    this.#times = times;
    this.clock = times.clock;
    this.random = random;
    this.faults = faults;
    this.#network = new Network(this.clock, random, faults);
    // There and back, twice, on links that keep their order; and what stands still or is cut off.
    const standsStill = faults.pauseEveryMs + faults.breakEveryMs + faults.headEveryMs > 0;
    const stillMs = standsStill ? 3 * limits.linkLossMs : 0;
    this.ledger = new Ledger(this, 10 + 4 * faults.slowestMs + stillMs);
    const {stores} = faults;
    this.store = stores ? new NodeStores(this, this.#network, stores) : new InstantStore();
    this.ledger.hasStoreTroubles = this.ledger.hasLostStores = stores !== null;
    this.troubles = new HeadTroubles(this, this.#network);
    this.head = new Head(this);
    sizes.forEach((size, i) => this.#addNode(`n${i + 1}` as NodeId, size));
  }

  #addNode(id: NodeId, {resources, workers, maxWorkers}: NodeSize): void {
    const node = new Node(this, id);
    this.nodes.set(id, node);
    this.store.add(id);
    this.head.tell({kind: "node-joined", node: id, host: "here", resources, workers, maxWorkers});
  }

  get isForgetful(): boolean {
    return this.faults.isForgetful;
  }

  /** `process`: the program's, which may have been a driver of another cluster. */
  addDriver(name: string, process = name): Client {
    const id = name as ClientId;
    const {drivers} = this.#times;
    const clock = drivers.get(process);
    if (clock) this.#clocks.set(name, clock);
    else drivers.set(process, this.clockOf(name));
    const driver = new Client(this, id);
    this.drivers.set(id, driver);
    this.store.greet(driver);
    return driver;
  }

  unique(): string {
    return this.#times.unique();
  }

  /** The clock of one process. */
  clockOf(who: string): ProcessClock {
    let clock = this.#clocks.get(who);
    if (!clock) {
      const {skewMs} = this.faults;
      const skew = who === "head" || skewMs === 0 ? 0 : this.random.between(-skewMs, skewMs);
      this.#clocks.set(who, (clock = new ProcessClock(this.clock, skew)));
    }
    return clock;
  }

  // ---- messages ----

  toHead(from: string, deliver: (head: Head) => void): void {
    this.#send(from, "head", () => {
      // Of one that was given up meanwhile nothing is heard.
      if (!this.#network.isGone("head", from)) deliver(this.head);
    });
  }

  toNode(to: NodeId, deliver: (node: Node) => void): void {
    this.#send("head", to, () => {
      const node = this.nodes.get(to);
      if (node) deliver(node);
    });
  }

  toClient(from: string, to: ClientId, deliver: (client: Client) => void): void {
    const send = (): void => {
      const client = this.clientOf(to);
      if (client) deliver(client);
    };
    this.#send(from, to, send, to);
  }
  clientOf(id: ClientId): Client | undefined {
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
    this.clock.at(atMs, () => this.clockOf(who).whenAwake(act));
  }
  readonly #lastLocal = new Map<string, number>();

  #send(from: string, to: string, deliver: () => void, client = from): void {
    const sentAtMs = this.clock.nowMs;
    const arrive = (): void => {
      const isSent = sentAtMs <= (this.#lostAfter.get(from) ?? Infinity);
      if (isSent) this.clockOf(to).whenAwake(deliver);
    };
    this.#network.send(from, to, arrive, client);
  }

  // ---- processes that end ----

  /** Given up by the head: its node ends it, or, where that is gone, the worker itself. */
  kill(node: NodeId, worker: WorkerId): void {
    if (!this.#network.isGone("head", node)) return this.toNode(node, (it) => it.kill(worker));
    const isThere = this.workers.has(worker) && !this.#network.isGone("head", worker);
    if (isThere) this.#send("head", worker, () => this.endLost(worker));
    else {
      // As cluster/io/head/head.ts: the silence may have been the head's own.
      const {headSilenceMs} = limits;
      const waitMs = this.clockOf("head").stoodStillWithin(headSilenceMs) ? headSilenceMs : 0;
      this.clock.after(waitMs, () => this.whenHeadAwake(() => this.#isSilent(worker)));
    }
  }

  #isSilent(worker: WorkerId): void {
    // A worker that stands still on a lost node is lost: nobody can end it before it goes on.
    const process = this.workers.get(worker);
    if (process && this.#network.isGone("head", process.node.id)) this.#loseStanding(worker);
    this.head.tell({kind: "worker-silent", worker, reason: "no answer"});
  }

  #loseStanding(worker: WorkerId): void {
    if (this.workers.has(worker) && this.clockOf(worker).isPaused)
      this.ledger.lost(worker as string as ClientId);
  }

  /** One that holds itself ends by a kill, or never: somebody does it, whoever is left. */
  killSometime(actor: ActorId): void {
    this.clock.after(this.random.between(300, 3000), () => {
      this.ledger.killed(actor, false);
      const client = "somebody" as ClientId;
      this.whenHeadAwake(() =>
        this.head.tell({kind: "kill-asked", actor, client, request: 0, restart: false}),
      );
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
    const client = this.clientOf(id as ClientId);
    if (!client) return;
    this.note(id, {kind: "process-ended", reason});
    if (reason === "stopped") client.collectDropped();
    if (reason !== "stopped") {
      this.ledger.lost(client.id);
    } else if (worker && this.crashes === 0) this.#checkEmpty(worker);
    client.isDead = true;
    this.workers.delete(id as WorkerId);
    this.drivers.delete(id as ClientId);
    // A worker that is told to stop, or ends itself, has sent all that it had to.
    const lostMs = crashed ? this.random.between(0, 0.5) : 0;
    this.#network.send(id, "head", () => {
      this.whenHeadAwake(() => {
        this.head.tell({kind: "client-lost", client: client.id});
        this.head.tell({kind: "client-lost", client: client.id});
        this.#clearStore(client.id);
        if (worker) this.clock.after(2, () => this.whenHeadAwake(() => this.#isSilent(worker.id)));
      });
    });
    worker?.node.ended(worker.id, crashed, reason);
    for (const other of this.workers.values()) {
      this.#network.send(id, other.id, () => other.forgetClient(client.id));
    }
    if (reason !== "stopped") this.crashes++;
    if (crashed) this.losesLastWords(id, lostMs);
  }

  /** What a process sent in its last `ms` is lost with it. */
  losesLastWords(id: string, ms: number): void {
    this.#lostAfter.set(id, this.clock.nowMs - ms);
  }

  /** Deletes the objects that a lost client owned, except those that the head knows. */
  #clearStore(client: ClientId): void {
    this.store.loseClient(client, this.head.machines.directory.ownedBy(client));
  }

  /** One that ends when nobody needs it any more has nothing left to do. */
  #checkEmpty(worker: Worker): void {
    const left = worker.unfinished();
    if (left.length > 0) throw new InvariantError(`${worker.id} ends, and has ${left.join("; ")}`);
  }

  // ---- processes that stand still, and links that break ----

  /** A worker, driver or node stands still. When that lasts too long, the others give it up. */
  pause(id: string, ms: number): void {
    this.note(id, {kind: "stands-still", ms});
    this.clockOf(id).pause(ms);
    const silentMs = this.silence(limits.memberSilenceMs);
    if (ms <= silentMs) return;
    this.clock.after(silentMs, () => {
      this.whenHeadAwake(() => {
        if (this.clockOf(id).isPaused) this.loseMember(id);
      });
    });
  }

  whenHeadAwake(act: () => void): void {
    this.clockOf("head").whenAwake(() => this.head.isDead || act());
  }

  /** Cuts a node's machine off from the head. Processes cut off for too long end themselves. */
  partition(id: NodeId, ms: number): void {
    const node = this.nodes.get(id)!;
    this.note(id, {kind: "is-cut-off", ms});
    const members = [id, ...node.workerIds];
    for (const member of members) this.#network.hold("head", member, ms);
    const lose = (): void =>
      this.whenHeadAwake(() => members.forEach((member) => this.loseMember(member)));
    const noticedMs = this.silence(limits.headSilenceMs);
    if (ms > noticedMs) {
      this.clock.after(noticedMs, () => {
        for (const worker of members.slice(1)) this.endLost(worker as string as WorkerId);
        node.end("it has lost the head");
        // Their ends are seen as soon as the head can see them.
        const untilMs = Math.max(0, ms - noticedMs) + this.random.between(0, 5);
        this.clock.after(untilMs, lose);
      });
    }
    const silentMs = this.silence(limits.memberSilenceMs);
    if (ms > silentMs) this.clock.after(silentMs, lose);
  }

  /** The link between a client and a worker breaks, while both live; each notices when it does. */
  breakLink(client: ClientId, worker: WorkerId): void {
    if (this.#network.isDown(client, worker)) return;
    this.note(client, {kind: "link-broke", worker});
    this.#network.cut(client, worker, false);
    this.ledger.hasBrokenLinks = true;
    const link = `${client}>${worker}`;
    this.#unnoticed.add(link);
    const sides: [string, () => void][] = [
      [
        worker,
        () => {
          if (this.#unnoticed.delete(link)) this.workers.get(worker)?.forgetClient(client);
        },
      ],
      [client, () => this.clientOf(client)?.lostWorker(worker)],
    ];
    const noticeAll = this.random.chance(0.5);
    for (const [who, notice] of sides) {
      const ms = noticeAll ? this.random.between(0, 1) : this.random.between(0, limits.pingMs * 4);
      // One that stands still reads first what came before the end.
      this.clockOf(who).after(ms, notice);
    }
  }

  connect(client: ClientId, worker: WorkerId): void {
    this.#network.connect(client, worker);
    // A worker that has not noticed the end of the former link does when the client says hello.
    const link = `${client}>${worker}`;
    if (!this.#unnoticed.has(link)) return;
    this.toWorker(client, worker, (to) => {
      if (this.#unnoticed.delete(link)) to.forgetClient(client);
    });
  }

  /** The head gives a member up: what either still says to the other is not heard. */
  loseMember(id: string): void {
    if (this.#network.isGone("head", id)) return;
    this.#network.cut("head", id, true);
    this.note("head", {kind: "loses", id});
    const clock = this.clockOf(id);
    const node = this.nodes.get(id as NodeId);
    if (node) {
      this.hasLostNodes = true;
      for (const worker of node.workerIds)
        if (this.#network.isGone("head", worker)) this.#loseStanding(worker);
      this.head.tell({kind: "node-lost", node: node.id, reason: "it cannot be reached"});
      this.store.tellAll();
      clock.whenAwake(() => this.clock.after(this.random.between(0, 1), () => node.end("lost")));
      return;
    }
    this.head.tell({kind: "client-lost", client: id as ClientId});
    this.#clearStore(id as ClientId);
    const worker = this.workers.get(id as WorkerId);
    if (worker) {
      this.clock.after(2, () => this.whenHeadAwake(() => this.#isSilent(worker.id)));
      // A worker that stood still may run for a moment before it ends.
      clock.whenAwake(() => clock.after(this.random.between(0, 1), () => this.endLost(worker.id)));
      for (const {id: other} of this.#clients()) if (other !== id) this.breakLink(other, worker.id);
    } else {
      this.ledger.leaves(id as ClientId);
      clock.whenAwake(() => this.clientOf(id as ClientId)?.leave("lost"));
    }
    for (const other of this.workers.values()) {
      if (other.id !== id) this.breakLink(id as ClientId, other.id);
    }
  }

  clientIds(): ClientId[] {
    return [...this.#clients()].map(({id}) => id);
  }
  *#clients(): Iterable<Client> {
    yield* [...this.drivers.values(), ...[...this.workers.values()].map(({client}) => client)];
  }

  endLost(worker: WorkerId): void {
    this.end(worker, "it has lost the head", true);
  }

  /** How long it takes until a silence of `ms` is noticed. */
  silence(ms: number): number {
    return ms + this.random.between(0, limits.pingMs);
  }

  note(who: string, what: object): void {
    this.story.note(this.clock.nowMs, who, what);
  }
}
