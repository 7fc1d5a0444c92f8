// Values as the simulation ships them: a number, an error's name, or a number with a ref in it.

import type {Place} from "../../cluster/core/events.js";
import {StoreBook, type Put, type StoreEvent} from "../../cluster/core/store-book.js";
import type {ClientId, NodeId, ObjectId, WorkerId} from "../../cluster/ids.js";

export interface Value {
  /** What is known of it without the ref's value. */
  parts: number[];
  name: string;
  /** To be gotten too: its value is the last part. */
  ref?: ObjectId;
  error?: string;
}

export function inlinePlace(value: Value): Place {
  const frames = [new TextEncoder().encode(JSON.stringify(value))];
  const refs = value.ref ? {refs: [value.ref]} : {};
  return {kind: "inline", ok: value.error === undefined, frames, ...refs};
}

export function errorPlace(error: string): Place {
  return inlinePlace(errorValue(error));
}

export function errorValue(error: string): Value {
  return {name: "t0", parts: [], error};
}

export function decode(frames: Uint8Array[]): Value {
  return JSON.parse(new TextDecoder().decode(frames[0])) as Value;
}

/** The object store of the one node: the real book, whose messages arrive at once. */
export class SimulatedStore {
  readonly #book = new StoreBook({limitBytes: Infinity, roomWaitMs: 0});
  readonly #frames = new Map<ObjectId, Uint8Array[]>();
  readonly node = "n1" as NodeId;

  keep(object: ObjectId, value: Value, maker: Pick<Put, "owner" | "by" | "attempt">): Place {
    const {frames, ...place} = inlinePlace(value) as Extract<Place, {kind: "inline"}>;
    const put: Put = {object, sizeBytes: 1e6, fn: value.name, ...maker};
    if (this.#isGone) return {kind: "lost", reason: "the store is gone"};
    const [answer] = this.#book.handle({kind: "put-asked", put: 1, value: put}, 0);
    if (answer?.kind !== "accept") return {kind: "lost", reason: "the store refused it"};
    this.#frames.set(object, frames);
    return {...place, kind: "stored", node: this.node, sizeBytes: 1e6};
  }
  delete(object: ObjectId): void {
    this.#tell({kind: "objects-deleted", objects: [object]});
  }
  loseClient(client: ClientId, keep: ObjectId[]): void {
    this.#tell({kind: "client-lost", client, keep});
  }
  fence(worker: WorkerId): void {
    this.#tell({kind: "worker-fenced", worker});
  }
  /** The store's process has ended. */
  end(): void {
    this.#isGone = true;
    this.#frames.clear();
  }
  #isGone = false;

  /** Objects that the store still has. */
  get objects(): ObjectId[] {
    return [...this.#book.inspect().objects.keys()];
  }
  #tell(event: StoreEvent): void {
    for (const command of this.#book.handle(event, 0))
      if (command.kind === "delete") this.#frames.delete(command.object);
  }

  /** The value at a place; a lost one, or one that the store has no more, is an error. */
  read(object: ObjectId, place: Place): Value {
    if (place.kind === "lost") return errorValue(`lost: ${place.reason}`);
    if (place.kind === "inline") return decode(place.frames);
    const frames = this.#frames.get(object);
    return frames ? decode(frames) : errorValue("lost: not in the store");
  }
}
