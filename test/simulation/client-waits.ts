// The gets and waits of one process, answered by the real machine. A wait must tell exactly the
// objects whose places are known to its process, in time.

import {InvariantError} from "../../cluster/core/invariants.js";
import type {Place} from "../../cluster/core/events.js";
import {Waits, type WaitsCommand, type WaitsEvent} from "../../cluster/core/client/waits.js";
import type {ObjectId, TaskId} from "../../cluster/ids.js";
import type {ProcessClock} from "./network.js";
import type {Value} from "./values.js";

/** What a program asks by `wait`. */
export interface Wait {
  objects: ObjectId[];
  numReturns: number;
  timeoutMs: number | null;
  /** The task that waits; null outside of tasks. */
  by: TaskId | null;
  blocked(): void;
  unblocked(): void;
  /** `ready`: the positions of the objects that are there. */
  answered(ready: readonly number[]): void;
}

/** What it needs of its process. */
export interface WaitSurroundings {
  readonly clock: ProcessClock;
  readonly isDead: boolean;
  /** Where an object is, as far as the process was told. */
  placeOf(object: ObjectId): Place | null;
  /** Somebody wants the object; its place, when that is known at once. */
  want(object: ObjectId): Place | null;
  /** The program holds the object while it waits, whatever becomes of its refs. */
  keep(object: ObjectId): void;
  letGo(object: ObjectId): void;
  read(object: ObjectId, place: Place, then: (value: Value) => void): void;
}

/** A `get` or a `wait` that is not answered. */
type Request =
  | {asks: "get"; object: ObjectId; value: Value | null; then(value: Value): void}
  | ({asks: "wait"; dueMs: number} & Wait);

export class ClientWaits {
  readonly #around: WaitSurroundings;
  readonly #machine = new Waits();
  readonly #requests = new Map<number, Request>();
  #lastRequest = 0;

  constructor(around: WaitSurroundings) {
    this.#around = around;
  }

  get(object: ObjectId, then: (value: Value) => void): void {
    const place = this.#around.placeOf(object);
    const request = ++this.#lastRequest;
    this.#requests.set(request, {asks: "get", object, value: null, then});
    const asked = {objects: [object], places: [place], numReturns: 1, timeoutMs: null, by: null};
    this.#tell({kind: "asked", request, asks: "get", ...asked});
    if (!place) this.#around.want(object);
  }

  /** Answers when enough of the objects are there, or the time is over. Gives the request. */
  wait(wait: Wait): number {
    const {objects, numReturns, timeoutMs, by} = wait;
    const request = ++this.#lastRequest;
    const dueMs = timeoutMs === null ? Infinity : this.#around.clock.nowMs + timeoutMs;
    for (const object of objects) this.#around.keep(object);
    const places = objects.map((object) => this.#around.want(object));
    this.#requests.set(request, {asks: "wait", dueMs, ...wait});
    const asked = {objects, places, numReturns, timeoutMs, by};
    this.#tell({kind: "asked", request, asks: "wait", ...asked});
    return request;
  }

  giveUp(request: number): void {
    if (this.#requests.has(request)) this.#tell({kind: "given-up", request});
    this.#end(request);
  }
  /** Nobody holds the object any more: the task that got it was cut off. */
  giveUpOn(object: ObjectId): void {
    for (const [request, asked] of this.#requests)
      if (asked.asks === "get" && asked.object === object) this.giveUp(request);
  }

  /** The place of an object has become known. */
  settle(object: ObjectId, place: Place): void {
    this.#tell({kind: "settled", object, place});
    for (const asked of this.#requests.values()) {
      if (asked.asks !== "wait") continue;
      const ready = this.#ready(asked.objects).length;
      if (ready < asked.numReturns) continue;
      throw new InvariantError(`a wait for ${asked.numReturns} has ${ready}, and waits on`);
    }
  }

  get open(): number {
    return this.#machine.inspect().open;
  }

  leftovers(): string[] {
    const {open, objects} = this.#machine.inspect();
    const requests = this.#requests.size;
    if (open + objects + requests === 0) return [];
    return [`${open} waits for ${objects} objects, ${requests} requests`];
  }

  #tell(event: WaitsEvent): void {
    const isAsking = event.kind === "asked";
    for (const command of this.#machine.handle(event)) this.#obey(command, isAsking);
  }

  /** `isAsking`: the program has just asked, and all is there: it is answered at once. */
  #obey(command: WaitsCommand, isAsking: boolean): void {
    const {clock} = this.#around;
    switch (command.kind) {
      case "limit": {
        const {request, timeoutMs} = command;
        return clock.after(timeoutMs + 1e-6, () => {
          if (!this.#around.isDead) this.#tell({kind: "timed-out", request});
        });
      }
      case "call-off-limit":
        return;
      case "block":
      case "unblock":
        for (const wait of this.#requests.values()) {
          if (wait.asks !== "wait" || wait.by !== command.task) continue;
          if (command.kind === "block") wait.blocked();
          else wait.unblocked();
        }
        return;
      case "read-values": {
        const {request, objects, places} = command;
        return this.#around.read(objects[0]!, places[0]!, (value) => {
          const asked = this.#requests.get(request);
          if (asked?.asks === "get") asked.value = value;
          const tell = (): void => this.#tell({kind: "read", request});
          if (isAsking) tell();
          else clock.after(0, () => this.#around.isDead || tell());
        });
      }
      case "tell-values": {
        const asked = this.#requests.get(command.request);
        this.#requests.delete(command.request);
        if (asked?.asks === "get") asked.then(asked.value!);
        return;
      }
      case "tell-ready":
        return this.#tellReady(command.request, command.positions);
      case "tell-late":
        throw new Error("a get without a limit was told that its time is over");
      default:
        command satisfies never;
    }
  }

  #tellReady(request: number, positions: number[]): void {
    const wait = this.#requests.get(request);
    if (wait?.asks !== "wait") return;
    const {objects, numReturns, dueMs} = wait;
    const {clock} = this.#around;
    const ready = this.#ready(objects);
    if (ready.join() !== positions.join())
      throw new InvariantError(`a wait has ${ready.join()} and got ${positions.join()}`);
    if (ready.length < numReturns && clock.nowMs < dueMs)
      throw new InvariantError(`a wait for ${numReturns} got ${ready.length} before its time`);
    clock.after(0, () => this.#around.isDead || wait.answered(positions));
    this.#end(request);
  }

  #ready(objects: ObjectId[]): number[] {
    return objects.flatMap((object, i) => (this.#around.placeOf(object) ? [i] : []));
  }

  #end(request: number): void {
    const wait = this.#requests.get(request);
    this.#requests.delete(request);
    if (wait?.asks !== "wait") return;
    this.#around.clock.after(0, () => {
      if (!this.#around.isDead) for (const object of wait.objects) this.#around.letGo(object);
    });
  }
}
