// The workers that a client has leases on: a link to each, and what it is believed to have of the
// code.

import type {SubmitterCommand} from "../../core/events.js";
import type {WorkerId} from "../../ids.js";
import type {SentTask, ToWorker} from "../../messages.js";
import {callOf, sentTaskOf, type Calls} from "./calls.js";
import {BelievedCodes} from "./codes.js";

export interface WorkerLink {
  send(message: ToWorker): void;
  close(): Promise<void>;
}

interface Neighbour {
  link: WorkerLink;
  codes: BelievedCodes;
}

export class Neighbours {
  readonly #connect: (worker: WorkerId, address: string) => WorkerLink;
  readonly #calls: Calls;
  readonly #met = new Map<WorkerId, Neighbour>();

  constructor(connect: (worker: WorkerId, address: string) => WorkerLink, calls: Calls) {
    this.#connect = connect;
    this.#calls = calls;
  }

  meet(worker: WorkerId, address: string): void {
    if (this.#met.has(worker)) return;
    const link = this.#connect(worker, address);
    this.#met.set(worker, {link, codes: new BelievedCodes()});
  }

  /** A worker's process is gone; its leases are told by the head, one by one. */
  lost(worker: WorkerId): void {
    void this.#met.get(worker)?.link.close();
    this.#met.delete(worker);
  }

  sendTasks({worker, lease, tasks}: SubmitterCommand & {kind: "send-tasks"}): void {
    const neighbour = this.#met.get(worker);
    // Its loss has been seen here before the head told of it: the lease's end follows.
    if (!neighbour) return;
    const {link, codes} = neighbour;
    let sent: SentTask[] = [];
    for (const task of tasks) {
      const call = callOf(task);
      const pieces = codes.missing(call.code);
      // Tasks go before the pieces of later ones: what arrives must be in use before more arrives,
      // or it could be the first to be let go.
      if (pieces.length > 0 && sent.length > 0) {
        link.send({kind: "tasks", lease, tasks: sent});
        sent = [];
      }
      for (const piece of pieces) link.send({kind: "code", ...piece});
      codes.sent(call.code);
      sent.push(sentTaskOf(call, task.attempt, task.args));
    }
    link.send({kind: "tasks", lease, tasks: sent});
  }

  /** Sends a piece that a worker was believed to have, and has not. */
  sendPiece(worker: WorkerId, hash: string): void {
    const neighbour = this.#met.get(worker);
    const piece = this.#calls.findPiece(hash);
    if (!neighbour || !piece) return;
    neighbour.link.send({kind: "code", ...piece});
    neighbour.codes.answered(piece);
  }

  cancel({worker, task, force, recursive}: SubmitterCommand & {kind: "cancel-on-worker"}): void {
    this.#met.get(worker)?.link.send({kind: "cancel", task, force, recursive});
  }

  async close(): Promise<void> {
    await Promise.all([...this.#met.values()].map(({link}) => link.close()));
  }
}
