// Refs, by the id of their object.

import {isReleased, ObjectRef} from "../../api/object-ref.js";
import type {ObjectId} from "../../ids.js";
import type {Kind} from "../kind.js";

export const objectRef: Kind = {
  tag: 23,
  isComparable: () => true,
  dismantle(object, to) {
    if (!(object instanceof ObjectRef)) return undefined;
    if (Object.getPrototypeOf(object) !== ObjectRef.prototype) return undefined;
    if (isReleased(object))
      to.refuse("a ref or a handle that was released", "release it when it is needed no longer");
    to.refs.push(object.id);
    return to.token(objectRef.tag, object.id);
  },
  assemble: (id: ObjectId, _, pending) => pending.fill(new ObjectRef(id)),
};
