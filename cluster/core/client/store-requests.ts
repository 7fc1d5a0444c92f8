// The requests of one process to object stores, each until it is answered or given up, once.
//
//   asked ─▶ sent ─▶ answered
//             ▲ │ the link broke, or the store is not known yet
//             │ ▼
//            paused ─(often in a row, or its node is gone)─▶ given up
//
// A store answers a repeated request the same way, so what a link may have lost is sent again. Only
// the head knows whether a store's node is gone, and the news of a node may be slower than a
// value's place on it: so a link that broke, and a store that is not known, are tried a bounded
// number of times.

import type {NodeId} from "../../ids.js";
import {storeReconnectMs, storeReconnects} from "../../limits.js";
import type {Wake} from "../events.js";
import {Outbox} from "../outbox.js";

export type StoreRequestsEvent =
  | {kind: "asked"; request: number; node: NodeId}
  | {kind: "answered"; request: number; node: NodeId}
  | {kind: "link-broke"; node: NodeId}
  /** From the head: the stores of all living nodes. */
  | {kind: "stores-known"; nodes: readonly NodeId[]}
  /** The cluster is gone, and every store with it. */
  | {kind: "left"}
  | {kind: "ticked"};

export type StoreRequestsCommand =
  /** Over the link to the node's store, which is made when there is none. */
  | {kind: "send"; request: number; node: NodeId}
  /** Close the link, if there is one. */
  | {kind: "unlink"; node: NodeId}
  /** No answer will come. */
  | {kind: "give-up"; request: number}
  | Wake;

export interface StoreRequestsTimes {
  /** The first pause after a link broke; each that follows is three times as long. */
  pauseMs?: number;
  /** So many pauses in a row, then what waits is given up. */
  maxPauses?: number;
}

interface Pause {
  times: number;
  /** Null when the link has been made again, and nothing was heard by it so far. */
  untilMs: number | null;
}

export class StoreRequests {
  readonly #pauseMs: number;
  readonly #maxPauses: number;
  readonly #waiting = new Map<number, NodeId>();
  #known: ReadonlySet<NodeId> = new Set();
  readonly #gone = new Set<NodeId>();
  readonly #pauses = new Map<NodeId, Pause>();
  readonly #out = new Outbox<StoreRequestsCommand>();
  #hasLeft = false;

  constructor({pauseMs = storeReconnectMs, maxPauses = storeReconnects}: StoreRequestsTimes = {}) {
    this.#pauseMs = pauseMs;
    this.#maxPauses = maxPauses;
  }

  handle(event: StoreRequestsEvent, nowMs: number): StoreRequestsCommand[] {
    switch (event.kind) {
      case "asked":
        this.#ask(event.request, event.node, nowMs);
        break;
      case "answered":
        this.#waiting.delete(event.request);
        this.#pauses.delete(event.node);
        break;
      case "link-broke":
        this.#out.push({kind: "unlink", node: event.node});
        if (this.#known.has(event.node)) this.#pause(event.node, nowMs);
        break;
      case "stores-known":
        this.#learn(new Set(event.nodes));
        break;
      case "left":
        this.#hasLeft = true;
        this.#learn(new Set());
        for (const node of new Set(this.#waiting.values())) this.#giveUp(node);
        break;
      case "ticked":
        this.#out.ticked();
        this.#sweep(nowMs);
        break;
      default:
        event satisfies never;
    }
    return this.#out.take();
  }

  /** Whether something may be sent to the node's store now. */
  isOpen(node: NodeId): boolean {
    return this.#known.has(node) && (this.#pauses.get(node)?.untilMs ?? null) === null;
  }
  /** For the invariants. */
  get waiting(): number {
    return this.#waiting.size;
  }

  #ask(request: number, node: NodeId, nowMs: number): void {
    this.#waiting.set(request, node);
    if (this.#hasLeft || this.#gone.has(node)) this.#giveUp(node);
    else if (this.isOpen(node)) this.#out.push({kind: "send", request, node});
    else if (!this.#pauses.has(node)) this.#pause(node, nowMs);
  }

  #learn(known: ReadonlySet<NodeId>): void {
    for (const node of this.#known) {
      if (known.has(node)) continue;
      this.#gone.add(node);
      this.#out.push({kind: "unlink", node});
      this.#giveUp(node);
    }
    const fresh = [...known].filter((node) => !this.#known.has(node));
    this.#known = known;
    for (const node of fresh) this.#resume(node, 0);
  }

  #pause(node: NodeId, nowMs: number): void {
    const times = (this.#pauses.get(node)?.times ?? 0) + 1;
    if (times > this.#maxPauses) return this.#giveUp(node);
    const untilMs = nowMs + this.#pauseMs * 3 ** (times - 1);
    this.#pauses.set(node, {times, untilMs});
    this.#out.wake(untilMs);
  }

  #sweep(nowMs: number): void {
    for (const [node, {times, untilMs}] of this.#pauses) {
      if (untilMs === null) continue;
      if (untilMs > nowMs) this.#out.wake(untilMs);
      else if (this.#known.has(node)) this.#resume(node, times);
      else this.#pause(node, nowMs);
    }
  }

  #resume(node: NodeId, times: number): void {
    if (times > 0) this.#pauses.set(node, {times, untilMs: null});
    else this.#pauses.delete(node);
    for (const [request, of] of this.#waiting)
      if (of === node) this.#out.push({kind: "send", request, node});
  }

  #giveUp(node: NodeId): void {
    this.#pauses.delete(node);
    for (const [request, of] of this.#waiting) {
      if (of !== node) continue;
      this.#waiting.delete(request);
      this.#out.push({kind: "give-up", request});
    }
  }
}
