// The prototype of a class, which the class brings along.

import type {Assembler} from "../assemble.js";
import type {Dismantler} from "../dismantle.js";
import type {Kind} from "../kind.js";
import {addedMembers} from "../../shipping/names/added-members.js";
import {type AnyClass, classOfPrototype} from "../../shipping/functions/class-members.js";
import {Pending} from "../pending.js";
import {dress, type Shape, shapeOf} from "../shapes.js";

/** [class, shape of the members that the prototype was given since its import | nothing] */
export const prototype: Kind = {
  tag: 29,
  dismantle(object, to) {
    const owner = ownerOf(object, to);
    if (!owner) return undefined;
    const cls = to.classOf(owner);
    return to.token(prototype.tag, [cls, ...membersOnly(object, addedMembers(object), to)]);
  },
  assemble([owner, added]: [unknown, Shape?], from, pending) {
    const cls = from.value(owner);
    from.place(cls, (value) => pending.fill((value as AnyClass).prototype));
    if (added) giveMissing(from, () => pending.made() as object, added);
    return cls instanceof Pending ? pending : (cls as AnyClass).prototype;
  },
};

/** The class whose prototype the object is. */
export function ownerOf(object: object, to: Dismantler): object | undefined {
  return classOfPrototype(object) ?? to.classes.get(object);
}

/** What the receiver's prototype may lack. */
function membersOnly(prototype: object, keys: (string | symbol)[], to: Dismantler): unknown[] {
  if (keys.length === 0) return [];
  const above: unknown = Object.getPrototypeOf(prototype);
  return [shapeOf(to, prototype, above, (key) => !keys.includes(key), above)];
}

/** Gives members that the prototype has where it comes from, unless it has them here as well. */
function giveMissing(from: Assembler, prototype: () => object, added: Shape): void {
  const members = dress(from, {}, added);
  from.afterwards(() => {
    for (const key of Reflect.ownKeys(members))
      if (!Object.hasOwn(prototype(), key))
        Object.defineProperty(prototype(), key, Object.getOwnPropertyDescriptor(members, key)!);
  });
}
