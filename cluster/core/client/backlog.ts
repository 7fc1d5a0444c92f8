// The tasks of one shape that wait behind many others, packed. A loop may submit a million tasks.
// Nothing has happened to a packed task since it was submitted: its id, ticket and payload are all
// that there is to keep. It is unpacked when its turn comes, or when it is cancelled.

import type {TaskId} from "../../ids.js";
import type {TaskTicket} from "../events.js";

export interface PackedTask {
  readonly id: TaskId;
  readonly ticket: TaskTicket;
  readonly payload: unknown;
}

/** Tasks in a row, as columns. */
export class Pack {
  readonly state = "packed";
  readonly ids: TaskId[] = [];
  readonly tickets: TaskTicket[] = [];
  readonly payloads: unknown[] = [];
  readonly #backlog: Backlog;

  constructor(backlog: Backlog) {
    this.#backlog = backlog;
  }

  push({id, ticket, payload}: PackedTask): void {
    this.ids.push(id);
    this.tickets.push(ticket);
    this.payloads.push(payload);
  }

  at(index: number): PackedTask {
    const [id, ticket] = [this.ids[index]!, this.tickets[index]!];
    return {id, ticket, payload: this.payloads[index]};
  }

  /** Takes out one of its tasks. */
  take(id: TaskId): PackedTask {
    const index = this.ids.indexOf(id);
    const task = this.at(index);
    for (const column of [this.ids, this.tickets, this.payloads]) column.splice(index, 1);
    this.#backlog.took(this);
    return task;
  }
}

export class Backlog {
  readonly #packSize: number;
  #packs: Pack[] = [];
  /** How many tasks are in the packs. */
  size = 0;

  constructor(packSize: number) {
    this.#packSize = packSize;
  }

  get first(): PackedTask | undefined {
    return this.#packs[0]?.at(0);
  }

  *[Symbol.iterator](): Iterator<PackedTask> {
    for (const pack of this.#packs) for (let i = 0; i < pack.ids.length; i++) yield pack.at(i);
  }

  /** Gives the pack that has the task now. */
  push(task: PackedTask): Pack {
    let pack = this.#packs.at(-1);
    if (!pack || pack.ids.length >= this.#packSize) this.#packs.push((pack = new Pack(this)));
    pack.push(task);
    this.size++;
    return pack;
  }

  /** Takes the oldest pack. */
  shift(): PackedTask[] {
    const pack = this.#packs.shift();
    if (!pack) return [];
    this.size -= pack.ids.length;
    return pack.ids.map((_, index) => pack.at(index));
  }

  /** One task was taken out of a pack. */
  took(pack: Pack): void {
    this.size--;
    if (pack.ids.length === 0) this.#packs = this.#packs.filter((each) => each !== pack);
  }
}
