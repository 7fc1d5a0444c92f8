// A node: one machine's part of the cluster. It starts, stops and watches worker processes as the
// head orders, tells at once when one has ended and how, and owns the machine's object store.

import {availableParallelism, totalmem} from "node:os";
import {nowUs} from "../../clock.js";
import type {NodeId, WorkerId} from "../../ids.js";
import {storeMemoryShare} from "../../limits.js";
import {headSilenceMs} from "../../limits.js";
import type {
  ClusterAddress,
  FromHead,
  FromStore,
  ProcessLog,
  ToHead,
  ToStore,
} from "../../messages.js";
import {startWorkerProcess, type Child, type Ending} from "./launch.js";
import {Client, type LinkKeys, type Log, type Server} from "../link/link.js";
import {hello} from "../link/member.js";
import type {ClusterOptions} from "../../backend.js";
import {firstWorkers, type WorkerConfig} from "../threads/ports.js";
import {ObjectStore, serveStore} from "./store.js";

export interface NodeConfig {
  address: ClusterAddress;
  keys: LinkKeys;
  node: string;
  options: ClusterOptions;
}

/** The head hears of the store's size at most once in this time. */
const statsEveryMs = 500;
/**
 * A worker that was told to stop waits at most this long, an hour, for tasks that it has submitted.
 */
const drainLimitMs = 3_600_000;
/** The logs of so many ended workers are still kept. */
const maxOldLogs = 20;
/** The part of the machine's memory that tasks may ask for by `memory`. */
const memoryShare = 0.7;

interface Process {
  child: Child<WorkerConfig>;
  stopping: boolean;
}

export class Node {
  readonly #config: NodeConfig;
  readonly #log: Log;
  readonly #store: ObjectStore;
  readonly #workers = new Map<WorkerId, Process>();
  readonly #spares: Child<WorkerConfig>[];
  readonly #oldLogs: ProcessLog[] = [];
  readonly #ended: () => void;
  readonly #stats: NodeJS.Timeout;
  #head!: Client<FromHead, ToHead>;
  #server!: Server<ToStore, FromStore>;
  #stopping = false;

  /**
   * Starts a node. `spares` are processes for the first workers, already started. `ended` is called
   * when the cluster has stopped or the head is gone, and no worker is left.
   */
  static async start(
    config: NodeConfig,
    spares: Child<WorkerConfig>[],
    log: Log,
    ended: () => void,
  ): Promise<Node> {
    const node = new Node(config, spares, log, ended);
    node.#server = await serveStore(node.#store, config.keys, config.address.token, log);
    node.#join();
    return node;
  }

  private constructor(
    config: NodeConfig,
    spares: Child<WorkerConfig>[],
    log: Log,
    ended: () => void,
  ) {
    this.#config = config;
    this.#spares = spares;
    this.#log = log;
    this.#ended = ended;
    this.#store = new ObjectStore({
      limitBytes: config.options.storeMemory ?? Math.floor(machineMemory() * storeMemoryShare),
      nowMs: () => nowUs() / 1000,
      roomWanted: (wantedBytes) =>
        this.#head.send({kind: "store-pressure", node: this.#id, wantedBytes}),
    });
    let told = "";
    this.#stats = setInterval(() => {
      const stats = this.#store.stats();
      if (told === (told = JSON.stringify(stats))) return;
      this.#head.send({kind: "store-stats", node: this.#id, ...stats});
    }, statsEveryMs);
  }

  get #id(): NodeId {
    return this.#config.node as NodeId;
  }

  #join(): void {
    const {address, options, node} = this.#config;
    this.#head = new Client<FromHead, ToHead>(
      address.head,
      address.serverKey,
      hello(address, "node", node),
      {
        log: this.#log,
        heard: (messages) => messages.forEach((message) => this.#hear(message)),
        lost: (reason) => this.#stop(`the head is gone: ${reason}`),
      },
      {silenceMs: headSilenceMs},
    );
    const cpus = options.cpus ?? availableParallelism();
    const workers = firstWorkers(options);
    this.#head.send({
      kind: "node-ready",
      node: this.#id,
      store: this.#server.address,
      resources: {
        CPU: cpus,
        ...(options.gpus ? {GPU: options.gpus} : {}),
        memory: Math.floor(totalmem() * memoryShare),
        ...options.resources,
      },
      workers,
      maxWorkers: Math.max(workers, options.maxWorkers ?? workers),
    });
  }

  #hear(message: FromHead): void {
    switch (message.kind) {
      case "start-worker":
        return this.#startWorker(message.worker);
      case "stop-worker":
        return this.#drainWorker(message.worker);
      case "kill-worker":
        return this.#killWorker(message.worker);
      case "delete-objects":
        return this.#store.delete(message.objects);
      case "client-lost":
        return this.#store.loseClient(message.client, message.keep);
      case "ask-logs":
        return this.#head.send({kind: "logs", request: message.request, logs: this.#logs()});
      case "stopping":
        return this.#stop(message.reason);
      default:
        // The other messages are for clients.
        return;
    }
  }

  #startWorker(worker: WorkerId): void {
    if (this.#workers.has(worker) || this.#stopping) return;
    const {address, keys, node} = this.#config;
    const child = this.#spares.shift() ?? startWorkerProcess();
    void child.ended.then((ending) => this.#workerEnded(worker, ending));
    this.#workers.set(worker, {child, stopping: false});
    child.configure({address, keys, worker, node});
  }

  #drainWorker(worker: WorkerId): void {
    const process = this.#workers.get(worker);
    if (!process || process.stopping) return;
    process.stopping = true;
    process.child.drain();
    const limit = setTimeout(() => {
      this.#log(
        `${worker} is killed: tasks that it submitted have not ended in ${drainLimitMs} ms`,
      );
      process.child.kill();
    }, drainLimitMs);
    void process.child.ended.then(() => clearTimeout(limit));
  }
  #killWorker(worker: WorkerId): void {
    const process = this.#workers.get(worker);
    if (!process) return;
    process.stopping = true;
    process.child.kill();
    this.#store.fence(worker);
  }

  #workerEnded(worker: WorkerId, ending: Ending): void {
    const process = this.#workers.get(worker);
    if (!process) return;
    this.#workers.delete(worker);
    // Messages that the lost worker sent may still come, but its tasks are about to run elsewhere.
    this.#store.fence(worker);
    this.#oldLogs.push(logOf(worker, process.child));
    if (this.#oldLogs.length > maxOldLogs) this.#oldLogs.shift();
    const reason = process.stopping ? "stopped" : describe(process.child.pid, ending);
    const {lastLines} = ending;
    const crashed = !process.stopping;
    this.#head.send({kind: "worker-ended", worker, crashed, reason, lastLines});
    if (this.#stopping) this.#maybeEnd();
  }

  #logs(): ProcessLog[] {
    const living = [...this.#workers].map(([worker, {child}]) => logOf(worker, child));
    return [...this.#oldLogs, ...living];
  }

  #stop(reason: string): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#log(`stops: ${reason}`);
    for (const spare of this.#spares.splice(0)) spare.kill();
    for (const worker of this.#workers.keys()) this.#killWorker(worker);
    this.#maybeEnd();
  }
  #maybeEnd(): void {
    if (this.#workers.size > 0) return;
    clearInterval(this.#stats);
    this.#store.close();
    void Promise.all([this.#head.close(), this.#server.close()]).then(this.#ended);
  }
}

/** The machine's memory in bytes, as far as this process may use it. */
function machineMemory(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

function logOf(worker: WorkerId, child: Child<WorkerConfig>): ProcessLog {
  return {name: worker, pid: child.pid ?? 0, lines: [...child.logs.lines]};
}

function describe(pid: number | undefined, {code, signal, lastLine}: Ending): string {
  const how = signal ? `ended by ${signal}` : `exited with code ${code ?? "unknown"}`;
  return `pid ${pid ?? "none"} ${how}${lastLine ? `: ${lastLine}` : ""}`;
}
