// Members that a package's prototypes were given after the import of the package. Some packages add
// members when they make their first object. A process that has made none lacks these members, so
// they travel with the values that have the prototype.

const keysAtImport = new WeakMap<object, ReadonlySet<string | symbol>>();

/**
 * Notes the members of an export's prototype. To be called when its module has just been loaded.
 */
export function noteMembers(exported: unknown): void {
  if (typeof exported !== "function") return;
  const prototype: unknown = Object.getOwnPropertyDescriptor(exported, "prototype")?.value;
  if (typeof prototype !== "object" || prototype === null || keysAtImport.has(prototype)) return;
  keysAtImport.set(prototype, new Set(Reflect.ownKeys(prototype)));
}

export function addedMembers(prototype: object): (string | symbol)[] {
  const before = keysAtImport.get(prototype);
  return before ? Reflect.ownKeys(prototype).filter((key) => !before.has(key)) : [];
}
