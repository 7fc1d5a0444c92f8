// The trace: everything that happens, as one stream of flat events. Diagrams, tables, magics and
// exports are functions of it; no fact is kept twice.
//
// Times (`at`) are microseconds of the machine's monotonic clock since the session's epoch. A *run*
// is one execution of a cell; every event of its work carries the run. A *call* is a plain call of
// one of the notebook's own functions in a `%%sequential` cell; a *task* is a call once the cluster
// knows it. Both are drawn as bars, share names and colours, and may be each other's parent. Events
// of one task come from several processes and may arrive out of order: fold by id, sort by `at`.

import type {ActorId, NodeId, ObjectId, RunId, TaskId, WorkerId} from "./ids.js";

/** The id of a plain call in a `%%sequential` cell, unique within the session. */
export type CallId = string & {readonly brand: "call"};

export type RunMode = "sequential" | "distributed" | "plain";

export type TraceEvent =
  | RunStarted
  | RunEnded
  | CallStarted
  | CallEnded
  | CallsFolded
  | TaskSubmitted
  | TaskLeased
  | TaskStarted
  | TaskBlocked
  | TaskUnblocked
  | TaskEnded
  | ObjectFetched
  | NodeJoined
  | NodeLeft
  | WorkerStarting
  | WorkerJoined
  | WorkerLeft
  | ActorPlaced
  | ActorEnded
  | ScaleDecided;

export interface RunStarted {
  kind: "run-started";
  at: number;
  run: RunId;
  mode: RunMode;
  /** Two runs of one name are drawn on one time axis. "" is the notebook's own name. */
  name: string;
  /** The cell's execution count. */
  cell: number;
}
export interface RunEnded {
  kind: "run-ended";
  at: number;
  run: RunId;
  state: "finished" | "failed" | "interrupted";
}

export interface CallStarted {
  kind: "call-started";
  at: number;
  call: CallId;
  run: RunId;
  parent: CallId | TaskId | null;
  fn: string;
}
export interface CallEnded {
  kind: "call-ended";
  at: number;
  call: CallId;
  state: "finished" | "failed";
}
/** Calls of `fn` beyond the limit, which are counted and not drawn one by one. */
export interface CallsFolded {
  kind: "calls-folded";
  at: number;
  run: RunId;
  parent: CallId | TaskId | null;
  fn: string;
  count: number;
  totalUs: number;
}

export interface TaskSubmitted {
  kind: "task-submitted";
  at: number;
  task: TaskId;
  run: RunId;
  parent: CallId | TaskId | null;
  fn: string;
  /** The objects that the task takes as top-level arguments. */
  args: ObjectId[];
  resources: Record<string, number>;
}
/** The task's arguments are ready and a worker's slot is held for it: it leaves the submitter. */
export interface TaskLeased {
  kind: "task-leased";
  at: number;
  task: TaskId;
  attempt: number;
  worker: WorkerId;
}
/** The worker has the task's code and arguments and begins to run it. */
export interface TaskStarted {
  kind: "task-started";
  at: number;
  task: TaskId;
  attempt: number;
  worker: WorkerId;
  /** How long the arguments took to fetch and decode, before `at`. */
  fetchUs: number;
}
/** The task waits in `get` or `wait` and has given back its CPUs. */
export interface TaskBlocked {
  kind: "task-blocked";
  at: number;
  task: TaskId;
  on: ObjectId[];
}
export interface TaskUnblocked {
  kind: "task-unblocked";
  at: number;
  task: TaskId;
}
export interface TaskEnded {
  kind: "task-ended";
  at: number;
  task: TaskId;
  attempt: number;
  state: "finished" | "failed" | "cancelled" | "lost";
  /** How long the result took to encode and store, after the task had returned and before `at`. */
  storeUs: number;
  /** The encoded size of the result, in bytes. */
  sizeBytes: number;
  /** The error in one line, when the task did not finish. */
  error?: string;
}
/** A `get` of the run's cell (or of task `by`) has the value in hand. */
export interface ObjectFetched {
  kind: "object-fetched";
  at: number;
  object: ObjectId;
  by: TaskId | null;
}

export interface NodeJoined {
  kind: "node-joined";
  at: number;
  node: NodeId;
  host: string;
  resources: Record<string, number>;
  maxWorkers: number;
}
export interface NodeLeft {
  kind: "node-left";
  at: number;
  node: NodeId;
  reason: string;
}
export interface WorkerStarting {
  kind: "worker-starting";
  at: number;
  worker: WorkerId;
  node: NodeId;
}
export interface WorkerJoined {
  kind: "worker-joined";
  at: number;
  worker: WorkerId;
  node: NodeId;
  pid: number;
}
export interface WorkerLeft {
  kind: "worker-left";
  at: number;
  worker: WorkerId;
  reason: "idle" | "stopped" | "crashed" | "cancelled";
}
/**
 * An actor has its process, which runs nothing else from now on. The constructor is a task, as
 * calls are.
 */
export interface ActorPlaced {
  kind: "actor-placed";
  at: number;
  actor: ActorId;
  worker: WorkerId;
  /** 1 at first, and one more each time that the actor is made again. */
  incarnation: number;
  className: string;
  /** The name by which `getActor` finds the actor; "" for none. */
  name: string;
}
/** The actor takes no more calls. */
export interface ActorEnded {
  kind: "actor-ended";
  at: number;
  actor: ActorId;
  reason: string;
}
/** The autoscaler wants another number of workers. `reason` is in words that a learner can read. */
export interface ScaleDecided {
  kind: "scale-decided";
  at: number;
  workers: number;
  wanted: number;
  reason: string;
}

export const traceMimeType = "application/vnd.tasklab.trace+json";
export const traceVersion = 1;

/** The trace that a saved notebook keeps beside an SVG and a sentence: the runs of one name. */
export interface TraceBundle {
  version: typeof traceVersion;
  /**
   * "twin", "ideal" (the sequential run spread over `workers`, an estimate), "timeline", "steps".
   */
  view: string;
  /** The session's epoch as wall-clock time, in ISO 8601. */
  epoch: string;
  runs: RunId[];
  /** The task that a "steps" view follows. */
  task?: TaskId;
  /** How many workers an "ideal" view spreads over. */
  workers?: number;
  events: TraceEvent[];
}

/** The comm target of the live feed, which the panel opens: a snapshot comes first, then deltas. */
export const traceCommTarget = "tasklab.trace";
export type TraceFeedMessage =
  | {
      kind: "snapshot";
      version: typeof traceVersion;
      session: string;
      epoch: string;
      nowUs: number;
      /** How many events were dropped from the front of the ring. */
      droppedEvents: number;
      events: TraceEvent[];
    }
  | {kind: "events"; nowUs: number; events: TraceEvent[]};
