// A node's object store: large values, kept once per machine, as the frames that the codec made.

import type {Frames} from "../backend.js";
import {sizeOf} from "../codec/size.js";
import type {ObjectId} from "../ids.js";
import type {FromStore, ToStore} from "../messages.js";
import {Server, type LinkKeys, type Log} from "./link.js";

export interface StoreStats {
  bytes: number;
  objects: number;
}

export interface Store {
  /** The object's size in bytes; storing an object a second time changes nothing. */
  put(object: ObjectId, frames: Frames): Promise<number>;
  /** Null when it is not here. */
  fetch(object: ObjectId): Promise<Frames | null>;
  delete(objects: ObjectId[]): void;
  stats(): StoreStats;
}

/** Objects as frames on this process's heap. */
export class MemoryStore implements Store {
  readonly #objects = new Map<ObjectId, {frames: Frames; sizeBytes: number}>();
  #bytes = 0;

  async put(object: ObjectId, frames: Frames): Promise<number> {
    const known = this.#objects.get(object);
    if (known) return known.sizeBytes;
    const sizeBytes = sizeOf(frames);
    this.#objects.set(object, {frames, sizeBytes});
    this.#bytes += sizeBytes;
    return sizeBytes;
  }
  async fetch(object: ObjectId): Promise<Frames | null> {
    return this.#objects.get(object)?.frames ?? null;
  }
  delete(objects: ObjectId[]): void {
    for (const object of objects) {
      this.#bytes -= this.#objects.get(object)?.sizeBytes ?? 0;
      this.#objects.delete(object);
    }
  }
  stats(): StoreStats {
    return {bytes: this.#bytes, objects: this.#objects.size};
  }
}

/** Lets clients put into and fetch from `store` over a link of its own. */
export function serveStore(
  store: Store,
  keys: LinkKeys,
  token: string,
  log: Log,
): Promise<Server<ToStore, FromStore>> {
  const answer = async (message: ToStore): Promise<FromStore | null> => {
    switch (message.kind) {
      case "put-object": {
        const sizeBytes = await store.put(message.object, message.frames);
        return {kind: "stored", request: message.request, sizeBytes};
      }
      case "fetch-object": {
        const frames = await store.fetch(message.object);
        if (frames) return {kind: "object", request: message.request, frames};
        return {kind: "no-object", request: message.request, reason: "it is not in this store"};
      }
      case "drop-object":
        store.delete([message.object]);
        return null;
      default:
        return null;
    }
  };
  return Server.listen<ToStore, FromStore>(keys, token, {
    log,
    heard(peer, messages) {
      for (const message of messages) {
        answer(message).then(
          (reply) => reply && peer.send(reply),
          (error: unknown) => log(`store: ${message.kind} failed: ${String(error)}`),
        );
      }
    },
  });
}
