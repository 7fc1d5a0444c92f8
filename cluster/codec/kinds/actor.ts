// Handles of actors.

import type {ObjectRef} from "../../api/object-ref.js";
import {maybeActorMark} from "../../shipping/names/actor-mark.js";
import {host} from "../../shipping/names/host.js";
import type {Kind} from "../kind.js";

/** [ref, the name of its class, methods, retries of its calls] */
export const actor: Kind = {
  tag: 24,
  dismantle(object, to) {
    const mark = maybeActorMark(object);
    if (!mark) return undefined;
    const {className, methods, maxTaskRetries} = mark.face;
    // Nothing may keep a copy of a handle: whoever has one keeps the actor.
    to.isConstant = false;
    return to.token(actor.tag, [
      to.value(mark.ref),
      to.value(className),
      methods.map((method) => to.value(method)),
      maxTaskRetries,
    ]);
  },
  assemble(parts: [unknown, unknown, unknown[], number], from, pending) {
    const [ref, className, methods, maxTaskRetries] = parts;
    const face = {
      className: from.value(className) as string,
      methods: methods.map((method) => from.value(method) as string),
      maxTaskRetries,
    };
    return pending.fill(host.actor(from.value(ref) as ObjectRef, face));
  },
};
