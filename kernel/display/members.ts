// What other libraries' values are known by: members that their kind has.

/**
 * The member of that name. A getter that the object has itself is the user's and is not called; one
 * of its class (an element's outerHTML) is.
 */
export function maybeMember(object: object, name: string): unknown {
  const own = Object.getOwnPropertyDescriptor(object, name);
  if (own) return own.value as unknown;
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === null || prototype === Object.prototype) return undefined;
  try {
    return Reflect.get(prototype as object, name, object);
  } catch {
    return undefined;
  }
}
