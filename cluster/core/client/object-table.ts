// The objects that one process knows: its own (results of its tasks, puts) and those of others
// whose refs came here. An object is forgotten when nobody here holds it and nothing here needs it.

import type {ObjectId} from "../../ids.js";
import type {Label, Place, SubmitterCommand} from "../events.js";
import type {Task} from "./submitted.js";

export interface Entry {
  readonly object: ObjectId;
  place: Place | null;
  /** Made or put by this process: it answers for the object. */
  own: boolean;
  /** User code has a ref. */
  held: boolean;
  /** Unfinished tasks that take it, and known values that hold it. */
  needs: number;
  /** The head knows that this process owns it. */
  shared: boolean;
  /** The head was asked for its place, and so knows that it is held here. */
  asked: boolean;
  /** When a ref of the object last left this process, or was with a task elsewhere; null: never. */
  lentAtMs: number | null;
  /** Tasks that wait for its place. */
  waiters: Task[] | null;
  /** The label of the object's task, when the object was left before anybody asked for it. */
  leftBy: Label | null;
}

export class ObjectTable {
  readonly entries = new Map<ObjectId, Entry>();
  readonly #emit: (command: SubmitterCommand) => void;
  readonly #isPending: (object: ObjectId) => boolean;

  /**
   * `isPending` tells whether an unfinished task of this process makes the object. There may be a
   * million such objects, so one has an entry only once an event names it.
   */
  constructor(emit: (command: SubmitterCommand) => void, isPending: (object: ObjectId) => boolean) {
    this.#emit = emit;
    this.#isPending = isPending;
  }

  find(object: ObjectId): Entry | undefined {
    const known = this.entries.get(object);
    return known ?? (this.#isPending(object) ? this.#add(object, true) : undefined);
  }

  addOwn(object: ObjectId): Entry {
    const known = this.entries.get(object);
    if (known) {
      known.own = true;
      return known;
    }
    return this.#add(object, true);
  }

  /** The entry of any object that is spoken of here; the head is asked when it is not known. */
  need(object: ObjectId): Entry {
    const entry = this.find(object) ?? this.#add(object, false);
    if (!entry.own && !entry.place && !entry.asked) {
      entry.asked = true;
      this.#emit({kind: "ask-place", object});
    }
    return entry;
  }

  /** Returns the tasks that waited for it. */
  settle(entry: Entry, place: Place): Task[] {
    entry.place = place;
    this.#emit({kind: "settle", object: entry.object, place});
    if (entry.shared) this.#emit({kind: "publish-object", object: entry.object, place});
    if (place.kind !== "lost" && place.refs) for (const ref of place.refs) this.pin(ref);
    const waiters = entry.waiters ?? nobody;
    entry.waiters = null;
    return waiters;
  }

  /** A ref of it leaves this process, or may be on its way from a task that had it. */
  lend(object: ObjectId, nowMs: number): void {
    const entry = this.find(object);
    if (entry) entry.lentAtMs = nowMs;
  }

  share(object: ObjectId): void {
    const entry = this.find(object);
    // A borrowed one is known to the head already.
    if (!entry?.own || entry.shared) return;
    entry.shared = true;
    if (entry.place) this.#emit({kind: "publish-object", object, place: entry.place});
    else this.#emit({kind: "share-object", object});
  }

  pin(object: ObjectId): Entry {
    const isNew = !this.find(object);
    const entry = this.need(object);
    if (isNew) entry.held = false;
    entry.needs++;
    return entry;
  }

  unpin(object: ObjectId): void {
    const entry = this.find(object);
    if (!entry) return;
    entry.needs--;
    this.maybeForget(entry);
  }

  hold(object: ObjectId): void {
    const entry = this.need(object);
    entry.held = true;
    entry.leftBy = null;
  }

  release(object: ObjectId): void {
    const entry = this.find(object);
    if (!entry) return;
    entry.held = false;
    this.maybeForget(entry);
  }

  /** Nobody here can fetch it any more; a failure is told first, by `maybeTellLeft`. */
  leave(object: ObjectId, by: Label): void {
    const entry = this.find(object);
    if (!entry) return;
    entry.held = false;
    entry.leftBy = by;
    this.maybeTellLeft(entry);
    this.maybeForget(entry);
  }

  /** An error that is to be told is held until it has been read: `object-released` follows. */
  maybeTellLeft(entry: Entry): void {
    const {object, place, leftBy: by} = entry;
    if (by === null || place === null) return;
    entry.leftBy = null;
    if (place.kind !== "lost" && place.ok) return;
    entry.held = true;
    this.#emit({kind: "tell-unfetched", object, by, place});
  }

  /** An own object whose place is not known yet belongs to a task that has not ended: it stays. */
  maybeForget(entry: Entry): void {
    if (entry.held || entry.needs > 0 || (entry.own && !entry.place)) return;
    const {object, place} = entry;
    if (!this.entries.delete(object)) return;
    // Once the head knows it, the head says when the store lets it go: others may hold it still.
    const shared = entry.shared || entry.asked;
    this.#emit({
      kind: "forget-object",
      object,
      place: entry.own && !shared ? place : null,
      shared,
      lentAtMs: entry.lentAtMs,
    });
    if (place && place.kind !== "lost" && place.refs) for (const ref of place.refs) this.unpin(ref);
  }

  #add(object: ObjectId, own: boolean): Entry {
    const entry: Entry = {
      object,
      place: null,
      own,
      held: true,
      needs: 0,
      shared: false,
      asked: false,
      lentAtMs: null,
      waiters: null,
      leftBy: null,
    };
    this.entries.set(object, entry);
    return entry;
  }
}

const nobody: Task[] = [];
