// The seam. Everything above it (remote, get, put, wait, cancel, magics) never asks which engine
// runs its tasks; everything below it never sees a live value, only frames that the codec made.
//
// An engine has up to three sides: a `Backend` runs tasks and actors and keeps objects, `Traced`
// tells what happens, and a `Cluster` is the processes as a whole. Differences that matter above
// the seam are capabilities. The table of engines is backends/all.ts.

import type {MessagePort} from "node:worker_threads";
import type {ActorId, ClientId, NodeId, ObjectId, RunId, TaskId, WorkerId} from "./ids.js";
import type {Shown} from "./show/displayable.js";
import type {CallId, TraceEvent} from "./trace.js";

export interface Backend {
  readonly can: Capabilities;
  /** Names new tasks, actors and values. An engine with ids of its own brings them. */
  readonly ids: Ids;
  /** True once the backend was stopped or lost for good: nothing runs there any more. */
  readonly isDown: boolean;
  /**
   * Submits a task and returns at once. The result will be `objectId(call.task)`. The task leaves
   * even while this thread is busy.
   */
  submit(call: TaskCall): void;
  /**
   * Tells how the environment and the working folder of this process differ now from those that the
   * backend's processes began with. Undefined when they do not differ, or when tasks run in this
   * process.
   */
  surroundings(): ShippedPart | undefined;
  /** Stores a value and returns at once. `refs` are the objects whose refs the value holds. */
  put(object: ObjectId, value: Frames, refs: ObjectId[]): void;
  /**
   * Gives outcomes in the order of `objects`, when the last is there.
   * Rejects with GetTimeoutError (the tasks go on) or the signal's reason.
   */
  get(objects: ObjectId[], options: GetOptions): Promise<ObjectOutcome[]>;
  /**
   * Resolves when `numReturns` objects are ready or `timeoutMs` is over. Gives all objects that are
   * ready then, in the order of `objects`.
   */
  wait(objects: ObjectId[], options: WaitOptions): Promise<ObjectId[]>;
  /** Resolves when the cancellation has been passed on; a finished task stays finished. */
  cancel(object: ObjectId, options: {force: boolean; recursive: boolean}): Promise<void>;
  /**
   * Ends an actor, whatever the actor does. With `restart` the actor is made again, as often as its
   * maxRestarts allows. Resolves when the actor has been ended. A dead actor stays dead.
   */
  killActor(actor: ActorId, options: {restart: boolean}): Promise<void>;
  /**
   * Finds the living actor that has this name, and lists the names that are taken. The caller then
   * holds the actor.
   */
  findActor(name: string): Promise<{found: FoundActor | null; names: string[]}>;
  /**
   * Cancels every unfinished task of a cell, and every task that the cell still submits: an
   * interrupted cell may run on.
   */
  cancelCell(cell: string): void;
  /** Tells that refs of these objects came out of a value: this process holds them from now on. */
  hold(objects: ObjectId[]): void;
  /** Tells that this process holds these objects no longer. */
  release(objects: ObjectId[]): void;
  /**
   * Releases results of this process's tasks that nobody has asked for. Nothing is fetched. A task
   * that has failed, or fails later, is told to `onUnfetched`, with its error.
   */
  leave(left: LeftObjects[]): void;
  onUnfetched(listener: (unfetched: UnfetchedError) => void): void;
  /**
   * Hears of each task of this process that has failed, whether or not somebody waits for its
   * result. Inside of tasks nothing is told. `error` is given for an actor that could not be made,
   * whose object does not tell the error.
   */
  onFailed(listener: (object: ObjectId, error?: Frames) => void): void;
  /**
   * Calls `collect` when a task or an actor waits for what dropped refs of this process may hold.
   * `collect` releases those refs, and gives for how many milliseconds the program stood still.
   */
  onCollect(collect: () => Promise<number>): void;
  /** Hears the output of tasks, with the cell that submitted each task. */
  onOutput(listener: (output: TaskOutput) => void): void;
  close(): Promise<void>;
}

/** The abilities of an engine, where code above the seam has to know them. */
export interface Capabilities {
  /**
   * Tasks run in this process. A value may hold refs of any backend, since all of them are at hand,
   * and actors of other backends can be called from there.
   */
  readonly runHere: boolean;
}

/** Ids that were never used before. An id tells what it belongs to: see ids.ts. */
export interface Ids {
  /** The id of a new task's result. */
  newResult(): ObjectId;
  /** The id of the result of a new call of an actor's method. */
  newCallResult(actor: ActorId): ObjectId;
  newActor(): ActorId;
  /** The id of a value that is put: a return value of no task. */
  newPut(): ObjectId;
}

/** Objects that were let go of unseen, with the function and the cell whose tasks make them. */
export interface LeftObjects {
  fn: string;
  cell: string;
  objects: ObjectId[];
}

/** A failed task whose error nobody has fetched. */
export interface UnfetchedError {
  fn: string;
  cell: string;
  object: ObjectId;
  error: Frames;
}

/** A value as the codec wrote it: a header, then raw buffers. */
export type Frames = Uint8Array[];

export interface TaskCall {
  task: TaskId;
  /** The function's name, as people see it. */
  fn: string;
  /** The shipped function. The function and its parts travel to each worker once per hash. */
  code: ShippedCode;
  args: Frames;
  /** Top-level arguments that are refs: the task gets their values in these places. */
  argRefs: {index: number; object: ObjectId}[];
  /** Refs inside of arguments or captured values, which the task gets as refs. */
  nestedRefs: ObjectId[];
  options: TaskOptions;
  context: TaskContext;
  /** Present when the task makes an actor, or calls a method of one. */
  actor?: ActorPart;
}

/**
 * The actor's part in a task. In a `creation`, `code` is the class, `args` are the arguments of its
 * constructor, and the result is the object that holders of the actor hold. In a `call` of a
 * method, `code` is `methodCode` with the parts that the arguments need. Calls run in the order of
 * submission.
 */
export type ActorPart =
  | ({kind: "creation"; actor: ActorId; face: ActorFace} & ActorOptions)
  | {kind: "call"; actor: ActorId; method: string};

/** The facts about an actor that a handle knows. */
export interface ActorFace {
  /** The class's name, as diagrams show it. */
  className: string;
  methods: string[];
  /** How often a call is sent again after the actor's process was lost; -1: always. */
  maxTaskRetries: number;
}

export interface ActorOptions {
  /**
   * The resources that the actor holds while it lives. The `resources` of its TaskOptions are held
   * only until it is made.
   */
  keeps: Record<string, number>;
  /** The name by which `getActor` finds the actor; null for none. */
  name: string | null;
  /** True for an actor that lives until it is killed or the cluster ends, held or not. */
  detached: boolean;
  /** How often the actor is made again after its process was lost; -1: always. */
  maxRestarts: number;
  /** How many calls of the actor may be under way at once. */
  maxConcurrency: number;
}

export interface FoundActor {
  actor: ActorId;
  face: ActorFace;
}

/** A piece that travels to each worker once, under the hash of its content. */
export interface ShippedPart {
  hash: string;
  frames: Frames;
}

/** A shipped function. `frames` are the values that it captures, as of one `.remote()`. */
export interface ShippedCode extends ShippedPart {
  /** The pieces that stay the same when a value changes: texts, local files, large memory. */
  parts: readonly ShippedPart[];
}

/** The code of every call of a method. It is empty, because the actor has its class. */
export const methodCode: ShippedCode = {hash: "method", frames: [], parts: []};

/** The origin of a task. */
export interface TaskContext {
  run: RunId;
  /**
   * The cell that submitted the task, as the kernel names it; "" outside of cells. Output goes to
   * this cell, and interrupts of the cell reach the task.
   */
  cell: string;
  parent: CallId | TaskId | null;
  /**
   * How many tasks the task is nested in. Deeper tasks go first, so that waiting parents get on.
   */
  depth: number;
}

export interface TaskOptions {
  /** Logical resources by name, zeros left out: {CPU: 1}; "memory" in bytes. */
  resources: Record<string, number>;
  /** How often the task runs again after its worker was lost; -1: always. */
  maxRetries: number;
  /** Whether a task that throws runs again: never, always, or for errors with these names. */
  retryExceptions: boolean | string[];
  /** Of waiting tasks, those with a higher number go first. */
  priority: number;
  /** A task that runs longer is cancelled. */
  timeoutMs?: number;
  /**
   * For how long the task's code may run on after it was cancelled, before its process is ended.
   */
  cancelGraceMs?: number;
}

export interface GetOptions {
  /** How long to wait, in milliseconds. Default: no bound. */
  timeoutMs?: number;
  /** Ends the wait when it aborts; the signal's reason is thrown. Default: none. */
  signal?: AbortSignal;
}
export interface WaitOptions {
  /** The number of objects to wait for. */
  numReturns: number;
  /** How long to wait, in milliseconds. Default: no bound. */
  timeoutMs?: number;
}

export type ObjectOutcome = {ok: true; value: Frames} | {ok: false; error: Frames};

/** Output of a task: text that it printed, or a value that it displayed. */
export interface TaskOutput {
  cell: string;
  fn: string;
  task: TaskId;
  pid: number;
  node: string;
  name: "stdout" | "stderr";
  text: string;
  /** Present when the output was shown by `display`; `text` then says the same in words. */
  shown?: TaskShown;
}

export interface TaskShown extends Shown {
  displayId: string;
  /** True when this output replaces the one that was shown under the same id. */
  update: boolean;
}

export interface Traced {
  /** Hears every event of the backend. Returns a function that ends this. */
  watch(listener: (events: TraceEvent[]) => void): () => void;
  /** Resolves when listeners have heard every event that has happened so far. */
  flushTrace(): Promise<void>;
}

/** The processes that run tasks, as a whole. */
export interface Cluster {
  /** Resolves when tasks can run; rejects when the cluster could not be started or reached. */
  readonly ready: Promise<unknown>;
  /** `settled`: waits until every worker that is being started is there, or has failed. */
  status(options?: {settled?: boolean}): Promise<ClusterStatus>;
  /** Changes the number of worker processes. */
  scale(workers: number, maxWorkers: number): Promise<ClusterStatus>;
  /** Gives what the processes wrote outside of tasks. */
  logs(): Promise<string>;
  /** Hears once of each kind of task that waits for more than a free worker, with the reason. */
  onWaiting(listener: (news: WaitingNews) => void): void;
  /** Hears once when the cluster is gone though this process has not left it. */
  onLost(listener: (loss: Loss) => void): void;
  /** A port that receives `TraceEvent[]`, for another thread, whatever this one does. */
  tracePort(): MessagePort;
  /** A port that takes `{kind: "cancel-cell", cell}` from any thread, whatever this one does. */
  cancelPort(): MessagePort;
}

/**
 * The options of the cluster that `cluster.start` and `%cluster start` start on this machine.
 *
 * @example
 * ```ts
 * import {cluster, type ClusterOptions} from "tasklab";
 *
 * const small: ClusterOptions = {workers: 2};
 * const large: ClusterOptions = {workers: 16, resources: {tpu: 1}, storeMemory: 8 * 2 ** 30};
 * const isLarge = process.env["LARGE"] === "1";
 * await cluster.start(isLarge ? large : small);
 * ```
 */
export interface ClusterOptions {
  /**
   * The number of worker processes from the start. Default: the whole number of `cpus`, or else of
   * the machine's cores.
   */
  workers?: number | undefined;
  /**
   * The most worker processes: more are started when ready tasks find no free process. Default:
   * `workers`.
   */
  maxWorkers?: number | undefined;
  /** The logical CPUs that tasks may hold. Default: the machine's cores. */
  cpus?: number | undefined;
  /** The GPUs that tasks may hold. Default: 0. */
  gpus?: number | undefined;
  /** Amounts of other resources by name, such as {tpu: 1}. Default: none. */
  resources?: Readonly<Record<string, number>> | undefined;
  /**
   * The bytes that large values may fill in the machine's object store, at least 1 MiB. Default:
   * 30 % of the machine's memory.
   */
  storeMemory?: number | undefined;
  /**
   * A worker beyond `workers` that has been idle for so many milliseconds is stopped. Default:
   * 10,000.
   */
  idleMs?: number | undefined;
}

/** The sides that every engine has. */
export type Engine = Backend & Traced;

/** An engine that was opened by its address. `cluster` is null where there are no processes. */
export interface Opened {
  readonly backend: Engine;
  readonly cluster: Cluster | null;
}

/** How a cluster was lost. */
export interface Loss {
  reason: string;
  /** The last lines that the cluster's head wrote; "" when another process had started the head. */
  lastWords: string;
}

export interface WaitingNews {
  /** The function of the first task that waits, and the cell that submitted it. */
  fn: string;
  cell: string;
  /** The resources that the waiting tasks need. */
  resources: Resources;
  /** A sentence that says why these tasks wait, and what to do. */
  reason: string;
}

/** Amounts of logical resources by name. */
export type Resources = Record<string, number>;

/** The state of a cluster, as `cluster.status()` gives it. */
export interface ClusterStatus {
  /** The head's address. */
  head: string;
  /** When the head started, in microseconds since the session's epoch. */
  sinceUs: number;
  nodes: NodeStatus[];
  drivers: {client: ClientId; pid: number}[];
  /** How many leases are wanted for each set of resources. */
  waiting: {shape: Resources; count: number}[];
}
/** The state of one node and its workers. */
export interface NodeStatus {
  node: NodeId;
  /** The machine's name. */
  host: string;
  /** Resources in all, by name: CPU, GPU, memory in bytes, and others. */
  resources: Resources;
  /** The resources that no task or actor holds now. */
  free: Resources;
  maxWorkers: number;
  /** The bytes of the values in the node's store. */
  storeBytes: number;
  /** The number of values in the node's store. */
  storeObjects: number;
  /** The bytes that the store may hold. */
  storeLimitBytes: number;
  workers: {
    worker: WorkerId;
    /** The process's id; 0 while the process starts. */
    pid: number;
    /** "waiting" says that all tasks of the worker wait in `get` or `wait`. */
    state: "starting" | "idle" | "busy" | "waiting";
    /** The number of leases on the worker, waiting ones included. */
    tasks: number;
    /** The class of the actor whose process this is, if it is one's. */
    actor?: string;
  }[];
}

export const inlineLimitBytes = 100 * 1024;
