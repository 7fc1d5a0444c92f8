// Carries out the commands of the waits machine for each `get` and `wait` of the user's thread:
// timers, values that are read from stores, answers.

import {nowUs} from "../../clock.js";
import type {ObjectOutcome} from "../../backend.js";
import type {Place} from "../../core/events.js";
import {Waits as Machine, type WaitsCommand, type WaitsEvent} from "../../core/client/waits.js";
import type {ObjectId, TaskId} from "../../ids.js";
import type {TraceEvent} from "../../trace.js";
import {lostOutcome} from "./failures.js";
import type {ClientReply, ClientRequest} from "../threads/ports.js";
import type {Stores} from "./stores.js";

/** The parts of the agent that waiting needs. */
export interface WaitSurroundings {
  /** Known once the cluster is. */
  stores(): Stores;
  /** To the user's thread. */
  post(reply: ClientReply): void;
  trace(event: TraceEvent): void;
  /** A running task begins, or ends, to wait. */
  blocked(task: TaskId, on: ObjectId[]): void;
  unblocked(task: TaskId): void;
}

type Asked = (ClientRequest & {kind: "get" | "wait"}) & {numReturns: number};

export class Waits {
  readonly #around: WaitSurroundings;
  readonly #want: (object: ObjectId) => Place | null;
  readonly #machine = new Machine();
  readonly #timers = new Map<number, NodeJS.Timeout>();
  /** Values of each get on their way to the user's thread. */
  readonly #read = new Map<number, ObjectOutcome[]>();
  readonly #reading = new Set<Promise<void>>();

  /** `want` gives the place of an object when it is known; if not, `settle` follows. */
  constructor(around: WaitSurroundings, want: (object: ObjectId) => Place | null) {
    this.#around = around;
    this.#want = want;
  }

  begin({kind: asks, request, objects, numReturns, timeoutMs, by}: Asked): void {
    const places = objects.map((object) => this.#want(object));
    this.#tell({kind: "asked", request, asks, objects, places, numReturns, timeoutMs, by});
  }
  /** A value that somebody wanted is there, or lost. */
  settle(object: ObjectId, place: Place): void {
    this.#tell({kind: "settled", object, place});
  }
  giveUp(request: number): void {
    this.#tell({kind: "given-up", request});
  }
  /** Resolves when all that is being read has been told. */
  async told(): Promise<void> {
    await Promise.all(this.#reading);
  }
  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #tell(event: WaitsEvent): void {
    for (const command of this.#machine.handle(event)) this.#carryOut(command);
  }

  #carryOut(command: WaitsCommand): void {
    const {post, trace} = this.#around;
    switch (command.kind) {
      case "limit": {
        const {request, timeoutMs} = command;
        const timeOut = (): void => this.#tell({kind: "timed-out", request});
        this.#timers.set(request, setTimeout(timeOut, timeoutMs));
        return;
      }
      case "call-off-limit":
        clearTimeout(this.#timers.get(command.request));
        return void this.#timers.delete(command.request);
      case "block":
        return this.#around.blocked(command.task, command.on);
      case "unblock":
        return this.#around.unblocked(command.task);
      case "tell-ready":
        return post({kind: "ready", request: command.request, positions: command.positions});
      case "read-values":
        return this.#readValues(command);
      case "tell-values": {
        const {request, objects, by} = command;
        post({kind: "got", request, outcomes: this.#read.get(request)!});
        this.#read.delete(request);
        const at = nowUs();
        for (const object of objects) trace({kind: "object-fetched", at, object, by});
        return;
      }
      case "tell-late":
        return post({kind: "got", request: command.request, outcomes: null});
      default:
        command satisfies never;
    }
  }

  #readValues({request, objects, places}: WaitsCommand & {kind: "read-values"}): void {
    const outcomes = objects.map((object, index) => this.#outcome(object, places[index]!));
    const tell = (all: ObjectOutcome[]): void => {
      this.#read.set(request, all);
      this.#tell({kind: "read", request});
      this.#read.delete(request);
    };
    if (outcomes.every((outcome) => !(outcome instanceof Promise))) {
      return tell(outcomes as ObjectOutcome[]);
    }
    const reading = Promise.all(outcomes).then((all) => {
      this.#reading.delete(reading);
      tell(all);
    });
    this.#reading.add(reading);
  }

  #outcome(object: ObjectId, place: Place): ObjectOutcome | Promise<ObjectOutcome> {
    const stores = this.#around.stores();
    switch (place.kind) {
      case "inline":
        return place.ok ? {ok: true, value: place.frames} : {ok: false, error: place.frames};
      case "lost":
        return lostOutcome(object, place.reason);
      case "stored":
        return stores.fetch(object, place.node, {gives: true}).then((frames) => {
          if (frames === null) return lostOutcome(object, stores.whyMissing(place.node));
          return place.ok ? {ok: true, value: frames} : {ok: false, error: frames};
        });
    }
  }
}
