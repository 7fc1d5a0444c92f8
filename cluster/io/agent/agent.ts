// The agent thread: owns every socket of a driver or a worker, so that submissions leave, results
// come, tasks are cancelled and the trace flows even while the user's thread runs a synchronous
// loop.
//
//   user's thread ⇄ Agent ─ head                     leases, places, trace
//                     ├──── Submissions ─ workers    tasks that this process submits
//                     ├──── Running ─ clients        tasks that run here (workers only)
//                     └──── Stores ─ nodes           large values
//
// The loop works in turns: what arrived together is handled event by event, then the Submitter is
// flushed once, the user's thread woken once, and what goes out leaves as one batch per peer.

import {Session} from "node:inspector";
import {setTimeout} from "node:timers/promises";
import type {MessagePort} from "node:worker_threads";
import {nowUs, setEpoch} from "../../clock.js";
import type {TaskOutput} from "../../backend.js";
import {headSilenceMs, memberSilenceMs} from "../../limits.js";
import type {NodeId, TaskId, WorkerId} from "../../ids.js";
import {
  type ClusterAddress,
  type FromHead,
  type FromWorker,
  type Hello,
  type ProcessLog,
  type ToHead,
  type ToWorker,
} from "../../messages.js";
import type {TraceEvent} from "../../trace.js";
import {Channel, type ChannelEnd} from "../threads/channel.js";
import {AgentCodec} from "../threads/compact.js";
import {Client, linksEnded, Server, type ClientListener, type LinkKeys} from "../link/link.js";
import {hello} from "../link/member.js";
import type {ClientReply, SharedState, FromAgent, ToAgent} from "../threads/ports.js";
import type {WorkerLink} from "./neighbours.js";
import {Running} from "../worker/running.js";
import {Stores} from "./stores.js";
import {Submissions} from "./submissions.js";
import {TraceOutbox, unpackTrace} from "../tracing.js";

type WaitingTasks = Omit<Extract<ClientReply, {kind: "task-waits"}>, "kind">;

/** A thread that ends with its cluster, or leaves it, waits so long for what is on its way. */
const closeGraceMs = 5_000;

export interface Membership {
  role: "driver" | "worker";
  id: string;
  address: ClusterAddress;
}
/** The part of a worker's agent that drivers lack. */
export interface WorkerPart {
  keys: LinkKeys;
  node: NodeId;
  shared: SharedState;
}

export class Agent {
  readonly #channel: Channel<FromAgent, ToAgent>;
  readonly #submissions: Submissions;
  readonly #trace: TraceOutbox;
  readonly #feeds: MessagePort[] = [];
  /** From before there was a cluster to talk to. */
  #earlyPuts: ToAgent[] = [];
  #earlyToHead: ToHead[] = [];
  #stores!: Stores;
  #head: Client<FromHead, ToHead> | null = null;
  #server: Server<ToWorker, FromWorker> | null = null;
  #running: Running | null = null;
  #inspector: Session | null = null;
  #hello!: Hello;
  #address!: ClusterAddress;
  #turnPlanned = false;
  #subscribed = false;
  #wantsTrace = false;
  #down: string | null = null;

  constructor(end: ChannelEnd) {
    this.#channel = new Channel<FromAgent, ToAgent>(end, {
      codec: new AgentCodec(),
      hear: (message) => this.hear(message),
      heardAll: () => this.#turn(),
      mayWait: false,
    });
    this.#trace = new TraceOutbox((batch) => {
      if (this.#down === null) this.#toHead({kind: "trace", batch});
      // Nobody relays it any more, and this process's own tasks have ended all the same.
      else this.#feed({kind: "trace", batches: [batch]});
    });
    this.#submissions = new Submissions({
      stores: () => this.#stores,
      toHead: (message) => this.#toHead(message),
      post: (reply) => this.post(reply),
      connectWorker: (worker, address) => this.#connectWorker(worker, address),
      trace: (event) => this.#trace.add(event),
      blocked: (task, on) => this.#running?.blocked(task, on),
      unblocked: (task) => this.#running?.unblocked(task),
      waits: (news) => this.#tellWaiting(news),
      wakeTurn: () => this.#planTurn(),
    });
  }

  /** To the user's thread, which is woken once for all of this turn. */
  post(message: FromAgent): void {
    this.#channel.sendLazily(message);
    this.#planTurn();
  }
  log = (line: string): void => this.post({kind: "log", line});

  /** Joins a cluster; what was asked before goes out now. */
  join({role, id, address}: Membership, part: WorkerPart | null): void {
    setEpoch(BigInt(address.epochNs));
    this.#address = address;
    this.#hello = hello(address, role, id);
    this.#stores = new Stores(address.serverKey, this.#hello, part?.node ?? null, this.log);
    let isMember = false;
    const listener: ClientListener<FromHead> = {
      log: this.log,
      welcomed: () => {
        isMember = true;
        this.post({kind: "up", address});
      },
      heard: (messages) => {
        for (const message of messages) this.#heardHead(message);
        this.#turn();
      },
      lost: (reason) =>
        this.onHeadLost(
          isMember ? `the cluster's head is gone: ${reason}` : `can't join the cluster: ${reason}`,
        ),
    };
    const silenceMs = role === "worker" ? headSilenceMs : memberSilenceMs;
    this.#head = new Client(address.head, address.serverKey, this.#hello, listener, {silenceMs});
    if (part) this.#running = this.#startRunning(part, id as WorkerId);
    for (const message of this.#earlyToHead.splice(0)) this.#head.send(message);
    for (const message of this.#earlyPuts.splice(0)) this.hear(message);
  }

  /** Opens the door for tasks: the user's thread is ready for them. */
  async serve({keys, node}: WorkerPart): Promise<void> {
    const running = this.#running!;
    const server = await Server.listen<ToWorker, FromWorker>(keys, this.#address.token, {
      log: this.log,
      heard: (peer, messages) => {
        for (const message of messages) running.heard(peer, message);
        this.#turn();
      },
      lost: (peer) => running.lostClient(peer),
    });
    this.#server = server;
    const worker = this.#hello.id as WorkerId;
    this.#toHead({kind: "worker-ready", worker, node, pid: process.pid, address: server.address});
    this.#inspector = new Session();
    this.#inspector.connectToMainThread();
  }

  /** Requests of another kind than tasks and values: who started the agent answers them. */
  onOther: (message: ToAgent & {kind: "stop" | "exit" | "user-ready"}) => void = () => {};

  /** The link to the head has ended. The process that started the head ends it before leaving. */
  onHeadLost = (reason: string): void => this.leave(reason);

  hear(message: ToAgent): void {
    if (this.#head === null && this.#down === null && message.kind === "put") {
      // Tasks that take it are known to the machine at once.
      this.#submissions.tell({kind: "put-begun", object: message.object});
      this.#earlyPuts.push(message);
      return;
    }
    if (this.#down !== null && clusterAnswers.has(message.kind)) {
      return this.post({kind: "down", reason: this.#down});
    }
    switch (message.kind) {
      case "watch-trace":
        this.#wantsTrace = true;
        return this.#subscribe();
      case "feed":
        message.port.unref();
        this.#feeds.push(message.port);
        return this.#subscribe();
      case "cancels":
        message.port.unref();
        message.port.on("message", ({cell}: {cell: string}) =>
          this.hear({kind: "cancel-cell", cell}),
        );
        return;
      case "flush-trace": {
        this.#trace.flush();
        return this.#toHead({kind: "flush-trace", request: message.request});
      }
      case "trace":
        for (const event of message.events) this.#trace.add(event);
        return;
      case "status": {
        const {request, settled} = message;
        return this.#toHead({kind: "ask-status", request, settled});
      }
      case "collected":
        return this.#toHead(message);
      case "logs":
        return this.#toHead({kind: "ask-logs", request: message.request});
      case "scale": {
        const {request, workers, maxWorkers} = message;
        return this.#toHead({kind: "scale", request, workers, maxWorkers});
      }
      case "stop":
      case "exit":
      case "user-ready":
        return this.onOther(message);
      case "began":
      case "heard":
      case "done":
      case "output":
      case "child-pipe":
      case "catch-up":
        return this.#running?.reported(message);
      default:
        return this.#submissions.request(message as Parameters<Submissions["request"]>[0]);
    }
  }

  /** The cluster is gone, or this process leaves it: whatever waits is told. */
  leave(reason: string, lastWords?: ProcessLog): void {
    if (this.#down !== null) return;
    this.#trace.flush();
    this.#down = reason;
    this.#submissions.tell({kind: "head-lost", reason});
    this.post({kind: "down", reason, ...(lastWords && {lastWords})});
    for (const node of this.#stores?.leave(reason) ?? [])
      this.#trace.add({kind: "node-left", at: nowUs(), node, reason});
    void this.#head?.close();
  }

  /** Asks the head to end the cluster; its end is seen by who started it. */
  async askStop(): Promise<void> {
    this.#toHead({kind: "stop"});
    await this.#head?.drained();
  }

  /**
   * Resolves when the tasks that this process has submitted have ended: refs to them may be
   * elsewhere.
   */
  drained(): Promise<void> {
    return this.#submissions.drained();
  }

  /**
   * Resolves when every socket is closed, as it must be before the thread may end. Values that are
   * on their way to the user's thread, or out of this process, may hold it up for `graceMs`.
   */
  async close({graceMs = closeGraceMs} = {}): Promise<void> {
    await Promise.race([this.#finish(), setTimeout(graceMs, null, {ref: false})]);
    this.#running?.close();
    this.#inspector?.disconnect();
    for (const feed of this.#feeds) feed.close();
    await Promise.all([
      this.#submissions.close(),
      this.#stores?.close(),
      this.#server?.close(),
      this.#head?.close(),
    ]);
    await linksEnded();
  }
  async #finish(): Promise<void> {
    await this.#submissions.told();
    this.#turn();
    this.#trace.flush();
    await Promise.all([this.#head?.drained(), this.#server?.drained()]);
  }

  // ---- turns ----

  #planTurn(): void {
    if (this.#turnPlanned) return;
    this.#turnPlanned = true;
    setImmediate(() => this.#turn());
  }
  #turn(): void {
    this.#turnPlanned = false;
    this.#submissions.turn();
    this.#channel.nudge();
  }

  // ---- the head ----

  #toHead(message: ToHead): void {
    if (this.#head) this.#head.send(message);
    else if (this.#down === null) this.#earlyToHead.push(message);
  }

  #heardHead(message: FromHead): void {
    switch (message.kind) {
      case "stores":
        return this.#stores.known(message.stores);
      case "trace":
        return this.#feed(message);
      case "trace-flushed":
        return this.post({kind: "trace-flushed", request: message.request});
      case "flush":
        this.#trace.flush();
        return this.#toHead({kind: "flushed", request: message.request});
      case "status":
        return this.post({kind: "status", request: message.request, status: message.status});
      case "logs":
        return this.post({kind: "logs", request: message.request, logs: message.logs});
      case "stopping":
        if (this.#hello.role === "worker") return this.onHeadLost(message.reason);
        return this.leave(message.reason);
      case "make-actor":
        return this.#running?.make(message);
      case "output":
        return this.#output(message.output);
      case "task-waits":
        return this.#submissions.tellWaiting(message.shape, message.reason);
      case "collect":
        return this.post(message);
      default:
        return this.#submissions.heardHead(message);
    }
  }

  // ---- workers ----

  #connectWorker(worker: WorkerId, address: string): WorkerLink {
    return new Client<FromWorker, ToWorker>(address, this.#address.serverKey, this.#hello, {
      log: this.log,
      heard: (messages) => {
        for (const message of messages) {
          if (message.kind === "output") this.#output(message.output);
          else this.#submissions.heardWorker(worker, message);
        }
        this.#turn();
      },
      lost: () => this.#submissions.lostWorker(worker),
    });
  }

  /** From a task that this process submitted: a worker passes it on to who submitted the parent. */
  #output(output: TaskOutput): void {
    if (this.#running) this.#running.forward(output);
    else this.post({kind: "output", output});
  }

  /** A task's children wait: told as output of the cell that set off all of them. */
  #tellWaiting(news: WaitingTasks): void {
    if (!this.#running) return this.post({kind: "task-waits", ...news});
    const {fn, cell, reason} = news;
    const text = `\`${fn}\` waits: ${reason}\n`;
    const from = {task: "" as TaskId, pid: process.pid, node: "", name: "stderr"} as const;
    this.#running.forward({cell, fn, text, ...from});
  }

  /** This worker's process has written a line by itself: native code, in most cases. */
  wrote(name: "stdout" | "stderr", line: string): void {
    this.#running?.wrote(name, line);
  }

  #startRunning({shared, node}: WorkerPart, worker: WorkerId): Running {
    return new Running({
      worker,
      node,
      stores: this.#stores,
      submissions: this.#submissions,
      shared,
      toHead: (message) => this.#toHead(message),
      order: (order) => this.post(order),
      trace: (event) => this.#trace.add(event),
      terminate: () => this.#inspector?.post("Runtime.terminateExecution"),
      poll: () => this.#channel.poll(),
      wake: () => this.#channel.wake(),
      wakeTurn: () => this.#planTurn(),
    });
  }

  // ---- the trace ----

  #subscribe(): void {
    if (this.#subscribed) return;
    this.#subscribed = true;
    this.#toHead({kind: "subscribe-trace"});
  }
  #feed({batches}: FromHead & {kind: "trace"}): void {
    for (const batch of batches) {
      const events: TraceEvent[] = unpackTrace(batch);
      if (this.#wantsTrace) this.post({kind: "trace", events});
      for (const feed of this.#feeds) feed.postMessage(events);
    }
  }
}

/** Only a head can answer these: told again that it is down, the user's thread gives up on them. */
const clusterAnswers = new Set<ToAgent["kind"]>([
  "flush-trace",
  "status",
  "logs",
  "scale",
  "kill-actor",
  "find-actor",
]);
