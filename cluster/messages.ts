// Every message of the cluster, by who sends it to whom. Messages to one peer travel as a batch in
// one frame; values (`frames`, `args`) of more than a few KB follow as raw frames of their own. Any
// message may arrive twice without harm, and none is answered before its sender has said `hello`
// with the cluster's token (inside CURVE's encryption).
//
//   driver, worker ──▶ head      leases, places, trace          (ROUTER at the head)
//   node           ──▶ head      workers started and ended
//   driver, worker ──▶ worker    tasks, results                 (ROUTER at each worker)
//   driver, worker ──▶ node      large objects                  (ROUTER at each node's store)

import type {
  ClusterStatus,
  ActorFace,
  ActorOptions,
  FoundActor,
  Frames,
  ShippedCode,
  TaskContext,
  TaskOutput,
} from "./backend.js";
import type {Death, Place, Resources, Shape, TaskOutcome} from "./core/events.js";
import type {CodePiece} from "./io/agent/codes.js";
import type {ActorId, ClientId, LeaseId, NodeId, ObjectId, TaskId, WorkerId} from "./ids.js";

export const protocolVersion = 1;

/**
 * The facts that a process needs to join a cluster. They travel by a pipe or by a file with mode
 * 0600, never in arguments.
 */
export interface ClusterAddress {
  protocol: number;
  head: string;
  /** The CURVE public key of every server of this cluster, in Z85. */
  serverKey: string;
  /** The secret of the cluster's members, which each of them says in its `hello`. */
  token: string;
  /** The session's epoch as hrtime nanoseconds, in decimal digits. */
  epochNs: string;
  /** The session's epoch as wall-clock time. */
  epoch: string;
}

export type Hello = {
  kind: "hello";
  protocol: number;
  version: string;
  token: string;
  role: "driver" | "worker" | "node";
  id: string;
  pid: number;
  host: string;
};
export type Welcome = {kind: "welcome"; id: string} | {kind: "refused"; reason: string};

// ---- to the head ----

export type ToHead =
  | Hello
  | {
      kind: "node-ready";
      node: NodeId;
      store: string;
      resources: Resources;
      workers: number;
      maxWorkers: number;
    }
  | {kind: "worker-ready"; worker: WorkerId; node: NodeId; pid: number; address: string}
  | {
      kind: "worker-ended";
      worker: WorkerId;
      crashed: boolean;
      reason: string;
      /** The last lines that the process wrote to stderr. */
      lastLines: string[];
    }
  | {kind: "want-leases"; shape: Shape; count: number}
  | {kind: "return-lease"; lease: LeaseId}
  | {kind: "suspend-lease"; lease: LeaseId}
  | {kind: "resume-lease"; lease: LeaseId}
  /** The actor exists from here on; `submit-actor` or `abandon-actor` follows. */
  | {
      kind: "declare-actor";
      actor: ActorId;
      face: ActorFace;
      options: ActorOptions;
      shape: Shape;
    }
  | {kind: "submit-actor"; creation: Omit<ActorCreation, "client">}
  | ({kind: "abandon-actor"; actor: ActorId} & Death)
  /** From the worker that was to make the actor. */
  | {kind: "actor-made"; actor: ActorId; incarnation: number}
  | {kind: "actor-failed"; actor: ActorId; incarnation: number; reason: string; cause: Place}
  /** Output of an actor's constructor, on its way to the client that submitted the actor. */
  | {kind: "actor-output"; client: ClientId; output: TaskOutput}
  | {kind: "kill-actor"; request: number; actor: ActorId; restart: boolean}
  | {kind: "find-actor"; request: number; name: string}
  | {kind: "share-object"; object: ObjectId}
  | {kind: "publish-object"; object: ObjectId; place: Place}
  | {kind: "ask-place"; object: ObjectId}
  /** `lentMsAgo` tells when a ref of the object last left this process; null: none ever did. */
  | {kind: "forget-object"; object: ObjectId; place: Place | null; lentMsAgo: number | null}
  /**
   * The answer to `collect`: the dropped refs are released. `tookMs`: how long the program stood
   * still.
   */
  | {kind: "collected"; round: number; tookMs: number}
  | {kind: "trace"; batch: TraceBatch}
  /** Asks for the trace so far and all events that follow. */
  | {kind: "subscribe-trace"}
  /** Answered by `trace-flushed` when every live process has sent the events that it had. */
  | {kind: "flush-trace"; request: number}
  | {kind: "flushed"; request: number}
  | {kind: "scale"; request: number; workers: number; maxWorkers: number}
  /** With `settled`, answered when every worker that is being started is there or has failed. */
  | {kind: "ask-status"; request: number; settled: boolean}
  | {kind: "ask-logs"; request: number}
  /** From nodes, now and then: the facts about their stores that `status` tells. */
  | {kind: "store-stats"; node: NodeId; bytes: number; objects: number; limitBytes: number}
  /** From a node: a value waits for room in its store, which released refs would make. */
  | {kind: "store-pressure"; node: NodeId; wantedBytes: number}
  | {kind: "logs"; request: number; logs: ProcessLog[]}
  | {kind: "stop"};

/** Events as the codec wrote them. The head keeps and relays them unread. */
export interface TraceBatch {
  events: number;
  frames: Frames;
}

/** The last lines that a process wrote outside of tasks. */
export interface ProcessLog {
  name: string;
  pid: number;
  lines: string[];
}

export type FromHead =
  | Welcome
  | {kind: "granted"; lease: LeaseId; shape: Shape; worker: WorkerId; address: string}
  | {kind: "revoked"; lease: LeaseId}
  | {kind: "lease-lost"; lease: LeaseId; worker: WorkerId; reason: string; restarts?: boolean}
  | ({kind: "actor-died"; actor: ActorId; unmade?: true} & Death)
  | {kind: "actor-killed"; request: number}
  | {
      kind: "actor-found";
      request: number;
      found: FoundActor | null;
      names: string[];
    }
  /** To a worker: make the actor, and take its calls from now on. */
  | {kind: "make-actor"; incarnation: number; creation: ActorCreation}
  /** Asks to release the refs that the program has dropped, as far as V8 can tell. */
  | {kind: "collect"; round: number}
  | {kind: "output"; output: TaskOutput}
  | {kind: "task-waits"; shape: Shape; reason: string}
  | {kind: "place"; object: ObjectId; place: Place}
  | {kind: "trace"; batches: TraceBatch[]}
  | {kind: "trace-flushed"; request: number}
  /** Asks for the events that the process has, then for `flushed`. */
  | {kind: "flush"; request: number}
  | {kind: "status"; request: number; status: ClusterStatus}
  /** To a driver, the answer to its `ask-logs`; to a node, the question. */
  | {kind: "logs"; request: number; logs: ProcessLog[]}
  | {kind: "ask-logs"; request: number}
  /** From here on: to nodes. */
  | {kind: "start-worker"; worker: WorkerId}
  /** Ends a worker once the tasks that it has submitted itself have ended. */
  | {kind: "stop-worker"; worker: WorkerId}
  /** Ends a worker at once, whatever it does. */
  | {kind: "kill-worker"; worker: WorkerId}
  | {kind: "delete-objects"; objects: ObjectId[]}
  /**
   * Removes the lost client's values from the store, except `keep`, which the head deletes later.
   */
  | {kind: "client-lost"; client: ClientId; keep: ObjectId[]}
  /** The addresses of all stores; sent to a process that joins, and when a node joins. */
  | {kind: "stores"; stores: {node: NodeId; address: string}[]}
  | {kind: "stopping"; reason: string};

// ---- client to worker, and back ----

export type ToWorker =
  | Hello
  | ({kind: "code"} & CodePiece)
  | {kind: "tasks"; lease: LeaseId; tasks: SentTask[]}
  | {kind: "cancel"; task: TaskId; force: boolean; recursive: boolean};

/**
 * Everything that an actor is made of. The head keeps the creation, unread, as long as the actor
 * may have to be made again.
 */
export interface ActorCreation {
  task: TaskId;
  actor: ActorId;
  client: ClientId;
  fn: string;
  /** The class. */
  code: ShippedCode;
  args: Frames;
  argPlaces: {index: number; object: ObjectId; place: Place}[];
  /** Refs inside of arguments or captured values, whose objects live as long as the actor. */
  nestedRefs: ObjectId[];
  maxConcurrency: number;
  context: TaskContext;
}

export interface SentTask {
  task: TaskId;
  attempt: number;
  fn: string;
  code: string;
  args: Frames;
  /** Values to be put into `args`, by position. */
  argPlaces: {index: number; object: ObjectId; place: Place}[];
  context: TaskContext;
  /** The method of the worker's actor that the task calls. */
  method?: string;
  /** Present when the client wants to be told that the task begins. */
  isTimed?: true;
  /** How long the task may go on after it was cancelled, when its function says so. */
  cancelGraceMs?: number;
}

export type FromWorker =
  | Welcome
  | {kind: "began"; task: TaskId; attempt: number}
  | {kind: "ended"; task: TaskId; attempt: number; outcome: TaskOutcome; ranMs: number}
  /** Follows an `ended` with `settles`, when the task's code has stopped. */
  | {kind: "settled"; task: TaskId; attempt: number}
  | {kind: "returned"; lease: LeaseId; tasks: TaskId[]}
  /** Asks for code that the worker does not have (any more); tasks wait for it. */
  | {kind: "need-code"; hash: string}
  | {kind: "output"; output: TaskOutput};

// ---- client to a node's store, and back ----

export type ToStore =
  | Hello
  /**
   * `owner` answers for the object. `attempt` and `fn` belong to the task that made the object; 0
   * and "" stand for none.
   */
  | {
      kind: "put-object";
      request: number;
      object: ObjectId;
      frames: Frames;
      owner: ClientId;
      attempt: number;
      fn: string;
    }
  | {kind: "fetch-object"; request: number; object: ObjectId}
  /**
   * From the owner, when no other process knows the object. `upTo`: only values of this attempt and
   * of earlier ones.
   */
  | {kind: "drop-object"; object: ObjectId; upTo?: number | undefined};

export type FromStore =
  | Welcome
  | {kind: "stored"; request: number; sizeBytes: number}
  /** The store has no room for the value (`isFull`), or nobody wants the value any more. */
  | {kind: "not-stored"; request: number; isFull: boolean; reason: string}
  | {kind: "object"; request: number; frames: Frames}
  | {kind: "no-object"; request: number; reason: string};
