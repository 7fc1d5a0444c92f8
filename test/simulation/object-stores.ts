// Where the simulation keeps large values: at once and without bounds, or on nodes with all that
// may go wrong there (node-stores.ts).

import type {Place} from "../../cluster/core/events.js";
import {StoreBook, type Put, type StoreEvent} from "../../cluster/core/node/store-book.js";
import type {ClientId, NodeId, ObjectId, WorkerId} from "../../cluster/ids.js";
import type {Client} from "./client.js";
import {decode, errorValue, inlinePlace, type Value} from "./values.js";

export type Maker = Pick<Put, "owner" | "attempt">;

export interface ObjectStores {
  /** A node joins. */
  add(node: NodeId): void;
  /** A process joins. */
  greet(client: Client): void;
  /** The head has lost a node: it tells everybody. */
  tellAll(): void;
  /** `node`: of the process that keeps the value. */
  keep(
    by: Client,
    node: NodeId,
    object: ObjectId,
    value: Value,
    maker: Maker,
    then: (place: Place) => void,
  ): void;
  /** The value at a place; a lost one, or one that the store has no more, is an error. */
  read(by: Client, object: ObjectId, place: Place, then: (value: Value) => void): void;
  /** The same for one who sees everything. */
  peek(object: ObjectId, place: Place): Value;
  /** `node`: null for every store. `upTo`: values of attempts up to this one only. */
  drop(by: Client, object: ObjectId, node: NodeId | null, upTo?: number): void;
  /** Orders of the head: */
  delete(node: NodeId, object: ObjectId): void;
  loseClient(client: ClientId, keep: ObjectId[]): void;
  /** The node's order. */
  fence(node: NodeId, worker: WorkerId): void;
  /** The node's process has ended. */
  end(node: NodeId): void;
  /** The process has lost the head. */
  leave(client: ClientId): void;
  breakSome(): void;
  leftovers(): string[];
}

/** One store for all, the first node's: the real book, whose messages arrive at once. */
export class InstantStore implements ObjectStores {
  readonly #book = new StoreBook({limitBytes: Infinity, roomWaitMs: 0});
  readonly #frames = new Map<ObjectId, Uint8Array[]>();
  #isGone = false;

  add(): void {}
  greet(): void {}
  tellAll(): void {}
  leave(): void {}
  breakSome(): void {}

  keep(
    by: Client,
    _: NodeId,
    object: ObjectId,
    value: Value,
    maker: Maker,
    then: (place: Place) => void,
  ): void {
    if (this.#isGone) return then({kind: "lost", reason: "the store is gone"});
    const {frames, ...place} = inlinePlace(value) as Extract<Place, {kind: "inline"}>;
    const put: Put = {object, sizeBytes: 1e6, fn: value.name, by: by.id, ...maker};
    const [answer] = this.#book.handle({kind: "put-asked", put: 1, value: put}, 0);
    if (answer?.kind !== "accept") return then({kind: "lost", reason: "the store refused it"});
    this.#frames.set(object, frames);
    then({...place, kind: "stored", node: first, sizeBytes: 1e6});
  }
  read(_: Client, object: ObjectId, place: Place, then: (value: Value) => void): void {
    then(this.peek(object, place));
  }
  peek(object: ObjectId, place: Place): Value {
    if (place.kind === "lost") return errorValue(`lost: ${place.reason}`);
    if (place.kind === "inline") return decode(place.frames);
    const frames = this.#frames.get(object);
    return frames ? decode(frames) : errorValue("lost: not in the store");
  }
  drop(_: Client, object: ObjectId, __: NodeId | null, upTo?: number): void {
    this.#tell({kind: "objects-deleted", objects: [object], upTo});
  }
  delete(_: NodeId, object: ObjectId): void {
    this.#tell({kind: "objects-deleted", objects: [object]});
  }
  loseClient(client: ClientId, keep: ObjectId[]): void {
    this.#tell({kind: "client-lost", client, keep});
  }
  fence(_: NodeId, worker: WorkerId): void {
    this.#tell({kind: "worker-fenced", worker});
  }
  end(node: NodeId): void {
    if (node !== first) return;
    this.#isGone = true;
    this.#frames.clear();
  }
  leftovers(): string[] {
    const {objects} = this.#book.inspect();
    if (objects.size === 0) return [];
    return [`${objects.size} objects in the store: ${[...objects.keys()].join(" ")}`];
  }

  #tell(event: StoreEvent): void {
    for (const command of this.#book.handle(event, 0))
      if (command.kind === "delete") this.#frames.delete(command.object);
  }
}

const first = "n1" as NodeId;
