// Members that a package's prototypes were given after its import: some packages do so when they make their
// first object. A process that has made none lacks them, so they travel with what has the prototype.

const keysAtImport = new WeakMap<object, ReadonlySet<string | symbol>>();

/** To be told of what a module exports when it has just been loaded. */
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
