// The seam. Everything above it (remote, get, put, wait, cancel, magics) never asks which backend
// it has; everything below it never sees a live value, only frames that the codec made.
//
// Three backends stand behind it: *sequential* (in this process, one task after another: the
// diagrams' baseline and the tests' oracle), *cluster* (our head and workers) and, later, *Ray*.

import type {ActorId, ObjectId, RunId, TaskId} from "./ids.js";
import type {Shown} from "./show/displayable.js";
import type {CallId, TraceEvent} from "./trace.js";

export interface Backend {
  readonly name: "sequential" | "cluster" | "ray";
  /** True once the backend was stopped or lost for good: nothing runs there any more. */
  readonly isDown?: boolean;
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
  surroundings?(): ShippedPart | undefined;
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
  onFailed?(listener: (object: ObjectId, error?: Frames) => void): void;
  /**
   * Calls `collect` when a task or an actor waits for what dropped refs of this process may hold.
   * `collect` releases those refs, and gives for how many milliseconds the program stood still.
   */
  onCollect?(collect: () => Promise<number>): void;
  /** Hears the output of tasks, with the cell that submitted each task. */
  onOutput(listener: (output: TaskOutput) => void): void;
  close(): Promise<void>;
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

export const inlineLimitBytes = 100 * 1024;
