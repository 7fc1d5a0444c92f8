// A worker's tasks: one runs on the user's thread, some wait there behind it, the others wait here.

import type {RunnerCommand, RunnerEvent} from "./events.js";

export interface RunnerOptions {
  /** How much work is handed to the user's thread at once, by measured durations. */
  batchMs?: number;
  /** … and at most so many tasks. */
  maxBatch?: number;
  /** When a task runs longer, those of its lease that wait behind it go back to their client. */
  longMs?: number;
}

/** Decides what the user's thread runs next. */
export class Runner {
  constructor(_options: RunnerOptions = {}) {}

  handle(_event: RunnerEvent, _nowMs: number): RunnerCommand[] {
    return [];
  }
}
