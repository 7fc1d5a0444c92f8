// What a worker tells of its tasks: to their clients how they ended, to the trace when they ran.

import {nowUs} from "../../clock.js";
import {sizeOf} from "../../packing/size.js";
import type {Place, TaskOutcome} from "../../core/events.js";
import {ObjectStoreFullError, type ClusterError} from "../../errors.js";
import {objectId, type ClientId, type WorkerId} from "../../ids.js";
import type {TraceEvent} from "../../trace.js";
import type {Assigned} from "./assigned.js";
import type {TaskEnd} from "../threads/ports.js";
import type {Submissions} from "../agent/submissions.js";

export interface NewsSurroundings {
  worker: WorkerId;
  submissions: Pick<Submissions, "tell" | "placeOf">;
  trace(event: TraceEvent): void;
}

export class TaskNews {
  readonly #around: NewsSurroundings;

  constructor(around: NewsSurroundings) {
    this.#around = around;
  }

  /** A task runs now, as far as can be seen from here. */
  began(assigned: Assigned, at: number): void {
    const {client, sent, startedAtUs} = assigned;
    assigned.startedAtUs = at;
    const {task, attempt, isTimed} = sent;
    if (isTimed && startedAtUs === null) client.send({kind: "began", task, attempt});
  }

  started(assigned: Assigned, at: number, decodeUs: number): void {
    if (assigned.traced) return;
    assigned.traced = true;
    const {sent, fetchUs} = assigned;
    const {task, attempt} = sent;
    const {worker, trace} = this.#around;
    trace({kind: "task-started", at, task, attempt, worker, fetchUs: fetchUs + decodeUs});
  }

  /** The result is where others can have it before it is told. */
  async ended(assigned: Assigned, end: TaskEnd): Promise<void> {
    const {frames, refs} = end;
    let {errorNames, errorLine} = end;
    const ranMs = Math.max(0, end.endedAt - end.startedAt) / 1000;
    if (end.state === "cancelled") return this.cancelled(assigned, end.endedAt);
    const {submissions} = this.#around;
    for (const object of refs) submissions.tell({kind: "object-shared", object});
    let ok = end.state === "returned";
    const {task, attempt, fn} = assigned.sent;
    const owner = assigned.client.id as ClientId;
    const placed = submissions.placeOf(objectId(task), frames, ok, refs, {owner, attempt, fn});
    let storeUs = end.encodeUs;
    let place;
    if (placed instanceof Promise) {
      place = await placed;
      storeUs = nowUs() - end.endedAt;
    } else {
      place = placed;
    }
    // A result without room in the store is a failure of the task, which may be tried again.
    if (ok && place.kind === "inline" && !place.ok) {
      ok = false;
      errorNames = [ObjectStoreFullError.name];
      errorLine = `${ObjectStoreFullError.name}: no room in the object store for its result`;
    }
    this.#report(
      assigned,
      ok
        ? {kind: "returned", place}
        : {kind: "threw", place, errorName: errorNames[0] ?? "", errorNames},
      ranMs,
    );
    this.#traceEnd(assigned, end.endedAt + storeUs, {
      state: ok ? "finished" : "failed",
      sizeBytes: sizeOf(frames),
      storeUs,
      ...(ok ? {} : {error: errorLine}),
    });
  }

  /** `settles`: its code has begun, and is being stopped. */
  cancelled(assigned: Assigned, at: number, how: {settles?: true} = {}): void {
    const beganAt = assigned.startedAtUs ?? at;
    if (how.settles) this.started(assigned, beganAt, 0);
    this.#report(assigned, {kind: "cancelled", ...how}, (at - beganAt) / 1000);
    this.#traceEnd(assigned, at, {state: "cancelled", sizeBytes: 0, storeUs: 0});
  }

  /** The code of a task that was cancelled runs no longer. */
  settled({sent: {task, attempt}, client}: Assigned): void {
    client.send({kind: "settled", task, attempt});
  }

  /** The needs of a task can't be had: it never ran. */
  failed(assigned: Assigned, {name, message}: ClusterError, place: Place): void {
    this.#report(assigned, {kind: "threw", place, errorName: name, errorNames: [name]}, 0);
    const end = {state: "failed", sizeBytes: 0, storeUs: 0, error: message} as const;
    this.#traceEnd(assigned, nowUs(), end);
  }

  #report({sent, client}: Assigned, outcome: TaskOutcome, ranMs: number): void {
    client.send({kind: "ended", task: sent.task, attempt: sent.attempt, outcome, ranMs});
  }

  #traceEnd(
    {sent}: Assigned,
    at: number,
    end: {
      state: "finished" | "failed" | "cancelled";
      sizeBytes: number;
      storeUs: number;
      error?: string;
    },
  ): void {
    this.#around.trace({kind: "task-ended", at, task: sent.task, attempt: sent.attempt, ...end});
  }
}
