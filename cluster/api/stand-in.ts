// What stands in the place of a remote function, an actor class or an actor's method: it refuses to
// be called, in words, and has `.remote` and its like instead.

import {UsageError} from "../errors.js";

/** `shown`: how it is inspected. None of the members is enumerable. */
export function standIn(
  refusal: string,
  shown: string,
  members: Record<PropertyKey, unknown>,
): object {
  const face = function () {
    throw new UsageError(refusal);
  };
  const all = {...members, [Symbol.for("nodejs.util.inspect.custom")]: () => shown};
  for (const key of Reflect.ownKeys(all))
    Object.defineProperty(face, key, {value: all[key as keyof typeof all], enumerable: false});
  return face;
}
