// Tasks of a submitter, and the lists that hold them. A task is in one list at a time (its shape's
// queue, or the lease it was sent on), so the links live in the task: every step is O(1), and
// nothing is allocated.

import type {LeaseId, ObjectId, TaskId, WorkerId} from "../ids.js";
import type {Shape, TaskTicket} from "./events.js";

export interface Task {
  readonly id: TaskId;
  readonly ticket: TaskTicket;
  readonly result: ObjectId;
  readonly queue: ShapeQueue;
  /** waiting: for arguments; queued: for a lease; sent: on `lease`. */
  state: "waiting" | "queued" | "sent";
  attempt: number;
  retriesLeft: number;
  /** How many arguments have no known place yet. */
  missing: number;
  lease: Lease | null;
  /** Nothing else may be under way on its lease. */
  alone: boolean;
  cancel: "no" | "asked" | "forced";
  /** Why, in words; empty while nobody asked. */
  cancelDetail: string;
  /** When it runs too long, in the submitter's clock; Infinity without a timeout. */
  deadlineMs: number;
  list: TaskList | null;
  previous: Task | null;
  next: Task | null;
}

/** A worker's slot held for one shape of task. */
export interface Lease {
  readonly id: LeaseId;
  readonly worker: WorkerId;
  readonly queue: ShapeQueue;
  readonly sent: TaskList;
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
  readonly ready: TaskList;
  readonly leases: Set<Lease>;
  /** What the head was told last, less what it has granted since. */
  wanted: number;
  dirty: boolean;
}

export class TaskList {
  first: Task | null = null;
  last: Task | null = null;
  size = 0;

  push(task: Task): void {
    task.list = this;
    task.previous = this.last;
    task.next = null;
    if (this.last) this.last.next = task;
    else this.first = task;
    this.last = task;
    this.size++;
  }

  unshift(task: Task): void {
    task.list = this;
    task.next = this.first;
    task.previous = null;
    if (this.first) this.first.previous = task;
    else this.last = task;
    this.first = task;
    this.size++;
  }
}

/** Takes the task out of the list it is in, if any. */
export function unlink(task: Task): void {
  const list = task.list;
  if (!list) return;
  if (task.previous) task.previous.next = task.next;
  else list.first = task.next;
  if (task.next) task.next.previous = task.previous;
  else list.last = task.previous;
  task.list = task.previous = task.next = null;
  list.size--;
}
