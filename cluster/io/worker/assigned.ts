// An attempt that was sent to this worker and has not ended, and what its client is told of it.

import type {Frames, ShippedCode} from "../../backend.js";
import {sizeOf} from "../../packing/size.js";
import type {LeaseId} from "../../ids.js";
import type {FromWorker, SentTask} from "../../messages.js";
import {letGo} from "../../garbage.js";
import type {Peer} from "../link/link.js";

/** The client that sent the task. */
export type Submitting = Pick<Peer<FromWorker>, "id" | "send">;

export interface Assigned {
  readonly sent: SentTask;
  readonly client: Submitting;
  readonly lease: LeaseId;
  readonly arrivedAtUs: number;
  fetchUs: number;
  /** Once all of it is here. */
  code: ShippedCode | null;
  values: ArgValue[];
  /** Where its claim stands, once it was handed over. */
  slot: number | null;
  ticket: number;
  /** Known early only for tasks that run long. */
  startedAtUs: number | null;
  traced: boolean;
  /** True when the client was told that the task is cancelled, but not yet that it has settled. */
  isCancelled: boolean;
  /**
   * True when the task's code has been told of the cancel: its awaits reject, and `finally` runs.
   */
  isHeard: boolean;
}
/** A value to be put into the arguments, by position. */
export interface ArgValue {
  index: number;
  frames: Frames;
}

export function assign(
  sent: SentTask,
  client: Submitting,
  lease: LeaseId,
  arrivedAtUs: number,
): Assigned {
  return {
    sent,
    client,
    lease,
    arrivedAtUs,
    fetchUs: 0,
    code: null,
    values: [],
    slot: null,
    ticket: 0,
    startedAtUs: null,
    traced: false,
    isCancelled: false,
    isHeard: false,
  };
}

/** The values of its arguments are not needed here any more. */
export function dropValues(assigned: Assigned): void {
  for (const {frames} of assigned.values) letGo(sizeOf(frames));
  assigned.values = [];
}
