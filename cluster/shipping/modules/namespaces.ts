// The exports that `import` gives of a CommonJS module, in cells and in shipped files alike.

export type Namespace = Record<string, unknown>;

/**
 * Makes the exports. `default` is the module's own when it was made from an ES module; names that
 * Node has found stay.
 */
export function namespaceOf(exports: unknown, namespace: Namespace = {}): Namespace {
  const isTranspiled = (exports as Namespace | null)?.__esModule === true;
  const made: Namespace = {default: exports, ...namespace};
  for (const name of Object.keys(exports as object)) {
    if (name === "default" ? isTranspiled : !(name in namespace))
      made[name] = (exports as Namespace)[name];
  }
  return made;
}
