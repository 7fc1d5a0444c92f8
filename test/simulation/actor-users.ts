// Processes that make actors, hold them, call them, kill them and find them by name, as the head sees
// it: what a call computes is played elsewhere. Each of their waits must come to an end.

import {InvariantError} from "../../cluster/core/invariants.js";
import type {Shape} from "../../cluster/core/events.js";
import type {HeadCommand} from "../../cluster/core/machines.js";
import {actorId, holdOf} from "../../cluster/ids.js";
import type {ActorId, ClientId, LeaseId} from "../../cluster/ids.js";
import type {World} from "./world.js";

export interface Creation {
  makingMs: number;
  fails: boolean;
}

export type UserNews = Extract<
  HeadCommand,
  {kind: "grant" | "lose" | "tell-death" | "answer-kill" | "answer-sought"}
>;

/** What a user knows of an actor that it holds. */
interface Held {
  /** Calls that it still wants to send. */
  calls: number;
  lease: LeaseId | null;
  isDead: boolean;
  isMine: boolean;
}

export class ActorUser {
  readonly id: ClientId;
  readonly #world: World;
  readonly #held = new Map<ActorId, Held>();
  readonly #asked = new Set<number>();
  #lastRequest = 0;
  isDead = false;

  constructor(world: World, id: ClientId) {
    this.#world = world;
    this.id = id;
  }

  /** Makes an actor, hands it to others, calls it, and lets go of it in the end. */
  useActor(others: ActorUser[]): void {
    if (this.isDead) return;
    const world = this.#world;
    const {random, clock} = world;
    const actor = actorId(this.#world.unique().padStart(24, "0"));
    this.#hold(actor, true);
    const options = {
      keeps: random.pick([{}, {}, {CPU: 0.5}]),
      name: random.chance(0.3) ? random.pick(["c", "d"]) : null,
      detached: random.chance(0.2),
      maxRestarts: random.pick([0, 0, 1, 3, -1]),
      maxConcurrency: 1,
    };
    const face = {className: "Counter", methods: ["add"], maxTaskRetries: 0};
    const shape = {key: "actor", resources: {CPU: random.pick([0.5, 1])}, depth: 0, priority: 0};
    const {id: client} = this;
    const declaration = {kind: "actor-declared", actor, client, face, options, shape} as const;
    this.#world.toHead(this.id, (head) => head.tell(declaration));
    clock.after(random.pick([0, random.between(0, 200)]), () => this.#submitOrNot(actor));
    for (const other of others) if (random.chance(0.5)) other.receive(actor);
    this.#play(actor);
    // A detached one ends by a kill, or never: somebody does it, whoever is left.
    const kill = {kind: "kill-asked", actor, client, request: 0, restart: false} as const;
    if (options.detached) clock.after(random.between(300, 3000), () => world.head.tell(kill));
  }

  /** A ref has come: it may overtake the news that there is such an actor. */
  receive(actor: ActorId): void {
    this.#world.clock.after(this.#world.random.between(0, 5), () => {
      if (this.isDead || this.#held.has(actor)) return;
      this.#hold(actor, false);
      this.#play(actor);
    });
  }

  hear(news: UserNews): void {
    if (this.isDead) return;
    switch (news.kind) {
      case "grant":
        return this.#granted(news.shape.actor!, news.lease);
      case "lose":
        for (const [actor, held] of this.#held) {
          if (held.lease !== news.lease) continue;
          held.lease = null;
          // What was under way is sent again.
          if ("restarts" in news && news.restarts && this.#world.random.chance(0.5))
            this.#call(actor, 1);
        }
        return;
      case "tell-death": {
        const held = this.#held.get(news.actor);
        if (held) Object.assign(held, {isDead: true, calls: 0, lease: null});
        return;
      }
      case "answer-kill":
        this.#asked.delete(news.request);
        return;
      case "answer-sought": {
        if (!this.#asked.delete(news.request) || !news.found) return;
        const {actor} = news.found;
        if (this.#held.has(actor)) return;
        this.#hold(actor, false);
        this.#play(actor);
        return;
      }
      default:
        news satisfies never;
    }
  }

  leftovers(): string[] {
    const waiting = [...this.#held].filter(([, {calls}]) => calls > 0).map(([actor]) => actor);
    return [
      ...waiting.map((actor) => `${this.id} still waits to call actor ${actor}`),
      ...[...this.#held.keys()].map((actor) => `${this.id} still holds actor ${actor}`),
      ...[...this.#asked].map((request) => `${this.id} got no answer to ${request}`),
    ];
  }

  #submitOrNot(actor: ActorId): void {
    if (this.isDead) return;
    const {random} = this.#world;
    if (random.chance(0.1)) return this.#abandon(actor);
    const makingMs = random.pick([0, random.between(0, 50)]);
    const creation = {makingMs, fails: random.chance(0.1)};
    this.#world.toHead(this.id, (head) => head.submit(actor, creation, []));
    if (random.chance(0.1)) {
      this.#world.clock.after(random.between(0, 200), () => this.#abandon(actor));
    }
  }

  #abandon(actor: ActorId): void {
    if (this.isDead) return;
    this.#world.toHead(this.id, (head) =>
      head.tell({kind: "actor-abandoned", actor, reason: "it was cancelled", cause: null}),
    );
  }

  /** Calls it a few times; perhaps kills it, or looks for one by its name; lets go of it. */
  #play(actor: ActorId): void {
    const {random, clock} = this.#world;
    const times = random.whole(0, 3);
    for (let i = 0; i < times; i++) {
      clock.after(random.between(0, 400), () => this.#call(actor, random.whole(1, 3)));
    }
    if (random.chance(0.2)) {
      clock.after(random.between(0, 400), () => this.#kill(actor, random.chance(0.5)));
    }
    if (random.chance(0.2)) clock.after(random.between(0, 400), () => this.#seek());
    clock.after(random.between(400, 900), () => this.#letGo(actor));
  }

  #hold(actor: ActorId, isMine: boolean): void {
    this.#held.set(actor, {calls: 0, lease: null, isDead: false, isMine});
    const {id: client} = this;
    const object = holdOf(actor);
    this.#world.toHead(client, (head) => {
      head.tell({kind: isMine ? "object-shared" : "place-wanted", client, object});
    });
  }

  #call(actor: ActorId, calls: number): void {
    const held = this.#held.get(actor);
    if (this.isDead || !held || held.isDead || held.lease) return;
    held.calls = calls;
    this.#want(actor, calls);
  }

  #want(actor: ActorId, count: number): void {
    const shape: Shape = {key: `calls ${actor}`, resources: {}, depth: 0, priority: 0, actor};
    const {id: client} = this;
    this.#world.toHead(client, (head) => head.tell({kind: "leases-wanted", client, shape, count}));
  }

  #granted(actor: ActorId, lease: LeaseId): void {
    const held = this.#held.get(actor);
    if (!held) return this.#return(lease);
    if (held.lease && held.lease !== lease) {
      throw new InvariantError(`${this.id} has ${held.lease} of actor ${actor}, and got ${lease}`);
    }
    if (held.calls > 1) this.#want(actor, 0);
    held.lease = lease;
    held.calls = 0;
  }

  #return(lease: LeaseId): void {
    this.#world.toHead(this.id, (head) => head.tell({kind: "lease-returned", lease}));
  }

  #letGo(actor: ActorId): void {
    const held = this.#held.get(actor);
    if (this.isDead || !held) return;
    // Calls under way hold it.
    if (held.calls > 0) return this.#world.clock.after(20, () => this.#letGo(actor));
    this.#held.delete(actor);
    if (held.lease) this.#return(held.lease);
    const {id: client} = this;
    const object = holdOf(actor);
    this.#world.toHead(client, (head) => head.tell({kind: "object-released", client, object}));
  }

  #kill(actor: ActorId, restart: boolean): void {
    if (this.isDead) return;
    const {id: client} = this;
    const request = ++this.#lastRequest;
    this.#asked.add(request);
    this.#world.toHead(client, (head) =>
      head.tell({kind: "kill-asked", actor, client, request, restart}),
    );
  }

  #seek(): void {
    if (this.isDead) return;
    const {id: client} = this;
    const request = ++this.#lastRequest;
    this.#asked.add(request);
    const name = this.#world.random.pick(["c", "d"]);
    this.#world.toHead(client, (head) => head.tell({kind: "actor-sought", client, request, name}));
  }
}
