// Objects of Node's own classes.

/** Is it one of Node's own, and not only made to look like one, as the prototype of a subclass is? */
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
