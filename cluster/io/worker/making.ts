// An actor is made by a task whose client is the head.

import type {LeaseId} from "../../ids.js";
import type {FromHead, SentTask, ToHead} from "../../messages.js";
import type {Submitting} from "./assigned.js";

type MakeActor = FromHead & {kind: "make-actor"};

export function makingTask({creation, incarnation}: MakeActor): {lease: LeaseId; sent: SentTask} {
  const {task, actor, fn, code, args, argPlaces, context} = creation;
  return {
    lease: `make ${actor}` as LeaseId,
    sent: {task, attempt: incarnation, fn, code: code.hash, args, argPlaces, context},
  };
}

/** The head hears what was made; what is printed meanwhile goes to who asked for the actor. */
export function makerOf(
  {creation, incarnation}: MakeActor,
  toHead: (message: ToHead) => void,
): Submitting {
  const {actor, client} = creation;
  return {
    id: "head",
    send: (message) => {
      if (message.kind === "output") toHead({kind: "actor-output", client, output: message.output});
      if (message.kind !== "ended") return;
      const {outcome} = message;
      if (outcome.kind === "returned") return toHead({kind: "actor-made", actor, incarnation});
      if (outcome.kind === "cancelled") return;
      const {place: cause, errorName} = outcome;
      const reason = `it threw ${errorName || "something"}`;
      toHead({kind: "actor-failed", actor, incarnation, reason, cause});
    },
  };
}
