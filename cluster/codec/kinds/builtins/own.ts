// Objects of Node's own classes.

/**
 * Tells whether an object is of one of Node's own classes. The prototype of a subclass only looks
 * like one.
 */
export function isA<T extends object>(
  cls: abstract new (...args: never[]) => T,
  getter: string,
  object: object,
): object is T {
  if (!(object instanceof cls)) return false;
  try {
    Object.getOwnPropertyDescriptor(cls.prototype, getter)!.get!.call(object);
    return true;
  } catch {
    return false;
  }
}
