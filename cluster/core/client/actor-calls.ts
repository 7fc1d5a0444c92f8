// What a client knows of actors: those that it had the head make, those that take no more calls,
// and in which order it calls them.

import type {ActorId} from "../../ids.js";
import type {Death, Shape, TaskTicket} from "../events.js";
import {Recent} from "../../recent.js";
import type {Task} from "./submitted.js";

export class ActorCalls {
  /** Creations that may have to be called off, or whose wait may have to be explained. */
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

/**
 * A call that is to be sent again goes before all that were submitted later. Those before it were
 * sent again too, so there are few: most often none.
 */
export function putBack(call: Task): void {
  const {ready} = call.queue;
  let next = ready.first;
  while (next && next.turn < call.turn) next = next.next;
  ready.insert(call, next);
}

/** Makes the shape of an actor's calls. */
export const actorKey = (actor: ActorId): string => `actor/${actor}`;

/** Dead actors that are remembered, with the reason. */
const deadActors = 1024;
