// What a submitter knows of its tasks and leases. A task is in one list at a time: its shape's
// queue, or that of the lease it was sent on. Far back in its queue a task is packed.

import type {LeaseId, NodeId, TaskId, WorkerId} from "../../ids.js";
import type {Backlog} from "./backlog.js";
import type {Shape, TaskTicket} from "../events.js";
import type {List, Listed} from "../list.js";

export interface Task extends Listed<Task> {
  readonly id: TaskId;
  readonly ticket: TaskTicket;
  readonly payload: unknown;
  readonly queue: ShapeQueue;
  /** Rises with each submission: an actor's calls keep their order when they are sent again. */
  readonly turn: number;
  /**
   * waiting: for arguments; queued: for a lease; sent: on `lease`; settling: told as cancelled,
   * while its code still runs on `lease`.
   */
  state: "waiting" | "queued" | "sent" | "settling";
  attempt: number;
  retriesLeft: number;
  /** How many arguments have no known place yet. */
  missing: number;
  lease: Lease | null;
  /** Where an attempt that is made once more has left its error: under the name of the result. */
  leftOn: NodeId | null;
  /** Nothing else may be under way on its lease. */
  alone: boolean;
  cancel: "no" | "asked" | "forced";
  /** Why, in words; empty while nobody asked. */
  cancelDetail: string;
  /** When it runs too long, in the submitter's clock; Infinity while nothing counts. */
  deadlineMs: number;
}

/** A worker's slot held for one shape of task. */
export interface Lease {
  readonly id: LeaseId;
  readonly worker: WorkerId;
  readonly queue: ShapeQueue;
  readonly sent: List<Task>;
  /** At most so many tasks are under way on it. */
  window: number;
  meanMs: number;
  /** Nothing more is sent on it; it goes back when what was sent has ended. */
  closing: boolean;
  /** A task was sent on it. */
  isUsed: boolean;
  idleSinceMs: number;
}

/** The tasks of one shape that are ready to be sent, and the leases for them. */
export interface ShapeQueue {
  readonly shape: Shape;
  readonly ready: List<Task>;
  /** The tasks behind those. */
  readonly backlog: Backlog;
  readonly leases: Set<Lease>;
  /** The wanted number that the head was told last, less the leases granted since. */
  wanted: number;
  dirty: boolean;
}

/** How many tasks could be sent if there were leases for them. */
export function countReady({ready, backlog}: ShapeQueue): number {
  return ready.size + backlog.size;
}
