// Objects that hold a primitive: `new String("a")`, `Object(1n)`.

import {types} from "node:util";
import type {Kind} from "../../kind.js";
import {dress, extrasOf, type Shape} from "../../shapes.js";
import {isIndex} from "./view.js";

/** [primitive, shape | null] */
export const boxed: Kind = {
  tag: 18,
  dismantle(object, to) {
    if (!types.isBoxedPrimitive(object)) return undefined;
    const primitive = unboxed(object);
    const isElement = (key: string | symbol) =>
      typeof primitive === "string" && (key === "length" || isIndex(key, primitive.length));
    const usual: unknown = Object.getPrototypeOf(Object(primitive));
    return to.token(boxed.tag, [to.value(primitive), extrasOf(to, object, usual, isElement)]);
  },
  assemble: ([primitive, shape]: [unknown, Shape | null], from, pending) =>
    dress(from, pending.fill<unknown>(Object(from.value(primitive))), shape),
};

/** Reads the primitive without asking the object, which may have a `valueOf` of its own. */
function unboxed(object: object): unknown {
  if (types.isStringObject(object)) return String.prototype.valueOf.call(object);
  if (types.isNumberObject(object)) return Number.prototype.valueOf.call(object);
  if (types.isBooleanObject(object)) return Boolean.prototype.valueOf.call(object);
  if (types.isBigIntObject(object)) return BigInt.prototype.valueOf.call(object);
  return Symbol.prototype.valueOf.call(object);
}
