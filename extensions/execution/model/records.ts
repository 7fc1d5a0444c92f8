// What a trace is folded into: runs, spans with their attempts, workers, nodes.

import type {ActorId, NodeId, ObjectId, RunId, TaskId, WorkerId} from "../../../cluster/ids.js";
import type {CallId, RunMode, TaskEnded, WorkerLeft} from "../../../cluster/trace.js";

export type SpanId = CallId | TaskId;

export interface Run {
  id: RunId;
  mode: RunMode;
  name: string;
  cell: number;
  startedAt: number;
  endedAt: number | null;
  state: "running" | "finished" | "failed" | "interrupted";
}

/** One try to run a span. A call has exactly one. */
export interface Attempt {
  number: number;
  worker: WorkerId | null;
  leasedAt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  state: TaskEnded["state"] | null;
  fetchUs: number;
  storeUs: number;
  sizeBytes: number;
  error: string;
}

/** A call or a task. `fn` is "" until its first event has come. */
export interface Span {
  id: SpanId;
  kind: "call" | "task";
  fn: string;
  run: RunId | null;
  parent: SpanId | null;
  submittedAt: number;
  args: ObjectId[];
  resources: Record<string, number>;
  /** In order of their numbers. */
  attempts: Attempt[];
  /** Sorted, each time once; the n-th block ends at the first unblock after it. */
  blockedAt: number[];
  unblockedAt: number[];
  waitedOn: Map<number, ObjectId[]>;
  fetches: {at: number; by: TaskId | null}[];
}

export interface FoldedCalls {
  run: RunId;
  parent: SpanId | null;
  fn: string;
  at: number;
  count: number;
  totalUs: number;
}

export interface Node {
  id: NodeId;
  host: string;
  resources: Record<string, number>;
  maxWorkers: number;
  joinedAt: number | null;
  leftAt: number | null;
  leftReason: string;
}

export interface Worker {
  id: WorkerId;
  node: NodeId | null;
  pid: number;
  startingAt: number | null;
  joinedAt: number | null;
  leftAt: number | null;
  leftReason: WorkerLeft["reason"] | null;
}

export interface Actor {
  id: ActorId;
  className: string;
  /** By which it is found; "" for none. */
  name: string;
  /** Its processes, by the number of the incarnation. */
  placed: Map<number, {worker: WorkerId; at: number}>;
  endedAt: number | null;
  endReason: string;
}

/** A process that an actor has, or had. */
export interface ActorProcess {
  actor: Actor;
  /** 1, and one more each time that the actor was made anew. */
  incarnation: number;
}

export interface ScaleDecision {
  at: number;
  workers: number;
  wanted: number;
  reason: string;
}
