// A node's object store: keeps large values, once per machine, as the frames that the codec made.
// The store's book (core/node/store-book) decides which values to take and to drop. The frames are
// here.

import type {Frames} from "../../backend.js";
import {sizeOf} from "../../packing/size.js";
import {
  StoreBook,
  type Put,
  type StoreCommand,
  type StoreEvent,
} from "../../core/node/store-book.js";
import type {ClientId, ObjectId, WorkerId} from "../../ids.js";
import {storeRoomWaitMs} from "../../limits.js";
import type {FromStore, ToStore} from "../../messages.js";
import {letGo} from "../../garbage.js";
import {Server, type LinkKeys, type Log, type ServerListener} from "../link/link.js";
import {Alarm} from "../link/member.js";
import {fullStoreText} from "./store-words.js";

export interface StoreOptions {
  limitBytes: number;
  nowMs(): number;
  /** Tells that a put waits for room, which processes can make by collecting dropped refs. */
  roomWanted(wantedBytes: number): void;
}

export interface StoreStats {
  bytes: number;
  objects: number;
  limitBytes: number;
}

/** The answer to a put. */
export type PutAnswer =
  {kind: "stored"; sizeBytes: number} | {kind: "not-stored"; isFull: boolean; reason: string};

/** Keeps objects as frames on this process's heap, up to a limit. */
export class ObjectStore {
  readonly #options: StoreOptions;
  readonly #book: StoreBook;
  readonly #frames = new Map<ObjectId, Frames>();
  readonly #puts = new Map<number, {frames: Frames; answer(answer: PutAnswer): void}>();
  readonly #alarm: Alarm;
  #lastPut = 0;

  constructor(options: StoreOptions) {
    this.#options = options;
    const {limitBytes, nowMs} = options;
    this.#book = new StoreBook({limitBytes, roomWaitMs: storeRoomWaitMs});
    this.#alarm = new Alarm(nowMs, () => this.#tell({kind: "ticked"}));
  }

  /**
   * Puts a value. Answers at once, or when there is room. Replaces the value of an older attempt.
   */
  put(value: Omit<Put, "sizeBytes">, frames: Frames, answer: (answer: PutAnswer) => void): void {
    const put = ++this.#lastPut;
    this.#puts.set(put, {frames, answer});
    this.#tell({kind: "put-asked", put, value: {...value, sizeBytes: sizeOf(frames)}});
  }
  /** Gives an object's frames; null when the store does not have the object. */
  fetch(object: ObjectId): Frames | null {
    const frames = this.#frames.get(object) ?? null;
    if (frames) letGo(sizeOf(frames));
    return frames;
  }
  /** Removes values, and refuses those that come later: of attempts up to `upTo`, or of all. */
  delete(objects: readonly ObjectId[], upTo?: number): void {
    this.#tell({kind: "objects-deleted", objects, upTo});
  }
  /**
   * Removes the values that the client owned, except `keep`, which the head's directory knows.
   */
  loseClient(client: ClientId, keep: readonly ObjectId[]): void {
    this.#tell({kind: "client-lost", client, keep});
  }
  /** Refuses later values of this worker, which was given up and whose tasks run elsewhere. */
  fence(worker: WorkerId): void {
    this.#tell({kind: "worker-fenced", worker});
  }
  stats(): StoreStats {
    const {bytes, limitBytes} = this.#book;
    return {bytes, objects: this.#frames.size, limitBytes};
  }
  close(): void {
    this.#alarm.clear();
  }

  #tell(event: StoreEvent): void {
    for (const command of this.#book.handle(event, this.#options.nowMs())) this.#obey(command);
  }

  #obey(command: StoreCommand): void {
    switch (command.kind) {
      case "accept": {
        const {object, sizeBytes} = command;
        const {frames, answer} = this.#take(command.put);
        this.#frames.set(object, frames);
        return answer({kind: "stored", sizeBytes});
      }
      case "refuse": {
        const {why, put} = command;
        const {frames, answer} = this.#take(put);
        letGo(sizeOf(frames));
        const isFull = why.kind === "full";
        const reason = isFull ? fullStoreText(why) : why.reason;
        return answer({kind: "not-stored", isFull, reason});
      }
      case "delete": {
        const frames = this.#frames.get(command.object) ?? [];
        this.#frames.delete(command.object);
        return letGo(sizeOf(frames));
      }
      case "ask-room":
        return this.#options.roomWanted(command.wantedBytes);
      case "wake":
        return this.#alarm.set(command.atMs);
      default:
        command satisfies never;
    }
  }
  #take(put: number): {frames: Frames; answer(answer: PutAnswer): void} {
    const taken = this.#puts.get(put)!;
    this.#puts.delete(put);
    return taken;
  }
}

/** Lets clients put into and fetch from `store` over a link of its own. */
export function serveStore(
  store: ObjectStore,
  keys: LinkKeys,
  token: string,
  log: Log,
  address?: string,
): Promise<Server<ToStore, FromStore>> {
  const listener: ServerListener<ToStore, FromStore> = {
    log,
    heard(peer, messages) {
      const by = peer.id as ClientId;
      for (const message of messages) {
        switch (message.kind) {
          case "put-object": {
            const {request, frames, object, owner, attempt, fn} = message;
            const answer = (told: PutAnswer): void => peer.send({...told, request});
            store.put({object, owner, by, attempt, fn}, frames, answer);
            break;
          }
          case "fetch-object": {
            const {request, object} = message;
            const frames = store.fetch(object);
            const reason = "it is not in this store";
            if (frames) peer.send({kind: "object", request, frames});
            else peer.send({kind: "no-object", request, reason});
            break;
          }
          case "drop-object":
            store.delete([message.object], message.upTo);
            break;
          case "hello":
            break;
          default:
            message satisfies never;
        }
      }
    },
  };
  return Server.listen<ToStore, FromStore>(keys, token, listener, address);
}
