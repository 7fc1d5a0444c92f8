// The actors that a client had the head make, and those that take no more calls.

import type {ActorId} from "../ids.js";
import type {Death, Shape, TaskTicket} from "./events.js";
import {Recent} from "./recent.js";

export class ActorCalls {
  /** Those it may have to call off, or say what they wait for. */
  readonly #submitted = new Map<ActorId, TaskTicket>();
  readonly #dead = new Recent<ActorId, Death>(deadActors);

  submitted(ticket: TaskTicket): void {
    this.#submitted.set(ticket.actor!.actor, ticket);
  }

  died(actor: ActorId, death: Death): void {
    this.#dead.set(actor, death);
    this.#submitted.delete(actor);
  }

  /** Nothing here refers to it any more. */
  released(actor: ActorId): void {
    this.#submitted.delete(actor);
  }

  deathOf(actor: ActorId): Death | undefined {
    return this.#dead.get(actor);
  }

  /** The head knows whether they were made meanwhile: those live on. */
  submittedBy(isBy: (ticket: TaskTicket) => boolean): [ActorId, TaskTicket][] {
    return [...this.#submitted].filter(([, ticket]) => isBy(ticket));
  }

  firstOf({key}: Shape): TaskTicket | undefined {
    for (const ticket of this.#submitted.values()) if (ticket.shape.key === key) return ticket;
    return undefined;
  }
}

/** Of the shape of an actor's calls. */
export const actorKey = (actor: ActorId): string => `actor/${actor}`;

/** Dead actors that are remembered, with the reason. */
const deadActors = 1024;
