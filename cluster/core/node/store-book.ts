// The bookkeeping of a node's object store: which objects it has, the owner of each, and which puts
// it takes in. The shell keeps the bytes.
//
//   put-asked ─▶ accept           there is room for it
//             ─▶ refuse (stale)   from a worker that was given up, of a client that is gone,
//                                 deleted already, or older than the value that is here
//             ─▶ waits ─▶ accept  room came free
//                     ─▶ refuse (full)  it has waited for `roomWaitMs`
//
// A put that is sent again while it waits is one put: else one of the two could be refused and the
// other accepted, and nobody would hold what is there.
//
// Puts wait in the order in which they came, so that small values can't starve a large one. A value
// of a newer attempt takes the place of an older attempt's: a newer attempt exists only when nobody
// was told of the older one's value. Values that a lost client owned go, unless the head's
// directory knows them.
//
// A value may come after the order to delete it: its worker was still at it when the owner gave the
// task up, or sends it again since a link broke. Nobody would delete it then, so it is refused.

import type {ClientId, ObjectId, WorkerId} from "../../ids.js";
import type {Wake} from "../events.js";
import {Outbox} from "../outbox.js";
import {Recent} from "../../recent.js";

/** A value that somebody wants to store. */
export interface Put {
  object: ObjectId;
  sizeBytes: number;
  /**
   * The client that answers for the object: its put made the object, or its task's result is it.
   */
  owner: ClientId;
  /** The process that sends it. */
  by: ClientId;
  /** The attempt whose result it is; 0 for a value that was put. */
  attempt: number;
  /** The function whose result it is; "" for a value that was put. */
  fn: string;
}

export type StoreEvent =
  /** `put`: the shell's number, under which `accept` or `refuse` follows, at once or later. */
  | {kind: "put-asked"; put: number; value: Put}
  /** `upTo`: deletes values of this attempt and of earlier ones; of all attempts if left out. */
  | {kind: "objects-deleted"; objects: readonly ObjectId[]; upTo?: number | undefined}
  /** `keep`: objects of the client that the head's directory knows; the head says when these go. */
  | {kind: "client-lost"; client: ClientId; keep: readonly ObjectId[]}
  /** The worker was given up: what it still sends is refused. */
  | {kind: "worker-fenced"; worker: WorkerId}
  | {kind: "ticked"};

export type StoreCommand =
  /** Keep the bytes, instead of those of an older attempt, and tell the sender. */
  | {kind: "accept"; put: number; object: ObjectId; sizeBytes: number}
  | {kind: "refuse"; put: number; why: Refusal}
  /** Let go of the bytes. */
  | {kind: "delete"; object: ObjectId}
  /** A put waits for room: clients that collect what nobody holds may make some. */
  | {kind: "ask-room"; wantedBytes: number}
  | Wake;

export type Refusal = {kind: "stale"; reason: string} | ({kind: "full"} & FullStore);

/** Why a value did not fit. */
export interface FullStore {
  wanted: Put;
  limitBytes: number;
  storedBytes: number;
  objects: number;
  /** The holdings that take most of the space, the largest first. */
  largest: Holding[];
}
/** All objects of one function and one owner. */
export interface Holding {
  fn: string;
  owner: ClientId;
  objects: number;
  sizeBytes: number;
}

export interface StoreBookOptions {
  limitBytes: number;
  /** How long a put may wait for room. */
  roomWaitMs: number;
}

interface WaitingPut {
  put: number;
  /** A put that a process whose link broke sent again: it gets the same answer. */
  again: number[];
  value: Put;
  dueMs: number;
}

/** Decides what the store keeps; events may come in any order and twice. */
export class StoreBook {
  readonly limitBytes: number;
  readonly #roomWaitMs: number;
  readonly #objects = new Map<ObjectId, Put>();
  #waiting: WaitingPut[] = [];
  readonly #fenced = new Recent<string, true>(maxRemembered);
  readonly #gone = new Recent<ClientId, true>(maxRemembered);
  /** The last attempt whose value was deleted. */
  readonly #deleted = new Recent<ObjectId, number>(maxDeleted);
  readonly #out = new Outbox<StoreCommand>();
  #bytes = 0;
  #waitingBytes = 0;

  constructor({limitBytes, roomWaitMs}: StoreBookOptions) {
    this.limitBytes = limitBytes;
    this.#roomWaitMs = roomWaitMs;
  }

  handle(event: StoreEvent, nowMs: number): StoreCommand[] {
    switch (event.kind) {
      case "put-asked":
        this.#ask(event.put, event.value, nowMs);
        break;
      case "objects-deleted":
        for (const object of event.objects) this.#deleteUpTo(object, event.upTo ?? Infinity);
        break;
      case "client-lost":
        this.#loseClient(event.client, event.keep);
        break;
      case "worker-fenced":
        this.#fenced.set(event.worker, true);
        break;
      case "ticked":
        this.#out.ticked();
        break;
      default:
        event satisfies never;
    }
    this.#admit(nowMs);
    return this.#out.take();
  }

  get bytes(): number {
    return this.#bytes;
  }
  /** For the invariants. */
  inspect() {
    return {
      objects: this.#objects as ReadonlyMap<ObjectId, Readonly<Put>>,
      waiting: this.#waiting as readonly Readonly<WaitingPut>[],
    };
  }

  #ask(put: number, value: Put, nowMs: number): void {
    const stale = this.#staleness(value);
    if (stale !== null) return this.#refuse(put, {kind: "stale", reason: stale});
    const same = this.#waiting.find((waiting) => isSame(waiting.value, value));
    if (same) return void same.again.push(put);
    if (this.#waiting.length === 0 && this.#fits(value)) return this.#accept(put, value);
    // Waiting values are in memory already, so they have a bound of their own.
    const isHopeless = value.sizeBytes > this.limitBytes;
    if (isHopeless || this.#waitingBytes + value.sizeBytes > this.limitBytes)
      return this.#refuse(put, this.#full(value));
    this.#waiting.push({put, again: [], value, dueMs: nowMs + this.#roomWaitMs});
    this.#waitingBytes += value.sizeBytes;
    const wantedBytes = this.#bytes + this.#waitingBytes - this.limitBytes;
    this.#out.push({kind: "ask-room", wantedBytes});
  }

  #staleness({object, owner, by, attempt}: Put): string | null {
    if (this.#fenced.has(by)) return `${by} was given up before it stored this`;
    if (this.#gone.has(owner)) return `its owner ${owner} is gone`;
    if (attempt <= this.#deletedUpTo(object)) return "nobody needs it any more";
    const known = this.#objects.get(object);
    return known && known.attempt > attempt ? `attempt ${known.attempt} has stored it` : null;
  }

  #fits({object, sizeBytes}: Put): boolean {
    const replaced = this.#objects.get(object)?.sizeBytes ?? 0;
    return this.#bytes - replaced + sizeBytes <= this.limitBytes;
  }

  #accept(put: number, value: Put): void {
    const {object, sizeBytes} = value;
    this.#bytes += sizeBytes - (this.#objects.get(object)?.sizeBytes ?? 0);
    this.#objects.set(object, value);
    this.#out.push({kind: "accept", put, object, sizeBytes});
  }
  #refuse(put: number, why: Refusal): void {
    this.#out.push({kind: "refuse", put, why});
  }

  #deletedUpTo(object: ObjectId): number {
    return this.#deleted.get(object) ?? -1;
  }
  #deleteUpTo(object: ObjectId, attempt: number): void {
    this.#deleted.set(object, Math.max(attempt, this.#deletedUpTo(object)));
    const known = this.#objects.get(object);
    if (known && known.attempt <= attempt) this.#delete(object);
  }
  #delete(object: ObjectId): void {
    const known = this.#objects.get(object);
    if (!known) return;
    this.#objects.delete(object);
    this.#bytes -= known.sizeBytes;
    this.#out.push({kind: "delete", object});
  }

  #loseClient(client: ClientId, keep: readonly ObjectId[]): void {
    this.#gone.set(client, true);
    const kept = new Set(keep);
    for (const {object, owner} of this.#objects.values()) {
      if (owner === client && !kept.has(object)) this.#delete(object);
    }
  }

  /** Admits waiting puts in their order while there is room; refuses puts that waited too long. */
  #admit(nowMs: number): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const {put, again, value, dueMs} = first;
      const stale = this.#staleness(value);
      if (stale === null && !this.#fits(value) && nowMs < dueMs) return this.#out.wake(dueMs);
      this.#waiting.shift();
      this.#waitingBytes -= value.sizeBytes;
      const refusal = this.#fits(value) ? null : this.#full(value);
      for (const each of [put, ...again]) {
        if (stale !== null) this.#refuse(each, {kind: "stale", reason: stale});
        else if (refusal) this.#refuse(each, refusal);
        else this.#accept(each, value);
      }
    }
  }

  #full(wanted: Put): Refusal {
    const byMaker = new Map<string, Holding>();
    for (const {fn, owner, sizeBytes} of this.#objects.values()) {
      const key = `${owner} ${fn}`;
      const holding = byMaker.get(key) ?? {fn, owner, objects: 0, sizeBytes: 0};
      holding.objects++;
      holding.sizeBytes += sizeBytes;
      byMaker.set(key, holding);
    }
    const largest = [...byMaker.values()]
      .sort((one, other) => other.sizeBytes - one.sizeBytes)
      .slice(0, maxNamed);
    const {limitBytes} = this;
    const objects = this.#objects.size;
    return {kind: "full", wanted, limitBytes, storedBytes: this.#bytes, objects, largest};
  }
}

function isSame(one: Put, other: Put): boolean {
  return one.object === other.object && one.by === other.by && one.attempt === other.attempt;
}

/** So many that hold the space are named. */
const maxNamed = 3;
/** Processes that are gone are remembered this far back, at least. */
const maxRemembered = 1024;
/** So many deleted objects are remembered, at least: some megabytes of ids. */
const maxDeleted = 16_384;
