// The seam. Everything above it (remote, get, put, wait, cancel, magics) never asks which backend it
// has; everything below it never sees a live value, only frames that the codec made.
//
// Three backends stand behind it: *sequential* (in this process, one task after another: the diagrams'
// baseline and the tests' oracle), *cluster* (our head and workers) and, later, *Ray*.

import type {ActorId, ObjectId, RunId, TaskId} from "./ids.js";
import type {Shown} from "./show/displayable.js";
import type {CallId, TraceEvent} from "./trace.js";

export interface Backend {
  readonly name: "sequential" | "cluster" | "ray";
  /** It was left, stopped or lost, for good: nothing runs there any more. */
  readonly isDown?: boolean;
  /** Returns at once; the result is `objectId(call.task)`. Leaves even while this thread is busy. */
  submit(call: TaskCall): void;
  /**
   * How the environment and the working folder of this process differ now from those that its
   * processes began with; undefined when they don't, or its tasks run here.
   */
  surroundings?(): ShippedPart | undefined;
  /** Returns at once. `refs`: objects that the value holds. */
  put(object: ObjectId, value: Frames, refs: ObjectId[]): void;
  /**
   * Outcomes in the order of `objects`, when the last is there.
   * Rejects with GetTimeoutError (the tasks go on) or the signal's reason.
   */
  get(objects: ObjectId[], options: GetOptions): Promise<ObjectOutcome[]>;
  /**
   * Resolves when `numReturns` are ready or `timeoutMs` is over. Gives all objects that are ready
   * then, in input order.
   */
  wait(objects: ObjectId[], options: WaitOptions): Promise<ObjectId[]>;
  /** Resolves when the cancellation has been passed on; a finished task stays finished. */
  cancel(object: ObjectId, options: {force: boolean; recursive: boolean}): Promise<void>;
  /**
   * Ends an actor, whatever it does; with `restart` it is made anew, as often as its maxRestarts allow.
   * Resolves when it has been ended. One that is dead already stays dead.
   */
  killActor(actor: ActorId, options: {restart: boolean}): Promise<void>;
  /** The living actor that goes by `name`, and those names that are taken. The caller holds it then. */
  findActor(name: string): Promise<{found: FoundActor | null; names: string[]}>;
  /** Cancels every unfinished task of a cell, and what it still submits: an interrupted cell may run on. */
  cancelCell(cell: string): void;
  /** Refs of these came out of a value: this process holds them (again), until it releases them. */
  hold(objects: ObjectId[]): void;
  /** This process holds these refs no longer. */
  release(objects: ObjectId[]): void;
  /**
   * As `release`, of results of this process's tasks that nobody has asked for. Nothing is fetched:
   * a task of theirs that has failed, or fails later, is told to `onUnfetched`, with its error.
   */
  leave(left: LeftObjects[]): void;
  onUnfetched(listener: (unfetched: UnfetchedError) => void): void;
  /**
   * Hears of each task of this process that has failed, wanted or not; inside of tasks it is not told.
   * `error`: of an actor that could not be made, which its object does not tell.
   */
  onFailed?(listener: (object: ObjectId, error?: Frames) => void): void;
  /**
   * Calls `collect` when a task or an actor waits for what dropped refs of this process may hold.
   * `collect` releases those refs, and gives for how many milliseconds the program stood still.
   */
  onCollect?(collect: () => Promise<number>): void;
  /** What workers print, by the cell that submitted; and errors that nobody fetched. */
  onOutput(listener: (output: TaskOutput) => void): void;
  close(): Promise<void>;
}

/** Objects that were left, with the function and the cell whose tasks make them. */
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
  /** The function's name, for people. */
  fn: string;
  /** The shipped function; it and its parts travel once per worker and hash. */
  code: ShippedCode;
  args: Frames;
  /** Top-level arguments that are refs: the task gets their values in these places. */
  argRefs: {index: number; object: ObjectId}[];
  /** Refs inside of arguments or captured values: passed on as refs. */
  nestedRefs: ObjectId[];
  options: TaskOptions;
  context: TaskContext;
  /** It makes an actor, or calls one's method. */
  actor?: ActorPart;
}

/**
 * `creation`: `code` is the class, `args` are for its constructor, and the result is what holders of the
 * actor hold. `call`: of a method, in the order of submission; `code` is `methodCode` with the parts that
 * the arguments need.
 */
export type ActorPart =
  | ({kind: "creation"; actor: ActorId; face: ActorFace} & ActorOptions)
  | {kind: "call"; actor: ActorId; method: string};

/** What a handle knows of its actor. */
export interface ActorFace {
  /** The class's name, or the one that its `name` option gives to diagrams. */
  className: string;
  methods: string[];
  /** How often a call is sent again after the actor's process was lost; -1: without end. */
  maxTaskRetries: number;
}

export interface ActorOptions {
  /** Held while it lives; the `resources` of its TaskOptions only until it is made. */
  keeps: Record<string, number>;
  /** By which `getActor` finds it; null for none. */
  name: string | null;
  /** It lives on when nobody holds it: until it is killed, or the cluster ends. */
  detached: boolean;
  /** How often it is made anew after its process was lost; -1: without end. */
  maxRestarts: number;
  /** So many of its calls may have begun at once. */
  maxConcurrency: number;
}

export interface FoundActor {
  actor: ActorId;
  face: ActorFace;
}

/** What travels to each worker once, under the hash of its content. */
export interface ShippedPart {
  hash: string;
  frames: Frames;
}

/** A function: `frames` are the values that it captures, as of one `.remote()`. */
export interface ShippedCode extends ShippedPart {
  /** What stays the same when a value changes: texts, local files, large memory. */
  parts: readonly ShippedPart[];
}

/** The code of every call of a method: the actor has its class. */
export const methodCode: ShippedCode = {hash: "method", frames: [], parts: []};

/** Where a task comes from. */
export interface TaskContext {
  run: RunId;
  /** The cell that submitted, as the kernel names it; output and interrupts follow it. "" outside of cells. */
  cell: string;
  parent: CallId | TaskId | null;
  /** How many tasks it is nested in. Deeper tasks go first, so that waiting parents get on. */
  depth: number;
}

export interface TaskOptions {
  /** Logical resources by name, zeros left out: {CPU: 1}; "memory" in bytes. */
  resources: Record<string, number>;
  /** How often it is run again after its worker was lost. -1: without end. */
  maxRetries: number;
  /** Run again when it throws: never, always, or when the error's name is in the list. */
  retryExceptions: boolean | string[];
  /** Higher goes first. */
  priority: number;
  /** Cancelled when it runs longer. */
  timeoutMs?: number;
  /**
   * For how long the task's code may run on after it was cancelled, before its process is ended.
   */
  cancelGraceMs?: number;
}

export interface GetOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
}
export interface WaitOptions {
  numReturns: number;
  timeoutMs?: number;
}

export type ObjectOutcome = {ok: true; value: Frames} | {ok: false; error: Frames};

/** What a task has printed, or shown. */
export interface TaskOutput {
  cell: string;
  fn: string;
  task: TaskId;
  pid: number;
  node: string;
  name: "stdout" | "stderr";
  text: string;
  /** It was shown by `display`: `text` is the same in words. */
  shown?: TaskShown;
}

export interface TaskShown extends Shown {
  displayId: string;
  /** It replaces what was shown under that id. */
  update: boolean;
}

export interface Traced {
  /** Hears every event of the backend; returns how to stop hearing. */
  watch(listener: (events: TraceEvent[]) => void): () => void;
  /** Resolves when every event of what has happened so far has been heard. */
  flushTrace(): Promise<void>;
}

export const inlineLimitBytes = 100 * 1024;
