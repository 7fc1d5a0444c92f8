// How shipping recognises an actor's handle: by a mark that the library leaves on the handle.

import type {ActorFace} from "../../backend.js";
import type {ObjectRef} from "../../api/object-ref.js";

/** The key under which a handle keeps what it is made of. Shipping sends these parts. */
export const actorKey: unique symbol = Symbol.for("tasklab.actor") as never;

export interface ActorMark {
  /** The ref of the task that made the actor: whoever holds the ref holds the actor. */
  ref: ObjectRef;
  face: ActorFace;
}

export function maybeActorMark(value: object): ActorMark | undefined {
  return Object.getOwnPropertyDescriptor(value, actorKey)?.value as ActorMark | undefined;
}
