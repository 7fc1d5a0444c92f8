// A client's tasks on their way: arguments, leases, retries, cancels, and the objects it owns.

import type {SubmitterCommand, SubmitterEvent} from "./events.js";

export interface SubmitterOptions {
  /** An idle lease is kept this long for the next task of its shape. */
  lingerMs?: number;
  /** At most so many leases are asked for, per shape. */
  maxWanted?: number;
  /** At most so many tasks are under way on one lease. */
  maxWindow?: number;
}

/**
 * `handle` takes one event and gives what follows at once (settle, fail, trace, …).
 * `flush` gives what is cheaper in batches (send-tasks, want-leases, return-lease, wake):
 * the shell calls it once after each batch of events that it has handled.
 */
export class Submitter {
  constructor(_options: SubmitterOptions = {}) {}

  handle(_event: SubmitterEvent, _nowMs: number): SubmitterCommand[] {
    return [];
  }

  flush(_nowMs: number): SubmitterCommand[] {
    return [];
  }
}
