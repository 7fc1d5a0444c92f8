// The head's scheduler: nodes, workers, leases, and who waits for one.

import type {Resources, SchedulerCommand, SchedulerEvent} from "./events.js";
import type {NodeStatus} from "../messages.js";

export interface SchedulerOptions {
  /** An idle worker above its node's `workers` is stopped after this time. */
  idleMs?: number;
  /** A client of equal rank keeps a busy lease this long when others wait. */
  quantumMs?: number;
  /** How many tasks may be suspended on one process before no other is put on top of them. */
  maxNesting?: number;
}

export interface SchedulerStatus {
  nodes: Omit<NodeStatus, "storeBytes" | "storeObjects">[];
  waiting: {shape: Resources; count: number}[];
}

/** Grants leases: `handle` takes one event and gives the commands that follow from it. */
export class Scheduler {
  constructor(_options: SchedulerOptions = {}) {}

  handle(_event: SchedulerEvent, _nowMs: number): SchedulerCommand[] {
    return [];
  }

  status(): SchedulerStatus {
    return {nodes: [], waiting: []};
  }
}
