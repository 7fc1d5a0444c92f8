// The embedded cluster as a backend. On the user's thread there is only this: it posts what is
// asked to the agent thread at once, so that submissions leave and the cluster lives on while user
// code runs, and it settles what the agent answers.

import {MessageChannel, type MessagePort, type Worker} from "node:worker_threads";
import type {
  Backend,
  Cluster,
  ClusterOptions,
  ClusterStatus,
  FoundActor,
  Frames,
  GetOptions,
  LeftObjects,
  Loss,
  ObjectOutcome,
  ShippedPart,
  TaskCall,
  TaskOutput,
  Traced,
  UnfetchedError,
  WaitingNews,
  WaitOptions,
} from "../backend.js";
import {randomIds} from "../api/fresh.js";
import {epoch, nowUs, setEpoch} from "../clock.js";
import {ambient} from "../context/context.js";
import {ClusterStoppedError, GetTimeoutError} from "../errors.js";
import {checkFolder} from "../folder.js";
import type {ActorId, ObjectId, TaskId} from "../ids.js";
import {exitLimitMs} from "../limits.js";
import {BelievedCodes} from "../io/agent/codes.js";
import {startAgent} from "../io/agent/agent-thread.js";
import {Channel, type ChannelEnd} from "../io/threads/channel.js";
import {UserCodec} from "../io/threads/compact.js";
import type {
  AgentRole,
  ClientReply,
  ClientRequest,
  FromAgent,
  ToAgent,
} from "../io/threads/ports.js";
import type {ClusterAddress, ProcessLog} from "../messages.js";
import {Surroundings} from "../shipping/setup/surroundings.js";
import type {TraceEvent} from "../trace.js";

/**
 * Starts a head, a node and workers, which end with this process. Tasks can be submitted at once.
 */
export function startCluster(options: ClusterOptions = {}): ClusterBackend {
  checkFolder();
  const began = new Date(Date.now() - nowUs() / 1000).toISOString();
  // The trace of a process has the workers of all its clusters: no two go by one name.
  const workerPrefix = ++started === 1 ? "w" : `c${started}w`;
  return open({role: "start", options, epochNs: String(epoch()), epoch: began, workerPrefix});
}
let started = 0;

/** Joins a running cluster as one more driver. */
export function connectCluster(address: ClusterAddress): ClusterBackend {
  setEpoch(BigInt(address.epochNs));
  return open({role: "connect", address});
}

function open(role: AgentRole): ClusterBackend {
  const {thread, end} = startAgent(role);
  return new ClusterBackend(new ThreadDoor(thread, end));
}

/** The way to the agent thread. */
export interface Door {
  send(message: ClientRequest): void;
  onReply(listener: (reply: ClientReply) => void): void;
  /** While something is awaited the process stays alive. */
  hold(isHeld: boolean): void;
  end(): Promise<void>;
}

interface Asked {
  kind: Answer["kind"] | "up";
  settle(reply: ClientReply): void;
  fail(error: Error): void;
}

export class ClusterBackend implements Backend, Traced, Cluster {
  readonly can = {runHere: false};
  readonly ids = randomIds;
  /** The address, once the head is up; workers may still be starting. */
  readonly ready: Promise<ClusterAddress>;
  readonly #door: Door;
  /** In a worker: the calls of `get` and `wait` come from tasks. */
  readonly #inTasks: boolean;
  readonly #asked = new Map<number, Asked>();
  readonly #codes = new BelievedCodes();
  /** As its processes have them: they begin when this does. */
  readonly #surroundings = new Surroundings();
  readonly #failed: ((object: ObjectId, error?: Frames) => void)[] = [];
  readonly #unfetched: ((unfetched: UnfetchedError) => void)[] = [];
  readonly #collects: (() => Promise<number>)[] = [];
  readonly #outputs: ((output: TaskOutput) => void)[] = [];
  readonly #logs: ((line: string) => void)[] = [];
  readonly #losses: ((loss: Loss) => void)[] = [];
  readonly #waitings: ((news: WaitingNews) => void)[] = [];
  readonly #watchers = new Set<(events: TraceEvent[]) => void>();
  #isUp!: (address: ClusterAddress) => void;
  #isNotUp!: (error: Error) => void;
  #lastRequest = 0;
  #down: string | null = null;
  /** The agent has ended too: nothing is answered any more. */
  #isGone = false;
  #closing: Promise<void> | null = null;

  constructor(door: Door, {inTasks = false} = {}) {
    this.#door = door;
    this.#inTasks = inTasks;
    this.ready = new Promise((resolve, reject) => {
      this.#isUp = resolve;
      this.#isNotUp = reject;
    });
    this.ready.catch(() => {});
    door.onReply((reply) => this.hear(reply));
    if (!inTasks) this.#expect(starting, {kind: "up", settle() {}, fail() {}});
  }

  // ---- Backend ----

  get isDown(): boolean {
    return this.#down !== null;
  }

  surroundings(): ShippedPart | undefined {
    return this.#surroundings.part();
  }

  submit(call: TaskCall): void {
    const {hash} = call.code;
    const pieces = this.#codes.missing(call.code);
    const code = {hash, frames: [], parts: []};
    this.#door.send({kind: "submit", call: {...call, code}, pieces});
    // Only now: an interrupt before this line sends them once more.
    this.#codes.sent(call.code);
  }

  put(object: ObjectId, value: Frames, refs: ObjectId[]): void {
    this.#door.send({kind: "put", object, frames: value, refs});
  }

  async get(objects: ObjectId[], {timeoutMs, signal}: GetOptions): Promise<ObjectOutcome[]> {
    if (objects.length === 0) return [];
    const by = this.#caller();
    const ask = (request: number): ClientRequest => {
      return {kind: "get", request, objects, timeoutMs: timeoutMs ?? null, by};
    };
    const reply = await this.#ask("got", ask, signal);
    if (reply.outcomes === null) throw new GetTimeoutError(`not there after ${timeoutMs} ms`);
    return reply.outcomes;
  }

  async wait(objects: ObjectId[], {numReturns, timeoutMs}: WaitOptions): Promise<ObjectId[]> {
    const by = this.#caller();
    const reply = await this.#ask("ready", (request) => ({
      kind: "wait",
      request,
      objects,
      numReturns,
      timeoutMs: timeoutMs ?? null,
      by,
    }));
    return reply.positions.map((position) => objects[position]!);
  }

  async cancel(
    object: ObjectId,
    {force, recursive}: {force: boolean; recursive: boolean},
  ): Promise<void> {
    await this.#ask("cancelled", (request) => ({
      kind: "cancel",
      request,
      object,
      force,
      recursive,
    }));
  }
  async killActor(actor: ActorId, {restart}: {restart: boolean}): Promise<void> {
    await this.#ask("actor-killed", (request) => ({kind: "kill-actor", request, actor, restart}));
  }
  async findActor(name: string): Promise<{found: FoundActor | null; names: string[]}> {
    return this.#ask("actor-found", (request) => ({kind: "find-actor", request, name}));
  }
  cancelCell(cell: string): void {
    this.#door.send({kind: "cancel-cell", cell});
  }
  hold(objects: ObjectId[]): void {
    if (this.#down === null) this.#door.send({kind: "hold", objects});
  }
  release(objects: ObjectId[]): void {
    if (this.#down === null) this.#door.send({kind: "release", objects});
  }
  leave(left: LeftObjects[]): void {
    if (this.#down === null) this.#door.send({kind: "leave", left});
  }
  onUnfetched(listener: (unfetched: UnfetchedError) => void): void {
    this.#unfetched.push(listener);
  }
  /** A task's refs may go on in its result: what it leaves is told when it is collected. */
  onFailed(listener: (object: ObjectId, error?: Frames) => void): void {
    if (!this.#inTasks) this.#failed.push(listener);
  }
  onCollect(collect: () => Promise<number>): void {
    this.#collects.push(collect);
  }
  onOutput(listener: (output: TaskOutput) => void): void {
    this.#outputs.push(listener);
  }

  /** Leaves the cluster; whoever started it ends it with all its processes. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }
  async #close(): Promise<void> {
    const lost = this.#down;
    if (!this.#isGone) await this.#ask("stopped", (request) => ({kind: "stop", request}));
    this.#end(this.#down ?? "this process has left the cluster", true);
    await this.#door.end();
    this.#end(
      lost ?? "the cluster was stopped, and with it what its tasks made; run them again",
      true,
    );
  }

  // ---- Traced ----

  watch(listener: (events: TraceEvent[]) => void): () => void {
    if (this.#watchers.size === 0) this.#door.send({kind: "watch-trace"});
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }
  async flushTrace(): Promise<void> {
    await this.#ask("trace-flushed", (request) => ({kind: "flush-trace", request}));
  }
  /** Events that this thread made itself, into the one stream. */
  trace(events: TraceEvent[]): void {
    this.#door.send({kind: "trace", events});
  }

  // ---- the cluster as a whole ----

  /** `settled`: as soon as every worker that is being started is there, or has failed. */
  async status({settled = false} = {}): Promise<ClusterStatus> {
    const ask = (request: number): ClientRequest => ({kind: "status", request, settled});
    return (await this.#ask("status", ask)).status;
  }
  async scale(workers: number, maxWorkers = workers): Promise<ClusterStatus> {
    return (await this.#ask("status", (request) => ({kind: "scale", request, workers, maxWorkers})))
      .status;
  }
  /** Gives what the cluster's processes wrote outside of tasks. */
  async logs(): Promise<string> {
    const {logs} = await this.#ask("logs", (request) => ({kind: "logs", request}));
    return logs.map(logText).join("\n");
  }
  /** Hears once of each kind of task that waits for more than a free worker, with the reason. */
  onWaiting(listener: (news: WaitingNews) => void): void {
    this.#waitings.push(listener);
  }
  /** Hears what the links refused or dropped, and why. */
  onLog(listener: (line: string) => void): void {
    this.#logs.push(listener);
  }
  /** Hears once when the cluster is gone though this process has not left it. */
  onLost(listener: (loss: Loss) => void): void {
    this.#losses.push(listener);
  }
  /**
   * A port that receives `TraceEvent[]`, straight from the agent thread, whatever this one does.
   */
  tracePort(): MessagePort {
    const {port1, port2} = new MessageChannel();
    this.#door.send({kind: "feed", port: port1});
    return port2;
  }
  /** A port that takes `{kind: "cancel-cell", cell}` from any thread, whatever this one does. */
  cancelPort(): MessagePort {
    const {port1, port2} = new MessageChannel();
    this.#door.send({kind: "cancels", port: port1});
    return port2;
  }

  // ---- the agent ----

  hear(reply: ClientReply): void {
    switch (reply.kind) {
      case "up":
        this.#isUp(reply.address);
        return this.#forget(starting);
      case "down":
        return this.#lost(reply);
      case "failed":
        for (const listener of this.#failed) listener(reply.object, reply.error);
        return;
      case "unfetched":
        for (const listener of this.#unfetched) listener(reply.unfetched);
        return;
      case "collect":
        return void this.#collect(reply.round);
      case "output":
        for (const listener of this.#outputs) listener(reply.output);
        return;
      case "trace":
        for (const listener of this.#watchers) listener(reply.events);
        return;
      case "log":
        for (const listener of this.#logs) listener(reply.line);
        return;
      case "task-waits": {
        const {fn, cell, shape, reason} = reply;
        for (const listener of this.#waitings)
          listener({fn, cell, resources: shape.resources, reason});
        return;
      }
      default: {
        const asked = this.#asked.get(reply.request);
        if (!asked) return;
        this.#forget(reply.request);
        return asked.settle(reply);
      }
    }
  }

  async #collect(round: number | null): Promise<void> {
    let tookMs = 0;
    for (const collect of this.#collects) tookMs += await collect();
    if (round !== null && this.#down === null) {
      this.#door.send({kind: "collected", round, tookMs});
    }
  }

  #caller(): TaskId | null {
    return this.#inTasks ? (ambient().parent as TaskId | null) : null;
  }

  #ask<Kind extends Answer["kind"]>(
    kind: Kind,
    message: (request: number) => ClientRequest,
    signal?: AbortSignal,
  ): Promise<Answer & {kind: Kind}> {
    const request = ++this.#lastRequest;
    const life = this.#inTasks && cutShort.has(kind) ? ambient().life : null;
    return new Promise((resolve, reject) => {
      if (this.#isGone) return reject(new ClusterStoppedError(this.#down ?? ""));
      if (signal?.aborted) return reject(signal.reason as Error);
      const giveUp = (reason: Error): void => {
        leave();
        this.#forget(request);
        this.#door.send({kind: "give-up", request});
        reject(reason);
      };
      const abort = (): void => giveUp(signal!.reason as Error);
      signal?.addEventListener("abort", abort, {once: true});
      const forgetLife = life?.onCancel(giveUp);
      const leave = (): void => {
        forgetLife?.();
        signal?.removeEventListener("abort", abort);
      };
      this.#expect(request, {
        kind,
        settle(reply) {
          leave();
          resolve(reply as Answer & {kind: Kind});
        },
        fail(error) {
          leave();
          reject(error);
        },
      });
      this.#door.send(message(request));
    });
  }
  #expect(request: number, asked: Asked): void {
    this.#asked.set(request, asked);
    if (this.#asked.size === 1) this.#door.hold(true);
  }
  #forget(request: number): void {
    this.#asked.delete(request);
    if (this.#asked.size === 0) this.#door.hold(false);
  }

  #lost({reason, agentToo, lastWords}: ClientReply & {kind: "down"}): void {
    const isNews = this.#down === null && this.#closing === null;
    this.#end(reason, agentToo);
    if (!isNews) return;
    const loss = {reason, lastWords: lastWords ? logText(lastWords) : ""};
    for (const listener of this.#losses) listener(loss);
  }

  /** The agent still answers for tasks and values; what only the cluster could answer fails. */
  #end(reason: string, agentToo = false): void {
    this.#down = reason;
    this.#isGone ||= agentToo;
    this.#isNotUp(new ClusterStoppedError(reason));
    for (const [request, {kind, fail}] of this.#asked) {
      if (!agentToo && !clusterAnswers.has(kind)) continue;
      this.#forget(request);
      fail(new ClusterStoppedError(reason));
    }
  }
}

/** The request that nobody made: to be up. */
const starting = 0;
type Answer = Extract<ClientReply, {request: number}>;
/** The kinds of answer that a cancelled task no longer waits for. */
const cutShort = new Set<Answer["kind"]>(["got", "ready"]);
const clusterAnswers = new Set<Asked["kind"]>([
  "up",
  "status",
  "logs",
  "trace-flushed",
  "actor-killed",
  "actor-found",
]);

function logText({name, pid, lines}: ProcessLog): string {
  return [`== ${name} (pid ${pid})`, ...lines].join("\n");
}

/** An agent thread of this process's own. */
class ThreadDoor implements Door {
  readonly #thread: Worker;
  readonly #channel: Channel<ToAgent, FromAgent>;
  readonly #onExit = (): void => closeBeforeExit(this.#channel);
  #listener: (reply: ClientReply) => void = () => {};

  constructor(thread: Worker, end: ChannelEnd) {
    this.#thread = thread;
    this.#channel = new Channel<ToAgent, FromAgent>(end, {
      codec: new UserCodec(),
      hear: (reply) => this.#listener(reply as ClientReply),
      mayWait: true,
    });
    thread.on("error", (error) => {
      const reason = `the link to the cluster failed: ${error.stack ?? String(error)}`;
      this.#listener({kind: "down", reason, agentToo: true});
    });
    // Nobody would answer: the thread is gone, and its sockets with it.
    thread.on("exit", () => process.off("exit", this.#onExit));
    thread.unref();
    this.#channel.port.unref();
    process.on("exit", this.#onExit);
  }
  send(message: ClientRequest): void {
    this.#channel.send(message);
  }
  onReply(listener: (reply: ClientReply) => void): void {
    this.#listener = listener;
  }
  hold(isHeld: boolean): void {
    if (isHeld) this.#channel.port.ref();
    else this.#channel.port.unref();
  }
  async end(): Promise<void> {
    process.off("exit", this.#onExit);
    this.#channel.port.close();
    await this.#thread.terminate();
  }
}

/** A thread that ends with open sockets would abort the process: they are closed first. */
export function closeBeforeExit(channel: Channel<ToAgent, FromAgent>): void {
  const closed = new Int32Array(new SharedArrayBuffer(4));
  channel.send({kind: "exit", closed});
  Atomics.wait(closed, 0, 0, exitLimitMs);
}
