// The head's directory: where each shared object is, who holds it, and who waits to know.
//
// Its events come from different processes, so in any order: an object may be asked for before its
// owner has said that it shares it, and released by one process while a ref to it is on its way to
// another. Hence two waits, each with a bound. An object that nobody holds goes after *graceMs*, or
// at once when no ref of it has left a process for that long. An object that nobody has answered
// for is called lost after *orphanMs*.
//
// What holders of an actor hold is an object too, with a value that is always there: only who holds
// it counts. When it goes, so does the actor.

import {actorHeldBy, maybeActor} from "../../ids.js";
import type {ClientId, NodeId, ObjectId} from "../../ids.js";
import type {DirectoryCommand, DirectoryEvent, Place} from "../events.js";
import {Outbox} from "../outbox.js";

export interface DirectoryOptions {
  graceMs?: number;
  orphanMs?: number;
}

interface DirectoryEntry {
  readonly object: ObjectId;
  owner: ClientId | null;
  place: Place | null;
  /** Objects that this object's value refers to: they live as long as this object does. */
  refs: readonly ObjectId[];
  /** Processes that have a ref, as far as they have told. */
  readonly holders: Set<ClientId>;
  /** Holders that wait for the object's place. */
  readonly parked: Set<ClientId>;
  /** Until then a ref of it may be on its way. */
  graceUntilMs: number;
}

/** Answers `place-wanted` once the place is known; events may come in any order and twice. */
export class Directory {
  readonly #graceMs: number;
  readonly #orphanMs: number;
  readonly #entries = new Map<ObjectId, DirectoryEntry>();
  /**
   * Objects that nobody holds and no ref on its way can reach: they go at the end of this event.
   */
  readonly #unreachable = new Set<ObjectId>();
  /** When it goes, when it is called lost. Delays are constant, so the first is the first due. */
  readonly #leaving = new Map<ObjectId, number>();
  readonly #orphans = new Map<ObjectId, number>();
  readonly #out = new Outbox<DirectoryCommand>();

  constructor({graceMs = 5000, orphanMs = 5000}: DirectoryOptions = {}) {
    this.#graceMs = graceMs;
    this.#orphanMs = orphanMs;
  }

  handle(event: DirectoryEvent, nowMs: number): DirectoryCommand[] {
    switch (event.kind) {
      case "object-shared":
        this.#own(event.object, event.client);
        break;
      case "object-published":
        this.#publish(event.object, event.client, event.place, nowMs);
        break;
      case "place-wanted":
        this.#want(event.object, event.client, nowMs);
        break;
      case "object-released":
        this.#lend(event.object, event.lentMsAgo, nowMs);
        this.#release(this.#entries.get(event.object), event.client, nowMs);
        break;
      case "object-lent":
        this.#lend(event.object, 0, nowMs);
        break;
      case "client-lost":
        this.#loseClient(event.client, nowMs);
        break;
      case "node-lost":
        this.#loseNode(event.node);
        break;
      case "ticked":
        this.#out.ticked();
        break;
      default:
        event satisfies never;
    }
    this.#sweep(nowMs);
    return this.#out.take();
  }

  /** How many objects it knows. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * The client's stored objects whose places it has published, and that are or lately were held.
   */
  ownedBy(client: ClientId): ObjectId[] {
    const owned = [...this.#entries.values()].filter(({owner}) => owner === client);
    // An object that was only promised has no place by now: whatever lies in a store is nobody's.
    return owned.flatMap(({object, place}) => (place?.kind === "stored" ? [object] : []));
  }

  /** The processes that hold anything. */
  holders(): ClientId[] {
    const holders = new Set<ClientId>();
    for (const entry of this.#entries.values()) {
      for (const holder of entry.holders) {
        if (!isObject(holder) && !maybeActor(holder)) holders.add(holder);
      }
    }
    return [...holders];
  }

  /** For the invariants. */
  inspect(): ReadonlyMap<ObjectId, DirectoryEntry> {
    return this.#entries;
  }

  #own(object: ObjectId, client: ClientId): DirectoryEntry {
    const entry = this.#entryOf(object);
    entry.owner = client;
    entry.holders.add(client);
    this.#orphans.delete(object);
    this.#leaving.delete(object);
    return entry;
  }

  #publish(object: ObjectId, client: ClientId, place: Place, nowMs: number): void {
    const entry = this.#own(object, client);
    if (entry.place) return;
    this.#settle(entry, place);
    this.#maybeLeave(entry, nowMs);
  }

  #want(object: ObjectId, client: ClientId, nowMs: number): void {
    const entry = this.#entryOf(object);
    entry.holders.add(client);
    this.#leaving.delete(object);
    if (entry.place) {
      this.#out.push({kind: "tell-place", client, object, place: entry.place});
      return;
    }
    entry.parked.add(client);
    if (entry.owner === null && !this.#orphans.has(object)) {
      this.#orphans.set(object, nowMs + this.#orphanMs);
    }
  }

  #lend(object: ObjectId, lentMsAgo: number | null, nowMs: number): void {
    const entry = this.#entries.get(object);
    if (!entry || lentMsAgo === null) return;
    entry.graceUntilMs = Math.max(entry.graceUntilMs, nowMs - lentMsAgo + this.#graceMs);
  }

  #release(entry: DirectoryEntry | undefined, client: ClientId, nowMs: number): void {
    if (!entry) return;
    entry.holders.delete(client);
    entry.parked.delete(client);
    this.#maybeLeave(entry, nowMs);
  }

  /**
   * A client is lost. Objects that it published live on while others hold them; promised ones are
   * lost.
   */
  #loseClient(client: ClientId, nowMs: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.owner === client && !entry.place) {
        entry.parked.delete(client);
        const reason = `its owner ${client} ended before the value was there`;
        this.#settle(entry, {kind: "lost", reason});
      }
      // The lost client can't tell any more when it lent the object.
      if (entry.holders.has(client)) this.#lend(entry.object, 0, nowMs);
      this.#release(entry, client, nowMs);
    }
  }

  #loseNode(node: NodeId): void {
    for (const entry of this.#entries.values()) {
      if (entry.place?.kind !== "stored" || entry.place.node !== node) continue;
      entry.place = {kind: "lost", reason: `node ${node} that stored it was lost`};
    }
  }

  #settle(entry: DirectoryEntry, place: Place): void {
    entry.place = place;
    const {object} = entry;
    if (place.kind !== "lost" && place.refs) this.#holdRefs(entry, place.refs);
    for (const client of entry.parked) {
      this.#out.push({kind: "tell-place", client, object, place});
    }
    entry.parked.clear();
    this.#orphans.delete(object);
  }

  #holdRefs(entry: DirectoryEntry, refs: readonly ObjectId[]): void {
    entry.refs = refs;
    for (const ref of refs) {
      this.#entryOf(ref).holders.add(asHolder(entry.object));
      this.#leaving.delete(ref);
    }
  }

  #maybeLeave(entry: DirectoryEntry, nowMs: number): void {
    if (entry.holders.size > 0 || this.#leaving.has(entry.object)) return;
    // The owner may hold the object, and not have told the head yet.
    const isTold = entry.owner !== null;
    if (isTold && entry.graceUntilMs <= nowMs) this.#unreachable.add(entry.object);
    else {
      this.#leaving.set(entry.object, nowMs + this.#graceMs);
      // The sweep may be over: an object that goes in it lets go of others.
      this.#out.wake(nowMs + this.#graceMs);
    }
  }

  #sweep(nowMs: number): void {
    for (const [object, dueMs] of this.#orphans) {
      if (dueMs > nowMs) {
        this.#out.wake(dueMs);
        break;
      }
      const reason = "nobody answers for it: its owner is gone, or everybody has released it";
      this.#settle(this.#entries.get(object)!, {kind: "lost", reason});
    }
    for (const [object, dueMs] of this.#leaving) {
      if (dueMs > nowMs) {
        this.#out.wake(dueMs);
        break;
      }
      this.#unreachable.add(object);
    }
    for (const object of this.#unreachable) {
      this.#unreachable.delete(object);
      const {place, refs, holders} = this.#entries.get(object)!;
      if (holders.size > 0) continue;
      if (place?.kind === "stored") {
        this.#out.push({kind: "delete-object", node: place.node, object});
      }
      this.#leaving.delete(object);
      this.#orphans.delete(object);
      this.#entries.delete(object);
      for (const ref of refs) this.#release(this.#entries.get(ref), asHolder(object), nowMs);
      const actor = actorHeldBy(object);
      if (actor) this.#out.push({kind: "release-actor", actor});
    }
  }

  #entryOf(object: ObjectId): DirectoryEntry {
    let entry = this.#entries.get(object);
    if (!entry) {
      const place = actorHeldBy(object) ? placeOfActor : null;
      entry = {
        object,
        owner: null,
        place,
        refs: [],
        holders: new Set(),
        parked: new Set(),
        graceUntilMs: -Infinity,
      };
      this.#entries.set(object, entry);
    }
    return entry;
  }
}

/** An object holds others as a client does. */
const asHolder = (object: ObjectId): ClientId => object as string as ClientId;
const isObject = (holder: ClientId): boolean => /^[0-9a-f]{56}$/.test(holder);

const placeOfActor: Place = {kind: "inline", ok: true, frames: []};
