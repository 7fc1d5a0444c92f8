// The head: carries out what Scheduler and Directory order, keeps the trace, and answers for the
// cluster as a whole. It sees accounts of tasks, never their payloads.

import {nowUs} from "../clock.js";
import {Directory} from "../core/directory.js";
import type {
  DirectoryCommand,
  DirectoryEvent,
  SchedulerCommand,
  SchedulerEvent,
} from "../core/events.js";
import {Scheduler} from "../core/scheduler.js";
import type {ClientId, NodeId, WorkerId} from "../ids.js";
import type {ClusterStatus, FromHead, ProcessLog, ToHead, TraceBatch} from "../messages.js";
import {Server, type LinkKeys, type Log, type Peer} from "./link.js";
import {Alarm} from "./member.js";
import {TraceOutbox, TraceRing} from "./tracing.js";

export interface HeadOptions {
  keys: LinkKeys;
  token: string;
  idleMs?: number;
  log: Log;
  /** A driver asked the cluster to end. */
  stopAsked(): void;
}

/** A client that has not flushed its trace by then is not waited for. */
const flushLimitMs = 2_000;
/** A lost worker's node tells why within this time, or nobody does. */
const reportLimitMs = 500;
/** Nodes that have not sent their logs by then are left out. */
const logsLimitMs = 1_000;
/** How long the status waits for workers that are being started. */
const settleLimitMs = 10_000;

type HeadPeer = Peer<FromHead>;

/** Waits for an answer of each of some peers. */
interface Round {
  asker: HeadPeer;
  request: number;
  missing: Set<HeadPeer>;
  logs: ProcessLog[];
  timer: NodeJS.Timeout;
  finish(round: Round): void;
}

export class Head {
  readonly #options: HeadOptions;
  readonly #scheduler: Scheduler;
  readonly #directory = new Directory();
  readonly #ring = new TraceRing();
  readonly #trace = new TraceOutbox((batch) => this.#keep(batch));
  readonly #schedulerAlarm = new Alarm(nowMs, () => this.#schedule({kind: "ticked"}));
  readonly #directoryAlarm = new Alarm(nowMs, () => this.#direct({kind: "ticked"}));
  readonly #subscribers = new Set<HeadPeer>();
  readonly #rounds = new Map<number, Round>();
  readonly #stores = new Map<NodeId, {address: string; bytes: number; objects: number}>();
  readonly #told = new Set<string>();
  readonly #sinceUs = nowUs();
  #server!: Server<ToHead, FromHead>;
  #lastRound = 0;
  /** Who waits to hear of the cluster until its workers have started. */
  #settling: {peer: HeadPeer; request: number}[] = [];

  static async start(options: HeadOptions, address?: string): Promise<Head> {
    const head = new Head(options);
    const listener = {
      log: options.log,
      heard: (peer: HeadPeer, messages: ToHead[]): void => {
        for (const message of messages) head.#hear(peer, message);
      },
      joined: (peer: HeadPeer): void => head.#greet(peer),
      lost: (peer: HeadPeer): void => head.#lose(peer),
    };
    head.#server = await Server.listen<ToHead, FromHead>(
      options.keys,
      options.token,
      listener,
      address,
    );
    return head;
  }

  private constructor(options: HeadOptions) {
    this.#options = options;
    this.#scheduler = new Scheduler(options.idleMs === undefined ? {} : {idleMs: options.idleMs});
  }

  get address(): string {
    return this.#server.address;
  }

  /** Tells everyone; what they were told has left when this resolves. */
  async stop(reason: string): Promise<void> {
    for (const peer of this.#server.peers.values()) peer.send({kind: "stopping", reason});
    await this.#server.drained();
  }
  async close(): Promise<void> {
    this.#schedulerAlarm.clear();
    this.#directoryAlarm.clear();
    this.#trace.flush();
    for (const round of this.#rounds.values()) clearTimeout(round.timer);
    await this.#server.close();
  }

  #hear(peer: HeadPeer, message: ToHead): void {
    const client = peer.id as ClientId;
    switch (message.kind) {
      case "hello":
        return;
      case "want-leases":
        return this.#schedule({
          kind: "leases-wanted",
          client,
          shape: message.shape,
          count: message.count,
        });
      case "return-lease":
        return this.#schedule({kind: "lease-returned", lease: message.lease});
      case "suspend-lease":
        return this.#schedule({kind: "lease-suspended", lease: message.lease});
      case "resume-lease":
        return this.#schedule({kind: "lease-resumed", lease: message.lease});
      case "share-object":
        return this.#direct({kind: "object-shared", client, object: message.object});
      case "publish-object":
        return this.#direct({
          kind: "object-published",
          client,
          object: message.object,
          place: message.place,
        });
      case "ask-place":
        return this.#direct({kind: "place-wanted", client, object: message.object});
      case "forget-object":
        return this.#direct({kind: "object-released", client, object: message.object});
      case "node-ready":
        return this.#addNode(peer, message);
      case "worker-ready": {
        const {worker, node, pid, address} = message;
        return this.#schedule({kind: "worker-joined", worker, node, pid, address});
      }
      case "worker-ended":
        return this.#endWorker(message.worker, message.crashed, message.reason);
      case "store-stats": {
        const store = this.#stores.get(message.node);
        if (store) Object.assign(store, {bytes: message.bytes, objects: message.objects});
        return;
      }
      case "trace":
        return this.#keep(message.batch);
      case "subscribe-trace":
        this.#trace.flush();
        this.#subscribers.add(peer);
        return peer.send({kind: "trace", batches: [...this.#ring.batches]});
      case "flush-trace":
        return this.#flush(peer, message.request);
      case "flushed":
        return this.#answered(peer, message.request, []);
      case "ask-logs":
        return this.#collectLogs(peer, message.request);
      case "logs":
        return this.#answered(peer, message.request, message.logs);
      case "scale": {
        const {workers, maxWorkers} = message;
        this.#schedule({kind: "scaled", node: null, workers, maxWorkers});
        return this.#tellStatus(peer, message.request, true);
      }
      case "ask-status":
        return this.#tellStatus(peer, message.request, message.settled);
      case "stop":
        return this.#options.stopAsked();
      default:
        this.#options.log(
          `dropped an unknown message from ${String(peer)}: ${String((message as ToHead).kind)}`,
        );
    }
  }

  // ---- members ----

  #greet(peer: HeadPeer): void {
    if (peer.hello.role !== "node") peer.send({kind: "stores", stores: this.#storeList()});
  }

  #addNode(peer: HeadPeer, message: ToHead & {kind: "node-ready"}): void {
    const {node, resources, workers, maxWorkers} = message;
    this.#stores.set(node, {address: message.store, bytes: 0, objects: 0});
    this.#tellStores();
    const host = peer.hello.host;
    this.#schedule({kind: "node-joined", node, host, resources, workers, maxWorkers});
  }

  #endWorker(worker: WorkerId, crashed: boolean, reason: string): void {
    if (this.#told.has(worker)) return;
    this.#told.add(worker);
    this.#schedule({kind: "worker-lost", worker, crashed, reason});
  }

  #lose(peer: HeadPeer): void {
    this.#subscribers.delete(peer);
    for (const [id, round] of this.#rounds) {
      if (round.asker === peer) this.#endRound(id);
      else this.#answered(peer, id, []);
    }
    if (peer.hello.role === "node") {
      const node = peer.id as NodeId;
      this.#stores.delete(node);
      this.#tellStores();
      this.#schedule({kind: "node-lost", node, reason: "its process ended or cannot be reached"});
      return this.#direct({kind: "node-lost", node});
    }
    if (peer.hello.role === "worker") {
      const worker = peer.id as WorkerId;
      setTimeout(
        () => this.#endWorker(worker, true, "it cannot be reached"),
        reportLimitMs,
      ).unref();
    }
    const client = peer.id as ClientId;
    this.#schedule({kind: "client-lost", client});
    this.#direct({kind: "client-lost", client});
  }

  #tellStores(): void {
    const stores = this.#storeList();
    for (const peer of this.#server.peers.values()) peer.send({kind: "stores", stores});
  }
  #storeList(): {node: NodeId; address: string}[] {
    return [...this.#stores].map(([node, {address}]) => ({node, address}));
  }

  // ---- the machines ----

  #schedule(event: SchedulerEvent): void {
    for (const command of this.#scheduler.handle(event, nowMs())) this.#obeyScheduler(command);
    if (this.#settling.length > 0 && this.#isSettled()) this.#settled();
  }
  #direct(event: DirectoryEvent): void {
    for (const command of this.#directory.handle(event, nowMs())) this.#obeyDirectory(command);
  }

  #obeyScheduler(command: SchedulerCommand): void {
    switch (command.kind) {
      case "grant": {
        const {lease, shape, worker, address} = command;
        return this.#tell(command.client, {kind: "granted", lease, shape, worker, address});
      }
      case "revoke":
        return this.#tell(command.client, {kind: "revoked", lease: command.lease});
      case "lose": {
        const {lease, worker, reason} = command;
        return this.#tell(command.client, {kind: "lease-lost", lease, worker, reason});
      }
      case "start-worker":
        return this.#tell(command.node, {kind: "start-worker", worker: command.worker});
      case "stop-worker":
        return this.#tell(command.node, {kind: "stop-worker", worker: command.worker});
      case "warn-unschedulable": {
        const {shape, missing} = command;
        return this.#tell(command.client, {kind: "unschedulable", shape, missing});
      }
      case "trace":
        return this.#trace.add(command.event);
      case "wake":
        return this.#schedulerAlarm.set(command.atMs);
      default:
        command satisfies never;
    }
  }

  #obeyDirectory(command: DirectoryCommand): void {
    switch (command.kind) {
      case "tell-place": {
        const {object, place} = command;
        return this.#tell(command.client, {kind: "place", object, place});
      }
      case "delete-object":
        return this.#tell(command.node, {kind: "delete-objects", objects: [command.object]});
      case "release-actor":
        return;
      case "wake":
        return this.#directoryAlarm.set(command.atMs);
      default:
        command satisfies never;
    }
  }

  #tell(id: ClientId | NodeId, message: FromHead): void {
    this.#server.peers.get(id)?.send(message);
  }

  // ---- the trace ----

  #keep(batch: TraceBatch): void {
    this.#ring.add(batch);
    for (const peer of this.#subscribers) peer.send({kind: "trace", batches: [batch]});
  }

  #flush(asker: HeadPeer, request: number): void {
    const clients = [...this.#server.peers.values()].filter((peer) => peer.hello.role !== "node");
    const finish = (): void => {
      this.#trace.flush();
      asker.send({kind: "trace-flushed", request});
    };
    const id = this.#startRound(asker, request, clients, flushLimitMs, finish);
    for (const peer of clients) peer.send({kind: "flush", request: id});
  }

  // ---- questions to several at once ----

  #collectLogs(asker: HeadPeer, request: number): void {
    const nodes = [...this.#server.peers.values()].filter((peer) => peer.hello.role === "node");
    const finish = ({logs}: Round): void => asker.send({kind: "logs", request, logs});
    const id = this.#startRound(asker, request, nodes, logsLimitMs, finish);
    for (const peer of nodes) peer.send({kind: "ask-logs", request: id});
    if (nodes.length === 0) this.#endRound(id);
  }

  #startRound(
    asker: HeadPeer,
    request: number,
    peers: HeadPeer[],
    limitMs: number,
    finish: (round: Round) => void,
  ): number {
    const id = ++this.#lastRound;
    const timer = setTimeout(() => this.#endRound(id), limitMs);
    this.#rounds.set(id, {asker, request, missing: new Set(peers), logs: [], timer, finish});
    return id;
  }
  #answered(peer: HeadPeer, id: number, logs: ProcessLog[]): void {
    const round = this.#rounds.get(id);
    if (!round?.missing.delete(peer)) return;
    round.logs.push(...logs);
    if (round.missing.size === 0) this.#endRound(id);
  }
  #endRound(id: number): void {
    const round = this.#rounds.get(id);
    if (!round) return;
    this.#rounds.delete(id);
    clearTimeout(round.timer);
    round.finish(round);
  }

  #tellStatus(peer: HeadPeer, request: number, settled: boolean): void {
    if (!settled || this.#isSettled()) {
      return peer.send({kind: "status", request, status: this.#status()});
    }
    this.#settling.push({peer, request});
    setTimeout(() => this.#settled(), settleLimitMs).unref();
  }
  #isSettled(): boolean {
    const {nodes} = this.#scheduler.status();
    const isStarting = nodes.some(({workers}) => workers.some(({state}) => state === "starting"));
    return nodes.length > 0 && !isStarting;
  }
  #settled(): void {
    for (const {peer, request} of this.#settling.splice(0)) this.#tellStatus(peer, request, false);
  }

  #status(): ClusterStatus {
    const {nodes, waiting} = this.#scheduler.status();
    const drivers = [...this.#server.peers.values()].filter((peer) => peer.hello.role === "driver");
    return {
      head: this.address,
      sinceUs: this.#sinceUs,
      nodes: nodes.map((node) => {
        const store = this.#stores.get(node.node);
        return {...node, storeBytes: store?.bytes ?? 0, storeObjects: store?.objects ?? 0};
      }),
      drivers: drivers.map((peer) => ({client: peer.id as ClientId, pid: peer.hello.pid})),
      waiting,
    };
  }
}

function nowMs(): number {
  return nowUs() / 1000;
}
