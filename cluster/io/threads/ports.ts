// The messages between the thread with the user's code and its agent thread, which owns every
// socket.
//
//   driver:  main ⇄ agent        worker:  user's thread ⇄ agent
//
// The user's thread posts at once, so that the agent hears a message even while user code runs on.
// Large memory is never left for postMessage to copy: that takes two copies, and all of the memory
// behind a small window on it. Here the memory is copied once and handed over, or handed over as it
// is when no other code uses it.

import {availableParallelism} from "node:os";
import type {
  FoundActor,
  ClusterOptions,
  ClusterStatus,
  Frames,
  LeftObjects,
  ObjectOutcome,
  TaskCall,
  TaskContext,
  TaskOutput,
  UnfetchedError,
} from "../../backend.js";
import type {ActorId, ObjectId, TaskId} from "../../ids.js";
import type {Shape} from "../../core/events.js";
import type {ClusterAddress, ProcessLog} from "../../messages.js";
import type {TraceEvent} from "../../trace.js";
import type {ChannelEnd} from "./channel.js";
import type {CodePiece} from "../agent/codes.js";
import type {LinkKeys} from "../link/link.js";

export function firstWorkers({workers, cpus}: ClusterOptions): number {
  return workers ?? Math.max(1, Math.floor(cpus ?? availableParallelism()));
}

export type AgentConfig = {channel: ChannelEnd} & AgentRole;
export type AgentRole =
  /**
   * `epochNs` and `epoch` are the session's epoch: as hrtime nanoseconds, and as wall-clock time.
   */
  | {
      role: "start";
      options: ClusterOptions;
      epochNs: string;
      epoch: string;
      /** Stands before the numbers in the names of the cluster's workers. */
      workerPrefix: string;
    }
  | {role: "connect"; address: ClusterAddress}
  | {role: "worker"; shared: SharedArrayBuffer};

/** The configuration that a node writes to a worker that it starts. */
export interface WorkerConfig {
  address: ClusterAddress;
  keys: LinkKeys;
  worker: string;
  node: string;
}

// ---- to the agent ----

export type ToAgent = ClientRequest | UserReport;

/** Requests of the backend, in drivers and workers alike. */
export type ClientRequest =
  /** `pieces` are those of the code that were not sent before. The code's own frames are empty. */
  | {kind: "submit"; call: TaskCall; pieces: CodePiece[]}
  | {kind: "put"; object: ObjectId; frames: Frames; refs: ObjectId[]}
  /** `by` is the task that waits. */
  | {kind: "get"; request: number; objects: ObjectId[]; timeoutMs: number | null; by: TaskId | null}
  | {
      kind: "wait";
      request: number;
      objects: ObjectId[];
      numReturns: number;
      timeoutMs: number | null;
      by: TaskId | null;
    }
  | {kind: "give-up"; request: number}
  | {kind: "cancel"; request: number; object: ObjectId; force: boolean; recursive: boolean}
  | {kind: "cancel-cell"; cell: string}
  | {kind: "kill-actor"; request: number; actor: ActorId; restart: boolean}
  | {kind: "find-actor"; request: number; name: string}
  | {kind: "hold"; objects: ObjectId[]}
  | {kind: "release"; objects: ObjectId[]}
  /** Releases objects that nobody has asked for. A failure is told by `unfetched`. */
  | {kind: "leave"; left: LeftObjects[]}
  /** Answers `collect`: the refs that the program had dropped are released. */
  | {kind: "collected"; round: number; tookMs: number}
  | {kind: "watch-trace"}
  | {kind: "flush-trace"; request: number}
  /** Events that the user's thread has made itself. */
  | {kind: "trace"; events: TraceEvent[]}
  | {kind: "feed"; port: import("node:worker_threads").MessagePort}
  | {kind: "cancels"; port: import("node:worker_threads").MessagePort}
  | {kind: "status"; request: number; settled: boolean}
  | {kind: "logs"; request: number}
  | {kind: "scale"; request: number; workers: number; maxWorkers: number}
  /** Ends the cluster (when this driver started it) and the agent. */
  | {kind: "stop"; request: number}
  /** Tells that the process exits now: close the sockets, then set `closed[0]` and notify. */
  | {kind: "exit"; closed: Int32Array};

/** Reports of a worker's user thread about its tasks. */
export type UserReport =
  | {kind: "user-ready"}
  /** The task awaits something: it may run for long without holding the thread. */
  | {kind: "began"; task: TaskId; startedAt: number}
  /** Answers `abandon`. */
  | {kind: "heard"; task: TaskId}
  | ({kind: "done"; task: TaskId} & TaskEnd)
  | {kind: "output"; output: TaskOutput}
  /** A child process of the task prints into this pipe, as output like `output`. */
  | {kind: "child-pipe"; fd: number; output: Omit<TaskOutput, "text">}
  /** Lines that lie in these pipes of children were printed before the messages that follow. */
  | {kind: "catch-up"; fds: number[]};

export interface TaskEnd {
  state: "returned" | "threw" | "cancelled";
  /** The result, or the error. */
  frames: Frames;
  refs: ObjectId[];
  /** The names of the error's class and of the classes that it extends. */
  errorNames: string[];
  errorLine: string;
  startedAt: number;
  endedAt: number;
  /** How long the arguments took to decode. */
  decodeUs: number;
  /** How long the result took to encode. */
  encodeUs: number;
}

// ---- from the agent ----

export type FromAgent = ClientReply | UserOrder;

export type ClientReply =
  | {kind: "up"; address: ClusterAddress}
  /**
   * The cluster is gone: waiting requests have been answered, and no more messages come.
   * `lastWords` has the head's last lines, where this process had started the head.
   */
  | {kind: "down"; reason: string; agentToo?: boolean; lastWords?: ProcessLog}
  /** Answers `get`. Null stands for a time-out. */
  | {kind: "got"; request: number; outcomes: ObjectOutcome[] | null}
  /** Answers `wait` with the positions, in the request, of the objects that are there. */
  | {kind: "ready"; request: number; positions: number[]}
  | {kind: "cancelled"; request: number}
  | {kind: "actor-killed"; request: number}
  | {kind: "actor-found"; request: number; found: FoundActor | null; names: string[]}
  /**
   * A task that this process submitted has failed. `error` is given for an actor that could not be
   * made.
   */
  | {kind: "failed"; object: ObjectId; error?: Frames}
  /** The task of an object that was left has failed. */
  | {kind: "unfetched"; unfetched: UnfetchedError}
  /** Asks to release dropped refs. Answered by `collected`, unless `round` is null. */
  | {kind: "collect"; round: number | null}
  | {kind: "output"; output: TaskOutput}
  | {kind: "trace"; events: TraceEvent[]}
  /** Tasks of this shape wait for more than a free worker. */
  | {kind: "task-waits"; fn: string; cell: string; shape: Shape; reason: string}
  | {kind: "trace-flushed"; request: number}
  | {kind: "status"; request: number; status: ClusterStatus}
  | {kind: "logs"; request: number; logs: ProcessLog[]}
  | {kind: "stopped"; request: number}
  | {kind: "log"; line: string};

/** To a worker's user thread. */
export type UserOrder =
  | {kind: "worker"; worker: string; node: string; epochNs: string}
  | ({kind: "code"} & CodePiece)
  | {kind: "run"; tasks: UserTask[]}
  /** The task waits in `get` or `wait`, or no longer does: other tasks may run meanwhile. */
  | {kind: "blocked"; task: TaskId}
  | {kind: "unblocked"; task: TaskId}
  /** The task was cancelled: its awaits reject. `done` follows when its code has ended. */
  | {kind: "abandon"; task: TaskId}
  /** The running task was cut off: report it, and go on with the next. */
  | {kind: "resume"};

export interface UserTask {
  task: TaskId;
  attempt: number;
  /** The place of the task's claim in shared memory. */
  slot: number;
  /** The number that stands in the slot while no thread has the task. */
  ticket: number;
  fn: string;
  code: string;
  args: Frames;
  values: {index: number; frames: Frames}[];
  context: TaskContext;
  /**
   * Present when the code is a class: an instance becomes this worker's actor, with at most
   * `maxConcurrency` calls at once.
   */
  makes?: {maxConcurrency: number};
  /** The method of the actor that the task calls. */
  method?: string;
}

// ---- shared memory between a worker's two threads ----

/**
 * The number of claims of handed tasks: the thread that first takes a slot's ticket has the task.
 */
export const claimSlots = 4096;

/**
 * The memory that a worker's two threads share. Its `phase` is 0 while our own code or nothing
 * runs, slot + 1 while the synchronous code of that slot's task runs, and -(slot + 1) when the
 * agent is about to cut that code off, so that the user's thread waits for the cut.
 */
export class SharedState {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #startedAt: Float64Array;
  #lastTicket = 0;

  constructor(memory = new SharedArrayBuffer(16 + claimSlots * 4)) {
    this.memory = memory;
    this.#startedAt = new Float64Array(memory, 0, 1);
    this.#words = new Int32Array(memory, 8);
  }
  /**
   * Puts a new ticket into a slot and returns it. Slots are used again and tickets are not, because
   * the user's thread may hear late of an old task.
   */
  offer(slot: number): number {
    this.#lastTicket = (this.#lastTicket + 1) % 0x7fffffff;
    const ticket = this.#lastTicket + 1;
    Atomics.store(this.#words, 2 + slot, ticket);
    return ticket;
  }
  take(slot: number, ticket: number): boolean {
    return Atomics.compareExchange(this.#words, 2 + slot, ticket, 0) === ticket;
  }
  isTaken(slot: number, ticket: number): boolean {
    return Atomics.load(this.#words, 2 + slot) !== ticket;
  }
  /** Called by the user's thread when it enters a task's code. */
  enter(slot: number, atUs: number): void {
    this.#startedAt[0] = atUs;
    Atomics.store(this.#words, 0, slot + 1);
  }
  /**
   * Called when the thread has left the task's code. Waits here for a cut that is about to happen.
   */
  leave(slot: number): void {
    if (Atomics.compareExchange(this.#words, 0, slot + 1, 0) === slot + 1) return;
    for (;;) Atomics.wait(this.#words, 1, 0, 1000);
  }
  /** Called after a cut, or when there will be none: our own code runs again. */
  reset(): void {
    Atomics.store(this.#words, 0, 0);
  }
  /** Called by the agent. True when the task's code is held and may be cut off. */
  hold(slot: number): boolean {
    return Atomics.compareExchange(this.#words, 0, slot + 1, -(slot + 1)) === slot + 1;
  }
  /** The slot whose synchronous code runs, with the time at which it began; null for none. */
  running(): {slot: number; startedAt: number} | null {
    const phase = Atomics.load(this.#words, 0);
    return phase > 0 ? {slot: phase - 1, startedAt: this.#startedAt[0]!} : null;
  }
}

/** From this size on, memory is moved instead of copied. */
const moveFromBytes = 16 * 1024;

const given = new WeakSet<Frames>();
/**
 * Marks frames whose memory no other code in this thread uses, so that a Parcel hands the memory
 * over. Node refuses that for memory that a native module owns, such as frames received by zmq.
 */
export function giveAway(frames: Frames): Frames {
  given.add(frames);
  return frames;
}

/** Frames made ready for one postMessage. */
export class Parcel {
  /** Memory that is handed over instead of being copied. */
  readonly transfer: (ArrayBuffer | import("node:worker_threads").MessagePort)[] = [];

  pack(frames: Frames): Frames {
    const isOurs = given.has(frames);
    return frames.map((frame) => {
      const isWhole = frame.byteLength === frame.buffer.byteLength;
      const isLarge = frame.byteLength >= moveFromBytes;
      if (isWhole && !isLarge) return frame;
      const own = isWhole && isOurs ? frame : Uint8Array.prototype.slice.call(frame);
      if (isLarge) this.transfer.push(own.buffer as ArrayBuffer);
      return own;
    });
  }
}
