// How shipping recognises an actor's handle: by what the library leaves on it.

import type {ActorFace} from "../../backend.js";
import type {ObjectRef} from "../../api/object-ref.js";

/** Where a handle keeps what it is made of; shipping sends that. */
export const actorKey: unique symbol = Symbol.for("tasklab.actor") as never;

export interface ActorMark {
  /** Of what its creation gives: whoever holds it holds the actor. */
  ref: ObjectRef;
  face: ActorFace;
}

export function maybeActorMark(value: object): ActorMark | undefined {
  return Object.getOwnPropertyDescriptor(value, actorKey)?.value as ActorMark | undefined;
}
