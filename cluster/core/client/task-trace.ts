// What a client tells the trace of its tasks; how they run, their workers tell.

import type {WorkerId} from "../../ids.js";
import type {TraceEvent} from "../../trace.js";
import type {Task} from "./submitted.js";

export function taskSubmitted({id: task, ticket}: Task, nowMs: number): TraceEvent {
  const {run, parent, fn, args, shape} = ticket;
  const {resources} = shape;
  return {kind: "task-submitted", at: nowMs * 1000, task, run, parent, fn, args, resources};
}

export function taskLeased({id: task, attempt}: Task, worker: WorkerId, nowMs: number): TraceEvent {
  return {kind: "task-leased", at: nowMs * 1000, task, attempt, worker};
}

/** No worker tells of this end. */
export function taskEnded(
  {id: task, attempt}: Task,
  state: "failed" | "cancelled" | "lost",
  error: string,
  nowMs: number,
): TraceEvent {
  const at = nowMs * 1000;
  return {kind: "task-ended", at, task, attempt, state, storeUs: 0, sizeBytes: 0, error};
}
