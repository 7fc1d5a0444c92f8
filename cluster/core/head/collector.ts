// The head's collector: has processes collect the refs that their programs have dropped, when a
// want or an actor waits for what those refs hold.
//
// V8 collects when memory is short, and a ref weighs nothing: without the collector, what a dropped
// ref holds would stay. A collection stops the program, so each process gets a pause after it. An
// asker is answered when all processes have collected since it asked, or at the latest after
// `limitMs`, because a thread in a loop answers late.

import type {ClientId} from "../../ids.js";
import {collectLimitMs, collectPauseFactor, collectPauseMs} from "../../limits.js";
import type {Wake} from "../events.js";
import {Outbox} from "../outbox.js";

export type CollectorEvent =
  /** Somebody waits for what dropped refs of these processes may hold. */
  | {kind: "collect-wanted"; asker: string; clients: readonly ClientId[]}
  /** `tookMs`: how long the program stood still for it. */
  | {kind: "collected"; client: ClientId; round: number; tookMs: number}
  | {kind: "client-lost"; client: ClientId}
  | {kind: "ticked"};

export type CollectorCommand =
  /** To a process: let go of the refs that its program has dropped, then answer `collected`. */
  | {kind: "ask-collect"; client: ClientId; round: number}
  /** All have answered, or had the time to. */
  | {kind: "collect-ended"; asker: string}
  | Wake;

export interface CollectorTimes {
  /** How long a process has for its answer. */
  limitMs?: number;
  /** After a collection a process is left alone for so long … */
  pauseMs?: number;
  /** … and for so many times what the collection took. */
  pauseFactor?: number;
}

/** A process that was asked. It is forgotten when nobody waits for it and its pause is over. */
interface Asked {
  /** Collections that it was asked for; the last may be under way. */
  round: number;
  isCollecting: boolean;
  dueMs: number;
  restsUntilMs: number;
}

/** `handle` takes one event and gives the commands that follow from it. */
export class Collector {
  readonly #limitMs: number;
  readonly #pauseMs: number;
  readonly #pauseFactor: number;
  readonly #clients = new Map<ClientId, Asked>();
  /** By who asks: which round of which process is awaited. */
  readonly #asks = new Map<string, Map<ClientId, number>>();
  readonly #out = new Outbox<CollectorCommand>();

  constructor({
    limitMs = collectLimitMs,
    pauseMs = collectPauseMs,
    pauseFactor = collectPauseFactor,
  }: CollectorTimes = {}) {
    this.#limitMs = limitMs;
    this.#pauseMs = pauseMs;
    this.#pauseFactor = pauseFactor;
  }

  handle(event: CollectorEvent, nowMs: number): CollectorCommand[] {
    switch (event.kind) {
      case "collect-wanted":
        this.#want(event.asker, event.clients, nowMs);
        break;
      case "collected":
        this.#collected(event.client, event.round, event.tookMs, nowMs);
        break;
      case "client-lost":
        this.#clients.delete(event.client);
        for (const awaited of this.#asks.values()) awaited.delete(event.client);
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

  /** For the invariants. */
  inspect() {
    return {
      clients: this.#clients as ReadonlyMap<ClientId, Readonly<Asked>>,
      asks: this.#asks as ReadonlyMap<string, ReadonlyMap<ClientId, number>>,
    };
  }

  #want(asker: string, clients: readonly ClientId[], nowMs: number): void {
    if (this.#asks.has(asker)) return;
    const awaited = new Map<ClientId, number>();
    for (const client of clients) {
      let asked = this.#clients.get(client);
      if (!asked) {
        asked = {round: 0, isCollecting: false, dueMs: 0, restsUntilMs: nowMs};
        this.#clients.set(client, asked);
      }
      // The one under way may have begun before what is wanted was dropped.
      awaited.set(client, asked.round + 1);
    }
    this.#asks.set(asker, awaited);
  }

  #collected(client: ClientId, round: number, tookMs: number, nowMs: number): void {
    const asked = this.#clients.get(client);
    if (!asked?.isCollecting || asked.round !== round) return;
    this.#settle(client, asked, nowMs + Math.max(this.#pauseMs, tookMs * this.#pauseFactor));
  }

  /** Ends a process's collection: the process has answered, or its time to answer is over. */
  #settle(client: ClientId, asked: Asked, restsUntilMs: number): void {
    asked.isCollecting = false;
    asked.restsUntilMs = restsUntilMs;
    for (const awaited of this.#asks.values()) {
      if ((awaited.get(client) ?? Infinity) <= asked.round) awaited.delete(client);
    }
  }

  #sweep(nowMs: number): void {
    for (const [client, asked] of this.#clients) {
      if (asked.isCollecting && asked.dueMs <= nowMs) {
        this.#settle(client, asked, nowMs + this.#pauseMs);
      }
      const isWanted = this.#isWanted(client);
      if (asked.isCollecting) this.#out.wake(asked.dueMs);
      else if (asked.restsUntilMs > nowMs) this.#out.wake(asked.restsUntilMs);
      else if (isWanted) this.#ask(client, asked, nowMs);
      else this.#clients.delete(client);
    }
    for (const [asker, awaited] of this.#asks) {
      if (awaited.size > 0) continue;
      this.#asks.delete(asker);
      this.#out.push({kind: "collect-ended", asker});
    }
  }

  #isWanted(client: ClientId): boolean {
    for (const awaited of this.#asks.values()) if (awaited.has(client)) return true;
    return false;
  }

  #ask(client: ClientId, asked: Asked, nowMs: number): void {
    asked.round++;
    asked.isCollecting = true;
    asked.dueMs = nowMs + this.#limitMs;
    this.#out.push({kind: "ask-collect", client, round: asked.round});
    this.#out.wake(asked.dueMs);
  }
}
