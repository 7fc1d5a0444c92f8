// The head's scheduler: nodes, workers, leases, and who waits for one.
//
// After every event it goes through the wants, best rank first, and for each: grants a free process
// on a node that has the resources; or counts it as a reason to start another process; or, when no
// more can be had, puts it on a process whose tasks all wait (so that nesting never deadlocks); or
// asks leases back from those who should share. Then it scales, and says when to look again.
//
// A process that cannot be reached is *fenced*: its node is told to end it. The leases there are
// lost only once the process has ended, so that nothing is placed anew beside a process that still
// runs.
//
// A dedicated want (an actor's) takes a process out of the pool for good: one that has run nothing
// yet, whose place is then filled again, or one started for it beyond the pool's limits.

import type {ClientId, LeaseId, NodeId, WorkerId} from "../../ids.js";
import type {NodeStatus} from "../../backend.js";
import type {TraceEvent} from "../../trace.js";
import {add, amountsOf, cpusOf, fits, inWords, resourcesOf, subtract} from "./amounts.js";
import {fenceLimitMs, workerStartLimitMs} from "../../limits.js";
import {decideScale} from "./autoscale.js";
import type {Resources, SchedulerCommand, SchedulerEvent, Shape} from "../events.js";
import {chooseRevocations} from "./fairness.js";
import {isServedBefore} from "../client/leases.js";
import {chooseNode, whatIsMissing} from "./placement.js";
import {
  compareTurn,
  countDedicated,
  countEnding,
  countProcesses,
  deepestOn,
  freeProcess,
  hasAwakeLease,
  isEnding,
  isFree,
  processForActor,
  spareDedicated,
} from "./pool.js";
import type {PoolLease, PoolNode, PoolProcess, Want} from "./pool.js";
import {firstCollectPauseMs, lastCollectPauseMs} from "../../limits.js";
import {haveActors, Pass, reserve, withoutActors, type Room} from "./pass.js";
import {isInTrouble, Restarts, type RestartLimits} from "./restarts.js";
import {Outbox} from "../outbox.js";

export interface SchedulerOptions extends RestartLimits {
  /** An idle worker above its node's `workers` is stopped after this time. */
  idleMs?: number;
  /** A client of equal rank keeps a busy lease this long when others wait. */
  quantumMs?: number;
  /** How many tasks may be suspended on one process before no other is put on top of them. */
  maxNesting?: number;
  /** How many actors one node may have. */
  maxActors?: number;
  /** A fenced process that has not ended by then counts as ended. */
  fenceMs?: number;
  /** A process that has not reported by then is fenced. */
  startMs?: number;
  /** Workers are called by it and a number. Default: "w". */
  workerPrefix?: string;
}

export interface SchedulerStatus {
  nodes: Omit<NodeStatus, `store${string}`>[];
  waiting: {shape: Resources; count: number}[];
}

/** Grants leases: `handle` takes one event and gives the commands that follow from it. */
export class Scheduler {
  readonly #idleMs: number;
  readonly #quantumMs: number;
  readonly #maxNesting: number;
  readonly #maxActors: number;
  readonly #fenceMs: number;
  readonly #startMs: number;
  readonly #workerPrefix: string;
  readonly #restarts: Restarts;

  readonly #nodes = new Map<NodeId, PoolNode>();
  readonly #hosts = new Map<NodeId, string>();
  readonly #processes = new Map<WorkerId, PoolProcess>();
  readonly #leases = new Map<LeaseId, PoolLease>();
  readonly #clients = new Map<ClientId, Map<string, Want>>();

  readonly #out = new Outbox<SchedulerCommand>();
  #nextWorker = 1;
  #nextLease = 1;
  #nextTurn = 1;

  constructor({
    idleMs = 10_000,
    quantumMs = 100,
    maxNesting = 256,
    maxActors = 256,
    fenceMs = fenceLimitMs,
    startMs = workerStartLimitMs,
    workerPrefix = "w",
    ...restarts
  }: SchedulerOptions = {}) {
    this.#idleMs = idleMs;
    this.#quantumMs = quantumMs;
    this.#maxNesting = maxNesting;
    this.#maxActors = maxActors;
    this.#fenceMs = fenceMs;
    this.#startMs = startMs;
    this.#workerPrefix = workerPrefix;
    this.#restarts = new Restarts(restarts);
  }

  handle(event: SchedulerEvent, nowMs: number): SchedulerCommand[] {
    switch (event.kind) {
      case "node-joined":
        this.#joinNode(event, nowMs);
        break;
      case "node-lost":
        this.#loseNode(event.node, event.reason, nowMs);
        break;
      case "worker-joined":
        this.#joinWorker(event, nowMs);
        break;
      case "worker-lost":
        this.#loseWorker(event, nowMs);
        break;
      case "worker-silent":
        this.#fence(this.#processes.get(event.worker), event.reason, nowMs);
        break;
      case "client-lost":
        this.#loseClient(event.client, nowMs);
        break;
      case "leases-wanted":
        this.#want(event.client, event.shape, event.count, nowMs);
        break;
      case "lease-returned":
        this.#free(this.#leases.get(event.lease), nowMs);
        break;
      case "lease-suspended":
        this.#suspend(this.#leases.get(event.lease));
        break;
      case "lease-resumed":
        this.#resume(this.#leases.get(event.lease));
        break;
      case "lease-reduced":
        this.#reduce(this.#leases.get(event.lease), event.resources);
        break;
      case "scaled":
        this.#scale(event.node, event.workers, event.maxWorkers);
        break;
      case "collect-ended":
        this.#collected(event.asker, nowMs);
        break;
      case "ticked":
        this.#out.ticked();
        this.#sweep(nowMs);
        break;
      default:
        event satisfies never;
    }
    this.#schedule(nowMs);
    return this.#out.take();
  }

  status(): SchedulerStatus {
    const waiting: SchedulerStatus["waiting"] = [];
    for (const want of this.#wants()) {
      if (want.count > 0) waiting.push({shape: want.shape.resources, count: want.count});
    }
    const nodes = [...this.#nodes.values()].map((node) => ({
      node: node.id,
      host: this.#hosts.get(node.id)!,
      resources: resourcesOf(node.total),
      free: resourcesOf(node.free),
      maxWorkers: node.maxWorkers,
      workers: [...node.processes.values()]
        .filter((process) => !isEnding(process))
        .map((process) => ({
          worker: process.id,
          pid: process.pid,
          state: stateOf(process),
          tasks: process.leases.size,
        })),
    }));
    return {nodes, waiting};
  }

  /** Where this process is; null when it has ended. */
  nodeOf(worker: WorkerId): NodeId | null {
    return this.#processes.get(worker)?.node.id ?? null;
  }

  /** Whether the process is one of ours that has neither ended nor been given up. */
  isExpected(worker: WorkerId): boolean {
    const process = this.#processes.get(worker);
    return process !== undefined && process.state !== "fenced";
  }

  /** For the invariants. */
  inspect() {
    return {
      nodes: this.#nodes as ReadonlyMap<NodeId, PoolNode>,
      processes: this.#processes as ReadonlyMap<WorkerId, PoolProcess>,
      leases: this.#leases as ReadonlyMap<LeaseId, PoolLease>,
      wants: [...this.#wants()],
    };
  }

  // ---- nodes and workers ----

  #joinNode(event: Extract<SchedulerEvent, {kind: "node-joined"}>, nowMs: number): void {
    if (this.#nodes.has(event.node)) return;
    const total = amountsOf(event.resources);
    this.#nodes.set(event.node, {
      id: event.node,
      total,
      free: new Map(total),
      workers: event.workers,
      maxWorkers: event.maxWorkers,
      processes: new Map(),
      startCrashes: [],
      troubles: 0,
      lastCrash: "",
      retryAtMs: 0,
    });
    this.#hosts.set(event.node, event.host);
    const {node, host, resources, maxWorkers} = event;
    this.#trace({kind: "node-joined", at: nowMs * 1000, node, host, resources, maxWorkers});
  }

  #loseNode(id: NodeId, reason: string, nowMs: number): void {
    const node = this.#nodes.get(id);
    if (!node) return;
    this.#nodes.delete(id);
    this.#hosts.delete(id);
    // The node may be gone while its workers are not.
    for (const process of [...node.processes.values()]) {
      this.#fence(process, `node ${id} was lost: ${reason}`, nowMs);
    }
    this.#trace({kind: "node-left", at: nowMs * 1000, node: id, reason});
  }

  #joinWorker(event: Extract<SchedulerEvent, {kind: "worker-joined"}>, nowMs: number): void {
    const {worker, pid, address} = event;
    const process = this.#processes.get(worker);
    // One that is not expected is a process of a node that was lost: its node stops it.
    if (process?.state !== "starting") return;
    process.state = "up";
    process.pid = pid;
    process.address = address;
    process.idleSinceMs = nowMs;
    this.#trace({kind: "worker-joined", at: nowMs * 1000, worker, node: process.node.id, pid});
  }

  #loseWorker(event: Extract<SchedulerEvent, {kind: "worker-lost"}>, nowMs: number): void {
    const process = this.#processes.get(event.worker);
    if (!process) return;
    const isFenced = process.state === "fenced";
    const crashed = event.crashed || isFenced;
    const reason = isFenced ? process.fencedWhy : event.reason;
    if (crashed && !process.isProved && process.state !== "stopping") {
      const how = [reason, ...(event.lastLines ?? [])].join("\n  ");
      this.#restarts.crashed(process.node, how, nowMs);
    }
    const stopped = process.state === "stopping" ? process.stopWhy : "stopped";
    const cancelled = reason === "cancelled" ? "cancelled" : stopped;
    this.#loseProcess(process, reason, crashed ? "crashed" : cancelled, nowMs);
  }

  /** Gives a process up: nothing more is sent there, and its leases are lost once it has ended. */
  #fence(process: PoolProcess | undefined, reason: string, nowMs: number): void {
    if (!process) return;
    if (process.state === "fenced") {
      // Nobody is left who could tell of its end.
      const isOrphan = !this.#nodes.has(process.node.id);
      if (isOrphan) this.#loseProcess(process, process.fencedWhy, "crashed", nowMs);
      return;
    }
    process.state = "fenced";
    process.fencedWhy = reason;
    process.dueMs = nowMs + this.#fenceMs;
    this.#kill(process);
    this.#wake(process.dueMs, nowMs);
  }

  #kill({id, node}: PoolProcess): void {
    this.#out.push({kind: "kill-worker", node: node.id, worker: id});
  }

  /** Ends processes whose time limit is over: to start, or to end when they are fenced. */
  #sweep(nowMs: number): void {
    for (const process of [...this.#processes.values()]) {
      const {state, dueMs, id: worker} = process;
      if (state !== "starting" && state !== "fenced") continue;
      if (dueMs > nowMs) this.#wake(dueMs, nowMs);
      else if (state === "fenced")
        this.#loseWorker({kind: "worker-lost", worker, crashed: true, reason: ""}, nowMs);
      else this.#fence(process, `it did not start within ${this.#startMs / 1000} s`, nowMs);
    }
  }

  #loseProcess(
    process: PoolProcess,
    reason: string,
    why: "idle" | "stopped" | "crashed" | "cancelled",
    nowMs: number,
  ): void {
    // Nothing is to be stopped any more.
    process.state = "stopping";
    for (const lease of [...process.leases]) {
      const {client} = lease.want;
      this.#free(lease, nowMs);
      this.#out.push({kind: "lose", client, lease: lease.id, worker: process.id, reason});
    }
    this.#processes.delete(process.id);
    process.node.processes.delete(process.id);
    this.#trace({kind: "worker-left", at: nowMs * 1000, worker: process.id, reason: why});
  }

  #startWorker(node: PoolNode, isDedicated: boolean, nowMs: number): void {
    const worker = `${this.#workerPrefix}${this.#nextWorker++}` as WorkerId;
    const process: PoolProcess = {
      id: worker,
      node,
      state: "starting",
      pid: 0,
      address: "",
      leases: new Set(),
      isDedicated,
      isProved: false,
      idleSinceMs: nowMs,
      dueMs: nowMs + this.#startMs,
      stopWhy: "stopped",
      fencedWhy: "",
    };
    this.#wake(process.dueMs, nowMs);
    this.#processes.set(worker, process);
    node.processes.set(worker, process);
    this.#out.push({kind: "start-worker", node: node.id, worker});
    this.#trace({kind: "worker-starting", at: nowMs * 1000, worker, node: node.id});
  }

  #scale(id: NodeId | null, workers: number, maxWorkers: number): void {
    for (const node of this.#nodes.values()) {
      if (id !== null && node.id !== id) continue;
      node.workers = workers;
      node.maxWorkers = maxWorkers;
      this.#restarts.forget(node);
    }
  }

  // ---- clients and leases ----

  #want(client: ClientId, shape: Shape, count: number, nowMs: number): void {
    let wants = this.#clients.get(client);
    if (!wants) this.#clients.set(client, (wants = new Map()));
    let want = wants.get(shape.key);
    if (!want) {
      want = {
        client,
        shape,
        need: amountsOf(shape.resources),
        count: 0,
        leases: 0,
        held: 0,
        sinceMs: nowMs,
        turn: this.#nextTurn++,
        isWarned: false,
        toldOfTrouble: 0,
        collect: {state: "no", againAtMs: 0, pauseMs: firstCollectPauseMs},
      };
      wants.set(shape.key, want);
    }
    if (want.count === 0) {
      want.sinceMs = nowMs;
      want.turn = this.#nextTurn++;
    }
    want.count = count;
    if (count === 0) {
      want.isWarned = false;
      want.collect = {state: "no", againAtMs: 0, pauseMs: firstCollectPauseMs};
    }
    this.#maybeForget(want);
    this.#stir(client, nowMs);
  }

  /** Actors come and go: the head remembers no want of one that has ended. */
  #maybeForget({client, shape, count, leases}: Want): void {
    if (!shape.dedicated || count > 0 || leases > 0) return;
    const wants = this.#clients.get(client);
    if (wants?.delete(shape.key) && wants.size === 0) this.#clients.delete(client);
  }

  /** A worker that submits is not idle, even when nothing runs on it. */
  #stir(client: ClientId, nowMs: number): void {
    const process = this.#processes.get(client as string as WorkerId);
    if (process) process.idleSinceMs = nowMs;
  }

  #loseClient(client: ClientId, nowMs: number): void {
    this.#clients.delete(client);
    for (const lease of [...this.#leases.values()]) {
      if (lease.want.client === client) this.#free(lease, nowMs);
    }
  }

  #grant(want: Want, process: PoolProcess, nowMs: number): void {
    const id = `l${this.#nextLease++}` as LeaseId;
    const lease: PoolLease = {
      id,
      want,
      process,
      holds: want.need,
      grantedAtMs: nowMs,
      isSuspended: false,
      isRevoked: false,
      wasSuspended: false,
    };
    this.#leases.set(id, lease);
    process.leases.add(lease);
    if (want.shape.dedicated) process.isDedicated = true;
    process.isProved = true;
    subtract(process.node.free, want.need);
    want.count--;
    want.leases++;
    want.held++;
    want.sinceMs = nowMs;
    want.turn = this.#nextTurn++;
    const {client, shape} = want;
    const {id: worker, address} = process;
    this.#out.push({kind: "grant", client, lease: id, shape, worker, address});
  }

  #free(lease: PoolLease | undefined, nowMs: number): void {
    if (!lease || !this.#leases.delete(lease.id)) return;
    const {process, want} = lease;
    if (lease.isSuspended) subtract(process.node.free, cpusOf(lease.holds));
    add(process.node.free, lease.holds);
    process.leases.delete(lease);
    if (process.leases.size === 0) process.idleSinceMs = nowMs;
    this.#stir(want.client, nowMs);
    want.turn = this.#nextTurn++;
    want.leases--;
    if (!lease.isRevoked) want.held--;
    this.#maybeForget(want);
    // State may be left in it: it runs nothing else.
    if (process.isDedicated) this.#stopWorker(process, "stopped");
  }

  #stopWorker(process: PoolProcess, why: "idle" | "stopped"): void {
    if (process.state !== "up") return;
    process.state = "stopping";
    process.stopWhy = why;
    const {node, id: worker} = process;
    this.#out.push({kind: "stop-worker", node: node.id, worker, reason: why});
  }

  #reduce(lease: PoolLease | undefined, resources: Resources): void {
    if (!lease?.process.isDedicated) return;
    const holds = amountsOf(resources);
    // What it has, it may give back; more it would have to wait for.
    if (!fits(holds, lease.holds)) return;
    add(lease.process.node.free, lease.holds);
    subtract(lease.process.node.free, holds);
    lease.holds = holds;
  }

  /** An actor keeps what it holds, even while its method waits. */
  #suspend(lease: PoolLease | undefined): void {
    if (!lease || lease.isSuspended || lease.process.isDedicated) return;
    lease.isSuspended = true;
    lease.wasSuspended = true;
    add(lease.process.node.free, cpusOf(lease.holds));
  }

  /**
   * A task goes on at once, even if its CPUs are taken: they are owed for a moment (Ray's rule).
   */
  #resume(lease: PoolLease | undefined): void {
    if (!lease?.isSuspended) return;
    lease.isSuspended = false;
    subtract(lease.process.node.free, cpusOf(lease.holds));
    // Its process runs it again: whoever was put on top is sent nothing more there.
    for (const other of lease.process.leases) {
      if (other !== lease && !other.isSuspended) this.#revoke(other);
    }
  }

  #revoke(lease: PoolLease): void {
    if (lease.isRevoked) return;
    lease.isRevoked = true;
    lease.want.held--;
    this.#out.push({kind: "revoke", client: lease.want.client, lease: lease.id});
  }

  // ---- one pass ----

  #schedule(nowMs: number): void {
    const pass = new Pass(this.#nodes.values());
    const waiting = [...this.#wants()].filter((want) => want.count > 0);
    const unmet: Want[] = [];
    while (waiting.length > 0) {
      let best = 0;
      for (let i = 1; i < waiting.length; i++) {
        if (compareTurn(waiting[i]!, waiting[best]!) < 0) best = i;
      }
      const want = waiting[best]!;
      const outcome = this.#place(want, pass, nowMs);
      if (outcome === "granted" && want.count > 0) continue;
      waiting.splice(best, 1);
      if (outcome === "unmet") unmet.push(want);
    }
    this.#shareOut(unmet, nowMs);
    for (const node of this.#nodes.values()) this.#scaleNode(node, pass, nowMs);
  }

  #place(want: Want, pass: Pass, nowMs: number): "granted" | "waits" | "unmet" {
    const rooms = pass.rooms.filter((room) => fits(want.need, room.total));
    if (rooms.length === 0) {
      this.#warn(want, pass);
      return "waits";
    }
    const fitting = rooms.filter((room) => fits(want.need, room.free));
    if (fitting.length === 0) {
      this.#maybeFree(want, rooms, nowMs);
      if (want.shape.dedicated) pass.unmetActors++;
      if (want.sinceMs + this.#quantumMs <= nowMs) reserve(rooms, want);
      return "unmet";
    }
    if (want.shape.dedicated) return this.#placeActor(want, fitting, nowMs);
    const open = chooseNode(
      fitting.filter((room) => freeProcess(room.node)),
      want.need,
    );
    if (open) {
      this.#grantOn(open, want, freeProcess(open.node)!, nowMs);
      return "granted";
    }
    // Each further process that starts takes one want along; the rest may go elsewhere.
    let unserved = want.count;
    for (const room of fitting) {
      while (unserved > 0 && this.#canStart(room, nowMs) && fits(want.need, room.free)) {
        subtract(room.free, want.need);
        room.shortage++;
        unserved--;
      }
    }
    if (unserved === 0 || this.#isOutranked(want)) return "waits";
    for (const room of fitting) {
      const process = fits(want.need, room.free) ? this.#processToShare(room, want, nowMs) : null;
      if (!process) continue;
      this.#grantOn(room, want, process, nowMs);
      return unserved > 1 ? "granted" : "waits";
    }
    return "unmet";
  }

  /**
   * More urgent tasks of the same client wait for a process that starts. The client would give a
   * lease for less urgent ones back at once, be granted it again, and so on until that process is
   * there.
   */
  #isOutranked({client, shape}: Want): boolean {
    for (const other of this.#clients.get(client)!.values())
      if (other.count > 0 && isServedBefore(other.shape, shape)) return true;
    return false;
  }

  #placeActor(want: Want, fitting: Room[], nowMs: number): "granted" | "waits" {
    const processOn = ({node}: Room): PoolProcess | null => processForActor(node, this.#maxActors);
    const open = chooseNode(fitting.filter(processOn), want.need);
    if (open) {
      this.#grantOn(open, want, processOn(open)!, nowMs);
      return "granted";
    }
    const hasSpace = ({node, awaited}: Room): boolean =>
      countDedicated(node) - spareDedicated(node).length + awaited < this.#maxActors;
    const room = chooseNode(fitting.filter(hasSpace), want.need);
    if (room) {
      subtract(room.free, want.need);
      room.awaited++;
    } else {
      const limit = `${this.#maxActors} actors (maxActors)`;
      if (!this.#collectFor(want, nowMs)) return "waits";
      this.#warnOnce(want, `it needs a process of its own, and each node that could has ${limit}`);
    }
    return "waits";
  }

  #grantOn(room: Room, want: Want, process: PoolProcess, nowMs: number): void {
    subtract(room.free, want.need);
    this.#grant(want, process, nowMs);
  }

  #canStart(room: Room, nowMs: number): boolean {
    const {node} = room;
    const starting = countProcesses(node, "starting");
    const more = nowMs < node.retryAtMs ? 0 : limitOf(node) - countProcesses(node);
    return room.shortage < starting + Math.max(0, more);
  }

  /**
   * A process whose tasks all wait. A deeper task may always join them: those may be waiting for
   * it. Another only when nothing on the node is awake, since then nothing else could ever free a
   * process.
   */
  #processToShare(room: Room, want: Want, nowMs: number): PoolProcess | null {
    if (this.#canStart(room, nowMs)) return null;
    const processes = [...room.node.processes.values()];
    const asleep = processes.filter(
      (process) => process.state === "up" && process.leases.size > 0 && !hasAwakeLease(process),
    );
    // An actor frees no process, whatever it does.
    const isStuck = !processes.some((process) => !process.isDedicated && hasAwakeLease(process));
    const fit = asleep
      .filter((process) => isStuck || want.shape.depth > deepestOn(process))
      .sort((a, b) => a.leases.size - b.leases.size)[0];
    if (!fit) return null;
    if (fit.leases.size < this.#maxNesting) return fit;
    const limit = `${this.#maxNesting} waiting tasks (maxNesting)`;
    this.#warnOnce(want, `it needs a worker, and each of node ${room.node.id} holds ${limit}`);
    return null;
  }

  #shareOut(unmet: Want[], nowMs: number): void {
    if (unmet.length === 0) return;
    const {leases, againAtMs} = chooseRevocations(
      this.#nodes.values(),
      unmet,
      this.#quantumMs,
      nowMs,
    );
    for (const {want, id} of leases) {
      this.#out.push({kind: "revoke", client: want.client, lease: id});
    }
    this.#wake(againAtMs, nowMs);
  }

  /**
   * One is started for each actor that waits for a process. Those that no actor waits for go into
   * the pool; `kept`: actors that wait for resources may want one soon.
   */
  #scaleDedicated(node: PoolNode, awaited: number, kept: number, nowMs: number): void {
    const spare = spareDedicated(node);
    const isPausing = nowMs < node.retryAtMs;
    for (let i = spare.length; i < awaited && !isPausing; i++) {
      this.#startWorker(node, true, nowMs);
    }
    for (const process of spare.slice(awaited + kept)) {
      if (process.state !== "up") continue;
      if (countProcesses(node) >= limitOf(node)) this.#stopWorker(process, "stopped");
      else process.isDedicated = false;
    }
  }

  #scaleNode(node: PoolNode, pass: Pass, nowMs: number): void {
    const {awaited, shortage} = pass.rooms.find((room) => room.node === node)!;
    this.#scaleDedicated(node, awaited, pass.unmetActors, nowMs);
    const processes = [...node.processes.values()];
    const starting = countProcesses(node, "starting");
    const idle = processes
      .filter((process) => isFree(process) && !this.#isBusyClient(process))
      .map(({id, idleSinceMs}) => ({worker: id, sinceMs: idleSinceMs}))
      .reverse();
    const {workers, maxWorkers} = node;
    const alive = countProcesses(node);
    const stopping = countEnding(node);
    const answer = decideScale({
      workers,
      maxWorkers,
      alive,
      starting,
      stopping,
      shortage,
      idle,
      idleMs: this.#idleMs,
      nowMs,
    });
    this.#wake(answer.nextAtMs, nowMs);
    const isPausing = nowMs < node.retryAtMs;
    if (isInTrouble(node)) this.#warnInTrouble(node, awaited > 0);
    if (isPausing) this.#wake(node.retryAtMs, nowMs);
    if (answer.start > 0 && isPausing) return;
    if (answer.start + answer.stop.length === 0) return;
    const {reason, why} = answer;
    const staying = alive - stopping;
    const wanted = staying + answer.start - answer.stop.length;
    this.#trace({kind: "scale-decided", at: nowMs * 1000, workers: staying, wanted, reason});
    for (let i = 0; i < answer.start; i++) this.#startWorker(node, false, nowMs);
    for (const worker of answer.stop) this.#stopWorker(this.#processes.get(worker)!, why);
  }

  /** A worker whose own tasks run elsewhere is needed, though nothing runs on it. */
  #isBusyClient(process: PoolProcess): boolean {
    const wants = this.#clients.get(process.id as string as ClientId);
    if (!wants) return false;
    for (const want of wants.values()) if (want.count > 0 || want.leases > 0) return true;
    return false;
  }

  // ---- telling ----

  #warn(want: Want, pass: Pass): void {
    if (pass.rooms.length === 0) return;
    const missing = whatIsMissing(pass.rooms, want.need);
    if (missing === null) return;
    const advice = "ask for less, or start a cluster with more (%cluster start --cpus …)";
    this.#warnOnce(want, `no node could ever fit it: ${missing}; ${advice}`);
  }

  /**
   * Tells a want that actors hold what it waits for. Resources of actors come back when the actors
   * end, not by themselves. Dropped handles alone may hold some actors: these handles are collected
   * first, and again in growing pauses as long as the want waits. A client whose want still waits
   * after that should know what for.
   */
  #maybeFree(want: Want, rooms: Room[], nowMs: number): void {
    const isHeldSince = (ms: number): boolean =>
      !rooms.some(({node}) => fits(want.need, withoutActors(node, ms)));
    if (!rooms.some(({node}) => haveActors(want.need, node, nowMs))) return;
    // One that has just been placed gives most of it back at once.
    const sinceMs = nowMs - this.#quantumMs;
    const isDueMs = want.sinceMs + this.#quantumMs;
    if (isDueMs > nowMs) return this.#wake(isDueMs, nowMs);
    if (!rooms.some(({node}) => haveActors(want.need, node, sinceMs))) {
      return this.#wake(nowMs + this.#quantumMs, nowMs);
    }
    if (!this.#collectFor(want, nowMs) || want.isWarned || !isHeldSince(nowMs)) return;
    if (!isHeldSince(sinceMs)) return this.#wake(nowMs + this.#quantumMs, nowMs);
    const advice = "kill one, or let go of its handles";
    const needs = inWords(want.need);
    this.#warnOnce(want, `it needs ${needs}, which actors hold as long as they live: ${advice}`);
  }

  /** True once dropped handles were collected for the want. */
  #collectFor(want: Want, nowMs: number): boolean {
    const {state, againAtMs} = want.collect;
    if (state === "no" || (state === "done" && againAtMs <= nowMs)) {
      want.collect.state = "asked";
      this.#out.push({kind: "want-collect", asker: askerOf(want)});
    } else if (state === "done") this.#wake(againAtMs, nowMs);
    return state === "done";
  }

  #collected(asker: string, nowMs: number): void {
    for (const want of this.#wants()) {
      if (want.collect.state !== "asked" || askerOf(want) !== asker) continue;
      const {pauseMs} = want.collect;
      const nextMs = Math.min(2 * pauseMs, lastCollectPauseMs);
      want.collect = {state: "done", againAtMs: nowMs + pauseMs, pauseMs: nextMs};
    }
  }

  /** Tells clients that wait for a process of this node that none starts, and that tries go on. */
  #warnInTrouble(node: PoolNode, areActorsAwaited: boolean): void {
    const hasUp = countProcesses(node, "up") > 0;
    const crashes = `its workers crash at start (${node.startCrashes.length} times by now)`;
    const reason = `it needs a worker, but ${crashes} and are started again: ${node.lastCrash}`;
    for (const want of this.#wants()) {
      const isAffected = want.shape.dedicated ? areActorsAwaited : !hasUp;
      const isTold = want.toldOfTrouble === node.troubles;
      if (want.count === 0 || !isAffected || isTold || !fits(want.need, node.total)) continue;
      want.toldOfTrouble = node.troubles;
      const {client, shape} = want;
      this.#out.push({kind: "warn-waiting", client, shape, reason});
    }
  }

  #warnOnce(want: Want, reason: string): void {
    if (want.isWarned) return;
    want.isWarned = true;
    const {client, shape} = want;
    this.#out.push({kind: "warn-waiting", client, shape, reason});
  }

  #trace(event: TraceEvent): void {
    this.#out.push({kind: "trace", event});
  }

  #wake(atMs: number, nowMs: number): void {
    this.#out.wake(Math.max(atMs, nowMs));
  }

  *#wants(): Iterable<Want> {
    for (const wants of this.#clients.values()) yield* wants.values();
  }
}

const askerOf = ({client, shape}: Want): string => `${client} ${shape.key}`;

function limitOf(node: PoolNode): number {
  return Math.max(node.workers, node.maxWorkers);
}

function stateOf(process: PoolProcess): "starting" | "idle" | "busy" | "waiting" {
  if (process.state === "starting") return "starting";
  if (process.leases.size === 0) return "idle";
  return hasAwakeLease(process) ? "busy" : "waiting";
}
