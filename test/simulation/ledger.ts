// What has become of each call of an actor, as somebody sees it who sees everything: who made it, where
// it began, how it ended there, and what its caller was told. What does not fit together throws at once.

import {InvariantError} from "../../cluster/core/invariants.js";
import type {Place} from "../../cluster/core/events.js";
import type {ActorId, ClientId, TaskId, WorkerId} from "../../cluster/ids.js";
import type {ActorPlan, Spec} from "./program.js";
import type {Value} from "./values.js";

interface Actor {
  readonly plan: ActorPlan;
  readonly maker: ClientId;
  /** What may end it, or cost a call: its calls may fail for that. */
  readonly troubles: Set<"process lost" | "may not be made" | "killed">;
}

/** One life of an actor: the last call of each caller that has begun there. */
type Incarnation = Map<ClientId, number>;

interface Call {
  readonly id: TaskId;
  readonly spec: Spec;
  readonly actor: Actor;
  readonly client: ClientId;
  /** The order in which its client called. */
  readonly turn: number;
  readonly isNested: boolean;
  readonly begun: Set<number>;
  /** What its runs came to. */
  readonly values: string[];
  readonly errors: string[];
  told: Place | null;
}

export class Ledger {
  readonly #actors = new Map<ActorId, Actor>();
  readonly #placed = new Map<ClientId, ActorId>();
  readonly #calls = new Map<TaskId, Call>();
  readonly #incarnations = new Map<WorkerId, Incarnation>();
  readonly #isDead: (client: ClientId) => boolean;
  /** Somebody cancels here and there. */
  hasCancels = false;

  constructor(isDead: (client: ClientId) => boolean) {
    this.#isDead = isDead;
  }

  // ---- what happens ----

  made(actor: ActorId, plan: ActorPlan, spec: Spec, maker: ClientId): void {
    this.#actors.set(actor, {plan, maker, troubles: new Set()});
    // Its name may be taken.
    if (plan.name !== null || spec.ends !== "well" || spec.args.length > 0) {
      this.trouble(actor, "may not be made");
    }
  }

  trouble(actor: ActorId, what: "process lost" | "may not be made" | "killed"): void {
    this.#actors.get(actor)?.troubles.add(what);
  }

  placed(actor: ActorId, worker: WorkerId): void {
    const client = asClient(worker);
    this.#placed.set(client, actor);
    // The head has not heard of its end yet.
    if (this.#isDead(client)) this.trouble(actor, "process lost");
  }

  /** A process has ended: the actor in it, and those that it was about to have made. */
  lost(client: ClientId): void {
    const inside = this.#placed.get(client);
    if (inside) this.trouble(inside, "process lost");
    for (const {maker, troubles} of this.#actors.values())
      if (maker === client) troubles.add("may not be made");
  }

  planOf(actor: ActorId): ActorPlan {
    return this.#actors.get(actor)!.plan;
  }

  called(id: TaskId, actor: ActorId, spec: Spec, client: ClientId, isNested: boolean): void {
    const turn = this.#calls.size;
    const of = this.#actors.get(actor)!;
    const nothing = {begun: new Set<number>(), values: [], errors: [], told: null};
    this.#calls.set(id, {id, spec, actor: of, client, turn, isNested, ...nothing});
  }

  began(id: TaskId, attempt: number, worker: WorkerId): void {
    const call = this.#calls.get(id)!;
    const {spec, begun, client, turn} = call;
    must(!begun.has(attempt), call, `attempt ${attempt} runs twice`);
    must(attempt === 1 || spec.maxRetries !== 0, call, "runs again, and may not");
    const most = spec.maxRetries < 0 ? Infinity : spec.maxRetries + 1;
    must(attempt <= most, call, `attempt ${attempt} is one too many`);
    // The news of a death is faster than the death.
    const isOver = call.told !== null && call.actor.troubles.size === 0 && !this.#isDead(client);
    must(!isOver, call, "runs after its caller was told its end");
    let incarnation = this.#incarnations.get(worker);
    if (!incarnation) this.#incarnations.set(worker, (incarnation = new Map()));
    // One that threw comes after those that were under way with it.
    if (attempt === 1 || spec.ends !== "throws-once") {
      const last = incarnation.get(client) ?? -1;
      must(turn > last, call, "begins after a later call of the same caller");
      incarnation.set(client, turn);
    }
    begun.add(attempt);
  }

  ended(id: TaskId, value: Value): void {
    const call = this.#calls.get(id);
    if (value.error === undefined) call?.values.push(JSON.stringify(value));
    else call?.errors.push(value.error);
  }

  /** What the caller's process knows of its end. */
  told(client: ClientId, id: TaskId, place: Place, read: () => Value): void {
    const call = this.#calls.get(id);
    if (!call || call.client !== client) return;
    must(call.told === null || call.told === place, call, "ended twice");
    if (call.told !== null) return;
    call.told = place;
    const value = read();
    const text = JSON.stringify(value);
    if (value.error === undefined) {
      const has = call.values.includes(text);
      must(has, call, `is said to have come to ${text}, and came to ${call.values.join()}`);
    } else this.#mayFail(call, value.error);
  }

  #mayFail(call: Call, error: string): void {
    const {spec, actor, begun} = call;
    const {troubles, plan} = actor;
    // Of an argument, or of what it waits for: what that may come to is checked there.
    if (spec.args.length > 0 || call.errors.includes(error)) return;
    switch (error) {
      case "actor-died":
        return must(troubles.size > 0, call, "failed with its actor, which has no reason to die");
      case "actor-unavailable": {
        const mayRestart = plan.maxRestarts !== 0;
        const isLost = troubles.has("process lost") || troubles.has("killed");
        return must(mayRestart && isLost, call, "failed with a restart that is none");
      }
      case "cancelled":
        if (this.hasCancels || call.isNested || troubles.has("may not be made")) return;
        must(spec.timeoutMs !== undefined, call, "was cancelled by nobody");
        return must(begun.size > 0, call, "ran longer than its limit, and has not begun");
      default:
        must(troubles.has("may not be made"), call, `failed with ${error} of nowhere`);
    }
  }

  /** At the end of all. */
  check(): void {
    for (const call of this.#calls.values()) {
      if (call.told === null && !this.#isDead(call.client)) must(false, call, "never ended");
    }
  }

  get size(): number {
    return this.#calls.size;
  }
}

const asClient = (worker: WorkerId): ClientId => worker as string as ClientId;

function must(holds: boolean, {id, spec, client}: Call, what: string): void {
  if (!holds) throw new InvariantError(`call ${spec.name} of ${client} ${what}`, id);
}
