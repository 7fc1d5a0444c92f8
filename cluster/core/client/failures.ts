// Why a task will never run (again), in words for whoever waits for its result.

import {holdOf, type ObjectId} from "../../ids.js";
import type {Death, Place, SubmitterCommand} from "../events.js";
import type {Lease, Task} from "./submitted.js";

export type Failure = Omit<Extract<SubmitterCommand, {kind: "fail-task"}>, "kind" | "task">;

export function cancelled({cancelDetail}: Task): Failure {
  return {why: "cancelled", detail: cancelDetail};
}

export function argumentFailed({ticket}: Task, object: ObjectId, place: Place): Failure {
  const detail = `argument ${object} of ${ticket.fn} failed`;
  return {why: "argument-failed", detail, cause: {object, place}};
}

export function actorDied({ticket}: Task, {reason, cause}: Death): Failure {
  const detail = `${ticket.fn}: ${reason}`;
  if (!cause) return {why: "actor-died", detail};
  return {why: "actor-died", detail, cause: {object: holdOf(ticket.actor!.actor), place: cause}};
}

/** The failure of a task that may not run once more, as `loss` tells how its process was lost. */
export function lost(
  task: Task,
  lease: Lease,
  loss: {reason: string; restarts?: boolean; lives?: boolean},
): Failure {
  const {reason, restarts, lives} = loss;
  const {fn, actor} = task.ticket;
  if (actor && restarts) {
    const how = lives ? "the actor lives on" : "it is being started again";
    const advice = `${how}; the call may have run, or set maxTaskRetries`;
    return {why: "actor-unavailable", detail: `${fn}: ${reason}; ${advice}`};
  }
  if (actor) return {why: "actor-died", detail: `${fn}: ${reason}`};
  const tries = `attempt ${task.attempt} of ${task.attempt}`;
  const what = `worker ${lease.worker} was lost while it ran ${fn} (${tries}): ${reason}`;
  return {why: "worker-crashed", detail: `${what}; look at \`%cluster logs\`, or set maxRetries`};
}

/** How the trace calls it. */
export const stateOfFailure = {
  cancelled: "cancelled",
  "worker-crashed": "lost",
  "argument-failed": "failed",
  "cluster-stopped": "lost",
  "actor-died": "failed",
  "actor-unavailable": "lost",
} as const;
