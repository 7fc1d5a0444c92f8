// Packages by name, and which of them this process has imported.

import {isBuiltin} from "node:module";

/** Packages that cells have imported. */
export const importedPackages = new Set<string>();

export function notePackage(specifier: string): void {
  const name = packageName(specifier);
  if (name !== undefined) importedPackages.add(name);
}

/**
 * Stands before a specifier for what `require` gives. A package with an ES module and a CommonJS
 * module has another copy for `require` than for `import`.
 */
export const requireFace = "require:";

/**
 * Turns Deno's `npm:lodash@4/fp` and `jsr:@std/assert@1` into the name of the package that is
 * installed here.
 */
export function plainSpecifier(specifier: string): string {
  const [, name, path = ""] =
    /^(?:npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)(?:@[^/]*)?(\/.*)?$/.exec(specifier) ?? [];
  return name === undefined ? specifier : name + path;
}

/** `@scope/name/part` → `@scope/name`; undefined for files and for Node's own modules. */
export function packageName(specifier: string): string | undefined {
  if (/^(\.|\/|[a-z]+:)/.test(specifier) || isBuiltin(specifier)) return undefined;
  const [name] = /^(@[^/]+\/)?[^/]+/.exec(specifier) ?? [];
  return name;
}
