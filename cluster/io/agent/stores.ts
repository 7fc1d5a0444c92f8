// The client's side of the object stores: putting large values into the own node's, fetching from
// any. What is asked, and again after a link broke, is the machine's to decide
// (core/client/store-requests).

import type {Frames} from "../../backend.js";
import {sizeOf} from "../../packing/size.js";
import {nowUs} from "../../clock.js";
import type {Place} from "../../core/events.js";
import {
  StoreRequests,
  type StoreRequestsCommand,
  type StoreRequestsEvent,
} from "../../core/client/store-requests.js";
import {ObjectStoreFullError} from "../../errors.js";
import type {ClientId, NodeId, ObjectId} from "../../ids.js";
import {maxFrameBytes} from "../../limits.js";
import type {FromStore, Hello, ToStore} from "../../messages.js";
import {failedPlace} from "./failures.js";
import {letGo} from "../../garbage.js";
import {Client, type Log} from "../link/link.js";
import {Alarm} from "../link/member.js";
import {giveAway} from "../threads/ports.js";

interface Waiting {
  /** Sent again when the link breaks: a store answers a repeated request the same way. */
  message: ToStore;
  done(reply: FromStore | null): void;
}

interface Fetching {
  frames: Promise<Frames | null>;
  /** Only one asks, who gives the value away. */
  isGiven: boolean;
}

/** The owner, attempt and function behind a stored value. */
export interface Maker {
  owner: ClientId;
  /** The attempt whose result it is; 0 for a value that was put. */
  attempt: number;
  /** The task's function; "" for a value that was put. */
  fn: string;
}

/** Values fetched last stay here, so that many tasks that take one fetch it once. */
const cacheBytes = 64 * 1024 * 1024;

export class Stores {
  readonly #serverKey: string;
  readonly #hello: Hello;
  readonly #log: Log;
  readonly #addresses = new Map<NodeId, string>();
  readonly #links = new Map<NodeId, Client<FromStore, ToStore>>();
  readonly #requests = new StoreRequests();
  readonly #alarm = new Alarm(nowMs, () => this.#tell({kind: "ticked"}));
  readonly #waiting = new Map<number, Waiting>();
  readonly #fetching = new Map<ObjectId, Fetching>();
  readonly #cache = new Map<ObjectId, {frames: Frames; sizeBytes: number}>();
  /** Puts from before any store was known. */
  #early: (() => void)[] = [];
  #cached = 0;
  #lastRequest = 0;
  /** Why none can be reached any more; "" while the cluster is there. */
  #gone = "";
  #own: NodeId | null;

  /** `own`: the node that large values go to; null: the first that is known. */
  constructor(serverKey: string, hello: Hello, own: NodeId | null, log: Log) {
    this.#serverKey = serverKey;
    this.#hello = hello;
    this.#own = own;
    this.#log = log;
  }

  /** The cluster is gone, and every store with it; gives the nodes that there were. */
  leave(reason: string): NodeId[] {
    this.#gone = reason;
    const nodes = [...this.#addresses.keys()];
    this.#addresses.clear();
    this.#tell({kind: "left"});
    return nodes;
  }

  /** Why a value that was on `node` can't be fetched, in words. */
  whyMissing(node: NodeId): string {
    return this.#gone || `it is no longer on ${node}`;
  }

  known(stores: {node: NodeId; address: string}[]): void {
    this.#addresses.clear();
    for (const {node, address} of stores) this.#addresses.set(node, address);
    this.#tell({kind: "stores-known", nodes: [...this.#addresses.keys()]});
    this.#own ??= stores[0]?.node ?? null;
    if (this.#own === null || !this.#addresses.has(this.#own)) return;
    const early = this.#early;
    this.#early = [];
    for (const put of early) put();
  }

  /** Where the value is. When there is no room for it, its place is that error. */
  async put(
    object: ObjectId,
    frames: Frames,
    ok: boolean,
    refs: ObjectId[],
    maker: Partial<Maker>,
  ): Promise<Place> {
    if (this.#own === null || !this.#addresses.has(this.#own)) {
      await new Promise<void>((resolve) => this.#early.push(resolve));
    }
    const node = this.#own!;
    const reply = await this.#ask(node, (request) => ({
      kind: "put-object",
      request,
      object,
      frames,
      ...{owner: this.#hello.id as ClientId, attempt: 0, fn: "", ...maker},
    }));
    const sizeBytes = sizeOf(frames);
    letGo(sizeBytes);
    if (reply?.kind === "not-stored") {
      if (reply.isFull) return failedPlace(new ObjectStoreFullError(`${node}: ${reply.reason}`));
      return {kind: "lost", reason: reply.reason};
    }
    if (reply?.kind !== "stored") return {kind: "lost", reason: `the store of ${node} is gone`};
    const place: Place = {kind: "stored", ok, node, sizeBytes};
    return refs.length === 0 ? place : {...place, refs};
  }

  /**
   * Fetches an object's value; null when it can't be had any more. `gives`: the caller passes the
   * value on and needs it no longer, so its memory may be handed over.
   */
  fetch(object: ObjectId, node: NodeId, {gives = false} = {}): Promise<Frames | null> {
    const cached = this.#cache.get(object);
    if (cached) {
      this.#cache.delete(object);
      this.#cache.set(object, cached);
      return Promise.resolve(cached.frames);
    }
    let fetching = this.#fetching.get(object);
    if (!fetching) {
      fetching = {frames: this.#fetch(object, node), isGiven: gives};
      this.#fetching.set(object, fetching);
    } else {
      fetching.isGiven = false;
    }
    return fetching.frames;
  }

  async #fetch(object: ObjectId, node: NodeId): Promise<Frames | null> {
    const reply = await this.#ask(node, (request) => ({kind: "fetch-object", request, object}));
    const isGiven = this.#fetching.get(object)?.isGiven ?? false;
    this.#fetching.delete(object);
    if (reply?.kind !== "object") return null;
    const {frames} = reply;
    letGo(sizeOf(frames));
    const isKept = this.#keep(object, frames);
    // The link put it together in memory of its own: smaller frames belong to zmq.
    const isMovable = frames.every(
      ({byteLength, buffer}) => byteLength < buffer.byteLength || byteLength > maxFrameBytes,
    );
    return isGiven && !isKept && isMovable ? giveAway(frames) : frames;
  }

  /**
   * Deletes an object's value. `node`: null for whichever has the object. `upTo`: only values of
   * this attempt and of earlier ones.
   */
  drop(object: ObjectId, node: NodeId | null, upTo?: number): void {
    const nodes = node === null ? [...this.#addresses.keys()] : [node];
    for (const each of nodes) {
      if (this.#requests.isOpen(each)) this.#link(each).send({kind: "drop-object", object, upTo});
    }
  }
  /** Nobody here needs it any more. */
  forget(object: ObjectId): void {
    const cached = this.#cache.get(object);
    if (!cached) return;
    this.#cache.delete(object);
    this.#cached -= cached.sizeBytes;
  }
  async close(): Promise<void> {
    this.#alarm.clear();
    for (const {done} of this.#waiting.values()) done(null);
    this.#waiting.clear();
    await Promise.all([...this.#links.values()].map((link) => link.close()));
  }

  /** False when it is too large to be kept. */
  #keep(object: ObjectId, frames: Frames): boolean {
    const sizeBytes = sizeOf(frames);
    if (sizeBytes > cacheBytes / 2) return false;
    this.forget(object);
    this.#cache.set(object, {frames, sizeBytes});
    this.#cached += sizeBytes;
    for (const oldest of this.#cache.keys()) {
      if (this.#cached <= cacheBytes) break;
      this.forget(oldest);
    }
    return true;
  }

  #ask(node: NodeId, message: (request: number) => ToStore): Promise<FromStore | null> {
    const request = ++this.#lastRequest;
    return new Promise((done) => {
      this.#waiting.set(request, {message: message(request), done});
      this.#tell({kind: "asked", request, node});
    });
  }

  #tell(event: StoreRequestsEvent): void {
    for (const command of this.#requests.handle(event, nowMs())) this.#obey(command);
  }
  #obey(command: StoreRequestsCommand): void {
    switch (command.kind) {
      case "send": {
        const {node, request} = command;
        return this.#link(node).send(this.#waiting.get(request)!.message);
      }
      case "unlink": {
        const link = this.#links.get(command.node);
        this.#links.delete(command.node);
        return void link?.close();
      }
      case "give-up":
        return this.#answer(command.request, null);
      case "wake":
        return this.#alarm.set(command.atMs);
      default:
        command satisfies never;
    }
  }

  /** The link to a known store. */
  #link(node: NodeId): Client<FromStore, ToStore> {
    const known = this.#links.get(node);
    if (known) return known;
    const address = this.#addresses.get(node)!;
    const link = new Client<FromStore, ToStore>(address, this.#serverKey, this.#hello, {
      log: this.#log,
      heard: (messages) => {
        for (const message of messages) this.#hear(node, message);
      },
      lost: (reason) => {
        if (this.#links.get(node) !== link) return;
        this.#log(`the link to the store of ${node} broke: ${reason}`);
        this.#tell({kind: "link-broke", node});
      },
    });
    this.#links.set(node, link);
    return link;
  }

  #hear(node: NodeId, message: FromStore): void {
    if (!("request" in message)) return;
    this.#tell({kind: "answered", request: message.request, node});
    this.#answer(message.request, message);
  }
  #answer(request: number, reply: FromStore | null): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    waiting?.done(reply);
  }
}

const nowMs = (): number => nowUs() / 1000;
