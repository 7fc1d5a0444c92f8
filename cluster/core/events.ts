// What goes into the pure machines and what comes out of them. Events are facts, in the past tense;
// commands are orders to the shell. A machine is `handle(event, nowMs) → commands`: no clock, dice,
// promise, socket or `node:` import inside, so a whole cluster runs in one thread from one seed.
//
//   Scheduler   in the head: nodes, workers, leases, autoscaling
//   Directory   in the head: where each published object is, who waits to know
//   Submitter   in every process that submits: its tasks, arguments, leases, retries, cancels
//   Collector   in the head: when processes collect dropped refs (its events: collector.ts)
//   Runner      in every worker: the tasks sent to it; one runs, the others wait or go back
//   StoreBook   in every node: which large values its store has and takes (events: store-book.ts)
//
// A *lease* is a worker's slot and resources held for one client and one kind of task (its *shape*:
// resources, depth and priority). The client sends tasks straight to the leased worker, results
// come straight back; the head sees accounts, never payloads.

import type {Resources, ActorFace, ActorOptions, FoundActor} from "../backend.js";
import type {
  ActorId,
  ClientId,
  LeaseId,
  NodeId,
  ObjectId,
  RunId,
  TaskId,
  WorkerId,
} from "../ids.js";
import type {CallId, TraceEvent} from "../trace.js";

export type {Resources};

/** Send `ticked` at this time, at the latest. */
export interface Wake {
  kind: "wake";
  atMs: number;
}

/** To a client: the lease on which it sends tasks. */
export interface Grant {
  kind: "grant";
  client: ClientId;
  lease: LeaseId;
  shape: Shape;
  worker: WorkerId;
  address: string;
}

/**
 * Why an actor takes no more calls. `cause`: the error of its constructor, or of an argument, as a
 * value; when it is stored, then as what holders of the actor hold.
 */
export interface Death {
  reason: string;
  cause: Place | null;
}

/** The kind of task that a lease is for. `key` is equal for equal shapes. */
export interface Shape {
  key: string;
  resources: Resources;
  depth: number;
  priority: number;
  /** The lease is a process of its own, which ends with it and counts to no limit: an actor's. */
  dedicated?: true;
  /** Calls of this actor: only its own process will do. */
  actor?: ActorId;
}

// ---- Scheduler (head) ----

export type SchedulerEvent =
  | {
      kind: "node-joined";
      node: NodeId;
      host: string;
      resources: Resources;
      workers: number;
      maxWorkers: number;
    }
  | {kind: "node-lost"; node: NodeId; reason: string}
  | {kind: "worker-joined"; worker: WorkerId; node: NodeId; pid: number; address: string}
  /**
   * The worker's process ended, or could not be started. `lastLines`: the last lines that it wrote.
   */
  | {kind: "worker-lost"; worker: WorkerId; crashed: boolean; reason: string; lastLines?: string[]}
  /** The worker cannot be reached: its node ends the process, and `worker-lost` follows. */
  | {kind: "worker-silent"; worker: WorkerId; reason: string}
  | {kind: "client-lost"; client: ClientId}
  /** How many more leases of this shape the client could use now; the last word counts. */
  | {kind: "leases-wanted"; client: ClientId; shape: Shape; count: number}
  | {kind: "lease-returned"; lease: LeaseId}
  /** The lease's task waits in get or wait: its CPUs and its slot are free for others. */
  | {kind: "lease-suspended"; lease: LeaseId}
  | {kind: "lease-resumed"; lease: LeaseId}
  /** A dedicated one holds only these from now on. */
  | {kind: "lease-reduced"; lease: LeaseId; resources: Resources}
  | {kind: "scaled"; node: NodeId | null; workers: number; maxWorkers: number}
  /**
   * The collection that this want had asked for is over: dropped refs have given back their holds.
   */
  | {kind: "collect-ended"; asker: string}
  | {kind: "ticked"};

export type SchedulerCommand =
  | Grant
  /** Others wait: send nothing more on this lease, return it when what was sent is done. */
  | {kind: "revoke"; client: ClientId; lease: LeaseId}
  /** The worker is gone, with all that was sent to it. */
  | {kind: "lose"; client: ClientId; lease: LeaseId; worker: WorkerId; reason: string}
  | {kind: "start-worker"; node: NodeId; worker: WorkerId}
  /**
   * It ends once the tasks that it has submitted itself have ended: refs to them may be elsewhere.
   */
  | {kind: "stop-worker"; node: NodeId; worker: WorkerId; reason: "idle" | "stopped"}
  /** The worker is given up: its process ends at once, and nothing that it still says counts. */
  | {kind: "kill-worker"; node: NodeId; worker: WorkerId}
  /**
   * Tasks of this shape wait for more than a free process. `reason` says for what, and what to do.
   */
  | {kind: "warn-waiting"; client: ClientId; shape: Shape; reason: string}
  /** Actors hold what somebody waits for: some of them may be held by dropped handles only. */
  | {kind: "want-collect"; asker: string}
  | {kind: "trace"; event: TraceEvent}
  | Wake;

// ---- Actors (head) ----
//
// Who lives, under which name, in which process, and who may call it. To the Scheduler an actor is
// a client that wants one dedicated lease; to those who call it, it is a lease that takes their
// calls.

export type ActorsEvent =
  /** The actor exists from here on, though its arguments may not be there yet. */
  | {
      kind: "actor-declared";
      actor: ActorId;
      client: ClientId;
      face: ActorFace;
      options: ActorOptions;
      shape: Shape;
    }
  /** All that it is made of is here (the shell keeps it): it may be placed. */
  | {kind: "actor-submitted"; actor: ActorId}
  /** The creation was cancelled, or an argument failed: the actor ends unless it was made. */
  | ({kind: "actor-abandoned"; actor: ActorId} & Death)
  /** From the Scheduler: its process. */
  | {
      kind: "process-granted";
      actor: ActorId;
      lease: LeaseId;
      worker: WorkerId;
      node: NodeId;
      address: string;
    }
  | {kind: "process-lost"; actor: ActorId; lease: LeaseId; reason: string}
  /** From the worker: its constructor has returned, or thrown. */
  | {kind: "actor-made"; actor: ActorId; incarnation: number}
  | {kind: "actor-failed"; actor: ActorId; incarnation: number; reason: string; cause: Place}
  /** From the Scheduler: the actor waits for more than a free process. */
  | {kind: "process-missing"; actor: ActorId; reason: string}
  /** Nobody holds it any more. */
  | {kind: "actor-released"; actor: ActorId}
  | {kind: "kill-asked"; actor: ActorId; client: ClientId; request: number; restart: boolean}
  | {kind: "actor-sought"; client: ClientId; request: number; name: string}
  /** A client has calls for it (`count` > 0), or no more. */
  | {kind: "calls-wanted"; client: ClientId; actor: ActorId; shape: Shape; count: number}
  | {kind: "lease-returned"; lease: LeaseId}
  | {kind: "client-lost"; client: ClientId}
  /** The collection of dropped handles that this actor had asked for is over. */
  | {kind: "collect-ended"; asker: string}
  | {kind: "ticked"};

export type ActorsCommand =
  /** To the Scheduler, in the actor's name. */
  | {kind: "want-process"; actor: ActorId; shape: Shape; count: number}
  | {kind: "reduce-process"; lease: LeaseId; resources: Resources}
  | {kind: "return-process"; lease: LeaseId}
  /** Whatever it does, its process ends now. */
  | {kind: "kill-process"; worker: WorkerId}
  | {kind: "make-actor"; actor: ActorId; worker: WorkerId; incarnation: number}
  | Grant
  /** `restarts`: it is made anew; what was sent may have run. */
  | {
      kind: "lose";
      client: ClientId;
      lease: LeaseId;
      worker: WorkerId;
      reason: string;
      restarts: boolean;
    }
  /** The actor takes no call any more. `unmade`: it could not be made, told to its maker. */
  | ({kind: "tell-death"; client: ClientId; actor: ActorId; unmade?: true} & Death)
  | {kind: "answer-kill"; client: ClientId; request: number}
  | {
      kind: "answer-sought";
      client: ClientId;
      request: number;
      found: FoundActor | null;
      /** Names that are taken. */
      names: string[];
    }
  /** To the Directory: this client holds it from now on (a detached one holds itself). */
  | {kind: "hold-actor"; actor: ActorId; client: ClientId}
  | {kind: "warn-waiting"; client: ClientId; shape: Shape; reason: string}
  /** Why its constructor failed interests nobody any more. */
  | {kind: "delete-object"; node: NodeId; object: ObjectId}
  /** Another actor has this actor's name, and may be held by dropped handles only. */
  | {kind: "want-collect"; asker: string}
  /** The actor is dead: its creation and its holds are needed no longer. */
  | {kind: "drop-actor"; actor: ActorId}
  | {kind: "trace"; event: TraceEvent}
  | Wake;

// ---- Directory (head) ----

/**
 * Where an object's value is. Small values travel inline, errors too.
 * `refs`: objects that the value holds; they live at least as long as it does.
 */
export type Place =
  | {kind: "inline"; ok: boolean; frames: Uint8Array[]; refs?: ObjectId[]}
  | {kind: "stored"; ok: boolean; node: NodeId; sizeBytes: number; refs?: ObjectId[]}
  | {kind: "lost"; reason: string};

export type DirectoryEvent =
  /** A ref left its owner's process: the owner promises to publish its place. */
  | {kind: "object-shared"; client: ClientId; object: ObjectId}
  | {kind: "object-published"; client: ClientId; object: ObjectId; place: Place}
  | {kind: "place-wanted"; client: ClientId; object: ObjectId}
  /** `lentMsAgo`: when a ref of it last left this process; null when none ever did. */
  | {kind: "object-released"; client: ClientId; object: ObjectId; lentMsAgo: number | null}
  /** The head itself sends a ref of it to somebody. */
  | {kind: "object-lent"; object: ObjectId}
  | {kind: "client-lost"; client: ClientId}
  | {kind: "node-lost"; node: NodeId}
  | {kind: "ticked"};

export type DirectoryCommand =
  | {kind: "tell-place"; client: ClientId; object: ObjectId; place: Place}
  | {kind: "delete-object"; node: NodeId; object: ObjectId}
  /** Nobody holds the actor any more. */
  | {kind: "release-actor"; actor: ActorId}
  | Wake;

// ---- Submitter (every client) ----

/** The failed object for which another fails: its place too, since the machine may forget it. */
export interface Cause {
  object: ObjectId;
  place: Place;
}

/**
 * A task without its payload, which the shell keeps until the task has ended. Tasks of one function
 * that take no refs may share one ticket.
 */
export interface TaskTicket {
  fn: string;
  run: RunId;
  cell: string;
  parent: CallId | TaskId | null;
  shape: Shape;
  /** Objects whose values it takes. */
  args: ObjectId[];
  /** Objects that its arguments or captured values hold as refs: kept until it has ended. */
  holds?: ObjectId[];
  maxRetries: number;
  retryExceptions: boolean | string[];
  timeoutMs?: number;
  /**
   * `creation`: sent to the head once its arguments are known. `call`: sent in order of submission.
   */
  actor?: {kind: "creation" | "call"; actor: ActorId};
}

/** A task whose arguments are known, with the ticket and the payload that it was submitted with. */
export interface ReadyTask {
  task: TaskId;
  ticket: TaskTicket;
  payload: unknown;
  args: {object: ObjectId; place: Place}[];
}

/** The function and the cell that a person knows a task by. */
export interface Label {
  fn: string;
  cell: string;
}

/** How an attempt ended, as the worker tells. */
export type TaskOutcome =
  | {kind: "returned"; place: Place}
  /** `errorNames`: of its class and those above it, for `retryExceptions`. */
  | {kind: "threw"; place: Place; errorName: string; errorNames?: string[]}
  /** `settles`: its code has begun and is being stopped; `settled` follows when it has. */
  | {kind: "cancelled"; settles?: true};

export type SubmitterEvent =
  /** `payload`: what else the shell keeps of the task; the machine never looks at it. */
  | {kind: "task-submitted"; task: TaskId; ticket: TaskTicket; payload?: unknown}
  /**
   * A value is being put: this process answers for the object from here on; `object-put` follows.
   */
  | {kind: "put-begun"; object: ObjectId}
  /** A value was put, or the shell made the error of a failed task (the answer to `fail-task`). */
  | {kind: "object-put"; object: ObjectId; place: Place}
  | {kind: "lease-granted"; lease: LeaseId; shape: Shape; worker: WorkerId}
  | {kind: "lease-revoked"; lease: LeaseId}
  /** The link to the worker broke: nothing more is sent on the leases there; their end follows. */
  | {kind: "worker-unreachable"; worker: WorkerId}
  /**
   * The worker of the lease was lost, and tasks that were sent on the lease may have run.
   * `restarts`: the worker was that of an actor, which takes calls again. `lives`: only the link to
   * the worker broke.
   */
  | {kind: "lease-lost"; lease: LeaseId; reason: string; restarts?: boolean; lives?: boolean}
  /** The actor takes no more calls. */
  | ({kind: "actor-died"; actor: ActorId} & Death)
  /** A call with a time limit began: until then it waited on its worker behind others. */
  | {kind: "task-began"; task: TaskId; attempt: number}
  | {kind: "task-ended"; task: TaskId; attempt: number; outcome: TaskOutcome; ranMs: number}
  /** The code of a cancelled task has come to its end: its lease is free. */
  | {kind: "task-settled"; task: TaskId; attempt: number}
  /** The worker hands back what it has not begun. */
  | {kind: "tasks-returned"; lease: LeaseId; tasks: TaskId[]}
  | {kind: "place-told"; object: ObjectId; place: Place}
  /** Somebody in this process waits for the object, or a ref to it came into this process. */
  | {kind: "object-wanted"; object: ObjectId}
  /** A ref to it is about to leave this process. */
  | {kind: "object-shared"; object: ObjectId}
  /** A ref of it came out of a value: this process holds it (again). */
  | {kind: "object-held"; object: ObjectId}
  /** Nobody in this process holds it any more. */
  | {kind: "object-released"; object: ObjectId}
  /** Nobody has asked for the released result of a task: its failure is to be told. */
  | {kind: "object-left"; object: ObjectId; by: Label}
  | {kind: "cancel-asked"; task: TaskId; force: boolean; recursive: boolean}
  | {kind: "cancel-cell-asked"; cell: string}
  /**
   * The parent was cancelled. The tasks that it submits from now on are cancelled too, and with
   * `recursive` its unfinished children.
   */
  | {kind: "cancel-children-asked"; parent: TaskId; force: boolean; recursive: boolean}
  | {kind: "head-lost"; reason: string}
  | {kind: "ticked"};

export type SubmitterCommand =
  | {kind: "want-leases"; shape: Shape; count: number}
  | {kind: "return-lease"; lease: LeaseId}
  | {
      kind: "send-tasks";
      lease: LeaseId;
      worker: WorkerId;
      tasks: ({attempt: number} & ReadyTask)[];
    }
  /** The creation's arguments are known: the head makes the actor, as often as needed. */
  | ({kind: "submit-actor"} & ReadyTask)
  /** The actor will not be made; its calls fail. */
  | {kind: "abandon-actor"; actor: ActorId; reason: string; cause?: Cause}
  | {
      kind: "cancel-on-worker";
      lease: LeaseId;
      worker: WorkerId;
      task: TaskId;
      force: boolean;
      recursive: boolean;
    }
  /** The object's place is known (or it failed): whoever waits for it can go on. */
  | {kind: "settle"; object: ObjectId; place: Place}
  /**
   * The task will never run (again): the shell makes its error and answers with `object-put` of its
   * result. `cause`: the argument that failed, or why the constructor did.
   */
  | {
      kind: "fail-task";
      task: TaskId;
      why:
        | "cancelled"
        | "worker-crashed"
        | "argument-failed"
        | "cluster-stopped"
        | "actor-died"
        | "actor-unavailable";
      detail: string;
      cause?: Cause;
    }
  /** The task of an object that was left has failed: tell its error, then say `object-released`. */
  | {kind: "tell-unfetched"; object: ObjectId; by: Label; place: Place}
  | {kind: "ask-place"; object: ObjectId}
  | {kind: "share-object"; object: ObjectId}
  | {kind: "publish-object"; object: ObjectId; place: Place}
  /**
   * Tell the head (when `shared`: it looks after the store then) or the store (a stored `place`)
   * that it can go.
   */
  | {
      kind: "forget-object";
      object: ObjectId;
      place: Place | null;
      shared: boolean;
      /** When a ref of it last left this process; null when none did. */
      lentAtMs: number | null;
    }
  /**
   * Attempts up to `upTo` stored values that have no owner. `node`: null when nobody knows whether,
   * or where.
   */
  | {kind: "drop-stored"; object: ObjectId; node: NodeId | null; upTo: number}
  | {kind: "trace"; event: TraceEvent}
  | Wake;

// ---- Runner (every worker) ----

export type RunnerEvent =
  | {kind: "tasks-sent"; client: ClientId; lease: LeaseId; tasks: {task: TaskId; attempt: number}[]}
  /** Code and arguments are here: it can run. */
  | {kind: "task-prepared"; task: TaskId}
  /** The arguments can't be had. */
  | {kind: "task-unprepared"; task: TaskId}
  /**
   * It ran to its end on the user's thread (well or not); the next that was handed over runs now.
   * `ranMs`: as measured there; news of the end comes later, and several at once.
   */
  | {kind: "task-done"; task: TaskId; ranMs?: number}
  /** The answer to `reclaim`: what the user's thread had not begun, in order. */
  | {kind: "tasks-reclaimed"; tasks: TaskId[]}
  | {kind: "task-blocked"; task: TaskId}
  | {kind: "task-unblocked"; task: TaskId}
  | {kind: "cancel-asked"; task: TaskId; force: boolean}
  | {kind: "client-lost"; client: ClientId}
  | {kind: "ticked"};

export type RunnerCommand =
  /** Hand to the user's thread, to be run one after another. */
  | {kind: "run"; tasks: TaskId[]}
  /**
   * Take back what the user's thread has not begun; answered by `tasks-reclaimed`, before any other
   * event.
   */
  | {kind: "reclaim"}
  | {kind: "return-tasks"; client: ClientId; lease: LeaseId; tasks: TaskId[]}
  | {kind: "suspend-lease"; lease: LeaseId}
  | {kind: "resume-lease"; lease: LeaseId}
  /** The task runs: cut it off (a synchronous loop too). */
  | {kind: "interrupt"; task: TaskId}
  /** End the process: the task was cancelled with force. */
  | {kind: "die"; task: TaskId}
  | {kind: "report-cancelled"; client: ClientId; lease: LeaseId; task: TaskId}
  | Wake;
