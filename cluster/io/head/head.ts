// The head: carries out what its machines order, keeps the trace, and answers for the cluster as a
// whole. It sees accounts of tasks, never their payloads.

import {nowUs} from "../../clock.js";
import {Machines, type HeadCommand, type HeadEvent} from "../../core/head/machines.js";
import type {ClusterStatus} from "../../backend.js";
import type {ActorId, ClientId, NodeId, WorkerId} from "../../ids.js";
import type {
  ActorCreation,
  FromHead,
  Hello,
  ProcessLog,
  ToHead,
  TraceBatch,
} from "../../messages.js";
import {headSilenceMs} from "../../limits.js";
import {afterAwake, Standstills} from "../awake.js";
import {Server, type LinkKeys, type Log, type Peer} from "../link/link.js";
import {Alarm} from "../link/member.js";
import {TraceOutbox, TraceRing} from "../tracing.js";

export interface HeadOptions {
  keys: LinkKeys;
  token: string;
  idleMs?: number;
  workerPrefix?: string;
  log: Log;
  /** A driver asked the cluster to end. */
  stopAsked(): void;
}

/** A client that has not flushed its trace by then is not waited for. */
const flushLimitMs = 2_000;
/** The node of a worker that has ended tells how within this time; or the worker is given up. */
const reportLimitMs = 500;
const notReached = "it ended or stood still, and cannot be reached";
/** Nodes that have not sent their logs by then are left out. */
const logsLimitMs = 1_000;
/** How long the status waits for workers that are being started. */
const settleLimitMs = 10_000;

type HeadPeer = Peer<FromHead>;

/** A node's store, as far as it has told. */
interface StoreAccount {
  address: string;
  bytes: number;
  objects: number;
  limitBytes: number;
}

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
  readonly #machines: Machines;
  /** The creations of living actors. */
  readonly #creations = new Map<ActorId, ActorCreation>();
  readonly #ring = new TraceRing();
  readonly #trace = new TraceOutbox((batch) => this.#keep(batch));
  readonly #alarm = new Alarm(nowMs, () => this.#pass({kind: "ticked"}));
  readonly #subscribers = new Set<HeadPeer>();
  readonly #rounds = new Map<number, Round>();
  readonly #stores = new Map<NodeId, StoreAccount>();
  readonly #sinceUs = nowUs();
  readonly #standstills = new Standstills();
  /** Workers that nobody can reach any more, until they have surely ended. */
  readonly #ending = new Map<WorkerId, () => void>();
  #server!: Server<ToHead, FromHead>;
  #lastRound = 0;
  /** Peers that wait for the cluster's status until its workers have started. */
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
      forbids: (hello: Hello): string | null => head.#forbids(hello),
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
    const {idleMs, workerPrefix} = options;
    this.#machines = new Machines({
      scheduler: {
        ...(idleMs !== undefined && {idleMs}),
        ...(workerPrefix !== undefined && {workerPrefix}),
      },
    });
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
    this.#alarm.clear();
    this.#standstills.close();
    for (const callOff of this.#ending.values()) callOff();
    this.#trace.flush();
    for (const round of this.#rounds.values()) clearTimeout(round.timer);
    await this.#server.close();
  }

  #hear(peer: HeadPeer, message: ToHead): void {
    const client = peer.id as ClientId;
    switch (message.kind) {
      case "hello":
        return;
      case "declare-actor": {
        const {actor, face, options, shape} = message;
        return this.#pass({kind: "actor-declared", actor, client, face, options, shape});
      }
      case "submit-actor": {
        const {creation} = message;
        const {actor, argPlaces, nestedRefs} = creation;
        if (this.#creations.has(actor)) return;
        this.#creations.set(actor, {...creation, client});
        const holds = [...argPlaces.map(({object}) => object), ...nestedRefs];
        return this.#pass({kind: "actor-submitted", actor, holds});
      }
      case "abandon-actor": {
        const {actor, reason, cause} = message;
        return this.#pass({kind: "actor-abandoned", actor, reason, cause});
      }
      case "actor-made":
      case "actor-failed":
        return this.#pass(message);
      case "actor-output":
        return this.#tell(message.client, {kind: "output", output: message.output});
      case "kill-actor": {
        const {request, actor, restart} = message;
        return this.#pass({kind: "kill-asked", actor, client, request, restart});
      }
      case "find-actor": {
        const {request, name} = message;
        return this.#pass({kind: "actor-sought", client, request, name});
      }
      case "want-leases":
        return this.#pass({
          kind: "leases-wanted",
          client,
          shape: message.shape,
          count: message.count,
        });
      case "return-lease":
        return this.#pass({kind: "lease-returned", lease: message.lease});
      case "suspend-lease":
        return this.#pass({kind: "lease-suspended", lease: message.lease});
      case "resume-lease":
        return this.#pass({kind: "lease-resumed", lease: message.lease});
      case "share-object":
        return this.#pass({kind: "object-shared", client, object: message.object});
      case "publish-object":
        return this.#pass({
          kind: "object-published",
          client,
          object: message.object,
          place: message.place,
        });
      case "ask-place":
        return this.#pass({kind: "place-wanted", client, object: message.object});
      case "forget-object":
        return this.#pass({
          kind: "object-released",
          client,
          object: message.object,
          lentMsAgo: message.lentMsAgo,
        });
      case "collected": {
        const {round, tookMs} = message;
        return this.#pass({kind: "collected", client, round, tookMs});
      }
      case "node-ready":
        return this.#addNode(peer, message);
      case "worker-ready": {
        const {worker, node, pid, address} = message;
        return this.#pass({kind: "worker-joined", worker, node, pid, address});
      }
      case "worker-ended":
        return this.#pass({...message, kind: "worker-lost"});
      case "store-stats": {
        const store = this.#stores.get(message.node);
        const {bytes, objects, limitBytes} = message;
        if (store) Object.assign(store, {bytes, objects, limitBytes});
        return;
      }
      case "store-pressure":
        return this.#pass({
          kind: "collect-wanted",
          asker: `the store of ${message.node}`,
          clients: this.#clients().map(({id}) => id as ClientId),
        });
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
        this.#pass({kind: "scaled", node: null, workers, maxWorkers});
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

  /** A worker that was given up, or has ended, has no say any more. */
  #forbids({role, id}: Hello): string | null {
    if (role !== "worker" || this.#machines.scheduler.isExpected(id as WorkerId)) return null;
    return `worker ${id} was given up, or its node did not start it`;
  }

  #addNode(peer: HeadPeer, message: ToHead & {kind: "node-ready"}): void {
    const {node, resources, workers, maxWorkers} = message;
    this.#stores.set(node, {address: message.store, bytes: 0, objects: 0, limitBytes: 0});
    this.#tellStores();
    const host = peer.hello.host;
    this.#pass({kind: "node-joined", node, host, resources, workers, maxWorkers});
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
      return this.#pass({
        kind: "node-lost",
        node,
        reason: notReached,
      });
    }
    if (peer.hello.role === "worker") {
      const worker = peer.id as WorkerId;
      setTimeout(
        () => this.#pass({kind: "worker-silent", worker, reason: notReached}),
        reportLimitMs,
      ).unref();
    }
    const client = peer.id as ClientId;
    this.#pass({kind: "client-lost", client});
    const keep = this.#machines.directory.ownedBy(client);
    for (const node of this.#stores.keys()) this.#tell(node, {kind: "client-lost", client, keep});
  }

  #tellStores(): void {
    const stores = this.#storeList();
    for (const peer of this.#server.peers.values()) peer.send({kind: "stores", stores});
  }
  #storeList(): {node: NodeId; address: string}[] {
    return [...this.#stores].map(([node, {address}]) => ({node, address}));
  }

  // ---- the machines ----

  #pass(event: HeadEvent): void {
    for (const command of this.#machines.handle(event, nowMs())) this.#obey(command);
    if (this.#settling.length > 0 && this.#isSettled()) this.#settled();
  }

  #obey(command: HeadCommand): void {
    switch (command.kind) {
      case "grant": {
        const {lease, shape, worker, address} = command;
        return this.#tell(command.client, {kind: "granted", lease, shape, worker, address});
      }
      case "revoke":
        return this.#tell(command.client, {kind: "revoked", lease: command.lease});
      case "lose": {
        const {client, ...loss} = command;
        return this.#tell(client, {...loss, kind: "lease-lost"});
      }
      case "start-worker":
        return this.#tell(command.node, {kind: "start-worker", worker: command.worker});
      case "stop-worker":
        return this.#tell(command.node, {kind: "stop-worker", worker: command.worker});
      case "kill-worker":
        return this.#kill(command.node, command.worker);
      case "make-actor": {
        const {actor, worker, incarnation} = command;
        const creation = this.#creations.get(actor)!;
        return this.#tell(worker, {kind: "make-actor", incarnation, creation});
      }
      case "drop-actor":
        this.#creations.delete(command.actor);
        return;
      case "tell-death": {
        const {client, kind: _, ...death} = command;
        return this.#tell(client, {kind: "actor-died", ...death});
      }
      case "answer-kill":
        return this.#tell(command.client, {kind: "actor-killed", request: command.request});
      case "answer-sought": {
        const {client, request, found, names} = command;
        return this.#tell(client, {kind: "actor-found", request, found, names});
      }
      case "warn-waiting": {
        const {shape, reason} = command;
        return this.#tell(command.client, {kind: "task-waits", shape, reason});
      }
      case "ask-collect":
        return this.#tell(command.client, {kind: "collect", round: command.round});
      case "tell-place": {
        const {object, place} = command;
        return this.#tell(command.client, {kind: "place", object, place});
      }
      case "delete-object":
        return this.#tell(command.node, {kind: "delete-objects", objects: [command.object]});
      case "trace":
        return this.#trace.add(command.event);
      case "wake":
        return this.#alarm.set(command.atMs);
      default:
        command satisfies never;
    }
  }

  /** Ends a worker by its node. Where the node is gone, the worker is told to end itself. */
  #kill(node: NodeId, worker: WorkerId): void {
    if (this.#server.peers.has(node)) return this.#tell(node, {kind: "kill-worker", worker});
    const peer = this.#server.peers.get(worker);
    if (peer) return peer.send({kind: "stopping", reason: `the head has given up ${worker}`});
    const lose = (): void => this.#pass({kind: "worker-silent", worker, reason: notReached});
    if (!this.#standstills.endedWithin(headSilenceMs)) return void setImmediate(lose);
    // The silence was this process's own. A worker on the same suspended machine may run still, and
    // ends once it has noticed that the link is gone.
    if (this.#ending.has(worker)) return;
    const callOff = afterAwake(headSilenceMs, () => {
      this.#ending.delete(worker);
      lose();
    });
    this.#ending.set(worker, callOff);
  }

  #tell(id: ClientId | NodeId | WorkerId, message: FromHead): void {
    this.#server.peers.get(id)?.send(message);
  }

  // ---- the trace ----

  #keep(batch: TraceBatch): void {
    this.#ring.add(batch);
    for (const peer of this.#subscribers) peer.send({kind: "trace", batches: [batch]});
  }

  #clients(): HeadPeer[] {
    return [...this.#server.peers.values()].filter((peer) => peer.hello.role !== "node");
  }

  #flush(asker: HeadPeer, request: number): void {
    const clients = this.#clients();
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
    const {nodes} = this.#machines.status();
    const isStarting = nodes.some(({workers}) => workers.some(({state}) => state === "starting"));
    return nodes.length > 0 && !isStarting;
  }
  #settled(): void {
    for (const {peer, request} of this.#settling.splice(0)) this.#tellStatus(peer, request, false);
  }

  #status(): ClusterStatus {
    const {nodes, waiting} = this.#machines.status();
    const drivers = [...this.#server.peers.values()].filter((peer) => peer.hello.role === "driver");
    return {
      head: this.address,
      sinceUs: this.#sinceUs,
      nodes: nodes.map((node) => {
        const store = this.#stores.get(node.node);
        const {bytes = 0, objects = 0, limitBytes = 0} = store ?? {};
        return {...node, storeBytes: bytes, storeObjects: objects, storeLimitBytes: limitBytes};
      }),
      drivers: drivers.map((peer) => ({client: peer.id as ClientId, pid: peer.hello.pid})),
      waiting,
    };
  }
}

function nowMs(): number {
  return nowUs() / 1000;
}
