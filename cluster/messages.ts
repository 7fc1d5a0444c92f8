// Every message of the cluster, by who sends it to whom. Messages to one peer travel as a batch in one
// frame; values (`frames`, `args`) of more than a few KB follow as raw frames of their own.
// Any message may arrive twice without harm, and none is answered before its sender has said `hello`
// with the cluster's token (inside CURVE's encryption).
//
//   driver, worker ──▶ head      leases, places, trace          (ROUTER at the head)
//   node           ──▶ head      workers started and ended
//   driver, worker ──▶ worker    tasks, results                 (ROUTER at each worker)
//   driver, worker ──▶ node      large objects                  (ROUTER at each node's store)

import type {
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

/** What a process needs to join; travels by a pipe or a 0600 file, never in arguments. */
export interface ClusterAddress {
  protocol: number;
  head: string;
  /** CURVE public key of every server of this cluster, Z85. */
  serverKey: string;
  /** Known to members only; said in `hello`. */
  token: string;
  /** The session's epoch, hrtime nanoseconds as decimal digits, and as wall-clock time. */
  epochNs: string;
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
  /** It exists from here on; `submit-actor` or `abandon-actor` follows. */
  | {
      kind: "declare-actor";
      actor: ActorId;
      face: ActorFace;
      options: ActorOptions;
      shape: Shape;
    }
  | {kind: "submit-actor"; creation: Omit<ActorCreation, "client">}
  | ({kind: "abandon-actor"; actor: ActorId} & Death)
  /** From the worker that was to make it. */
  | {kind: "actor-made"; actor: ActorId; incarnation: number}
  | {kind: "actor-failed"; actor: ActorId; incarnation: number; reason: string; cause: Place}
  /** What its constructor prints, on its way to the client that submitted it. */
  | {kind: "actor-output"; client: ClientId; output: TaskOutput}
  | {kind: "kill-actor"; request: number; actor: ActorId; restart: boolean}
  | {kind: "find-actor"; request: number; name: string}
  | {kind: "share-object"; object: ObjectId}
  | {kind: "publish-object"; object: ObjectId; place: Place}
  | {kind: "ask-place"; object: ObjectId}
  /** `lentMsAgo`: when a ref of it last left this process; null when none ever did. */
  | {kind: "forget-object"; object: ObjectId; place: Place | null; lentMsAgo: number | null}
  /**
   * The answer to `collect`: the dropped refs are released. `tookMs`: how long the program stood
   * still.
   */
  | {kind: "collected"; round: number; tookMs: number}
  | {kind: "trace"; batch: TraceBatch}
  /** From now on, the trace so far and all that follows. */
  | {kind: "subscribe-trace"}
  /** Answered by `trace-flushed` when every live process has sent what it had. */
  | {kind: "flush-trace"; request: number}
  | {kind: "flushed"; request: number}
  | {kind: "scale"; request: number; workers: number; maxWorkers: number}
  /** `settled`: answered when every worker that is being started is there, or has failed. */
  | {kind: "ask-status"; request: number; settled: boolean}
  | {kind: "ask-logs"; request: number}
  /** From nodes, now and then: what `ask-status` tells of their stores. */
  | {kind: "store-stats"; node: NodeId; bytes: number; objects: number; limitBytes: number}
  /** From a node: a value waits for room in its store, which who lets go of refs can make. */
  | {kind: "store-pressure"; node: NodeId; wantedBytes: number}
  | {kind: "logs"; request: number; logs: ProcessLog[]}
  | {kind: "stop"};

/** Events as the codec wrote them: the head keeps and relays them unread. */
export interface TraceBatch {
  events: number;
  frames: Frames;
}

/** The last lines that a process wrote by itself, outside of tasks. */
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
  /** To a worker: make it, and take its calls from now on. */
  | {kind: "make-actor"; incarnation: number; creation: ActorCreation}
  /** Let go of the refs that the program has dropped, as far as that can be found out. */
  | {kind: "collect"; round: number}
  | {kind: "output"; output: TaskOutput}
  | {kind: "task-waits"; shape: Shape; reason: string}
  | {kind: "place"; object: ObjectId; place: Place}
  | {kind: "trace"; batches: TraceBatch[]}
  | {kind: "trace-flushed"; request: number}
  /** Send your trace now, then `flushed`. */
  | {kind: "flush"; request: number}
  | {kind: "status"; request: number; status: ClusterStatus}
  /** To a driver, the answer to its `ask-logs`; to a node, the question. */
  | {kind: "logs"; request: number; logs: ProcessLog[]}
  | {kind: "ask-logs"; request: number}
  /** To nodes. */
  | {kind: "start-worker"; worker: WorkerId}
  /** Once the tasks that it has submitted itself have ended. */
  | {kind: "stop-worker"; worker: WorkerId}
  /** At once, whatever it does. */
  | {kind: "kill-worker"; worker: WorkerId}
  | {kind: "delete-objects"; objects: ObjectId[]}
  /**
   * Removes the lost client's values from the store, except `keep`: the head says when these go.
   */
  | {kind: "client-lost"; client: ClientId; keep: ObjectId[]}
  /** Where every node's store is; sent on joining and when one joins. */
  | {kind: "stores"; stores: {node: NodeId; address: string}[]}
  | {kind: "stopping"; reason: string};

// ---- client to worker, and back ----

export type ToWorker =
  | Hello
  | ({kind: "code"} & CodePiece)
  | {kind: "tasks"; lease: LeaseId; tasks: SentTask[]}
  | {kind: "cancel"; task: TaskId; force: boolean; recursive: boolean};

/** All that an actor is made of; the head keeps it, unread, as long as it may have to be made again. */
export interface ActorCreation {
  task: TaskId;
  actor: ActorId;
  client: ClientId;
  fn: string;
  /** The class. */
  code: ShippedCode;
  args: Frames;
  argPlaces: {index: number; object: ObjectId; place: Place}[];
  /** Refs inside of arguments or captured values: they live as long as the actor. */
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
  /** Of the worker's actor. */
  method?: string;
  /** Tell when it begins. */
  isTimed?: true;
  /** How long it may go on after it was cancelled, when its function says so. */
  cancelGraceMs?: number;
}

export type FromWorker =
  | Welcome
  | {kind: "began"; task: TaskId; attempt: number}
  | {kind: "ended"; task: TaskId; attempt: number; outcome: TaskOutcome; ranMs: number}
  /** After `ended` with `settles`. */
  | {kind: "settled"; task: TaskId; attempt: number}
  | {kind: "returned"; lease: LeaseId; tasks: TaskId[]}
  /** This code is not (or no longer) here: send it, the tasks wait for it. */
  | {kind: "need-code"; hash: string}
  | {kind: "output"; output: TaskOutput};

// ---- client to a node's store, and back ----

export type ToStore =
  | Hello
  /**
   * `owner` answers for the object. `attempt` and `fn` are of the task that made it, or 0 and "".
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
  /** Its owner is the last who knew it. */
  | {kind: "drop-object"; object: ObjectId};

export type FromStore =
  | Welcome
  | {kind: "stored"; request: number; sizeBytes: number}
  /** There is no room for it (`isFull`), or nobody wants it any more. */
  | {kind: "not-stored"; request: number; isFull: boolean; reason: string}
  | {kind: "object"; request: number; frames: Frames}
  | {kind: "no-object"; request: number; reason: string};

// ---- what `%cluster` shows ----

export interface ClusterStatus {
  head: string;
  sinceUs: number;
  nodes: NodeStatus[];
  drivers: {client: ClientId; pid: number}[];
  waiting: {shape: Resources; count: number}[];
}
export interface NodeStatus {
  node: NodeId;
  host: string;
  resources: Resources;
  free: Resources;
  maxWorkers: number;
  storeBytes: number;
  storeObjects: number;
  storeLimitBytes: number;
  workers: {
    worker: WorkerId;
    pid: number;
    state: "starting" | "idle" | "busy" | "waiting";
    tasks: number;
    /** It is this class's, and runs nothing else. */
    actor?: string;
  }[];
}
