// Packages by name, and which of them this process has imported.

import {isBuiltin} from "node:module";

/** Packages that cells have imported. */
export const importedPackages = new Set<string>();

export function notePackage(specifier: string): void {
  const name = packageName(specifier);
  if (name !== undefined) importedPackages.add(name);
}

/**
 * In front of a specifier: what `require` gives. Of a package that has an ES module and a CommonJS one,
 * that is another copy than the one which `import` gives.
 */
export const requireFace = "require:";

/** `npm:lodash@4/fp` and `jsr:@std/assert@1`, as Deno writes them → the package that is installed here. */
export function plainSpecifier(specifier: string): string {
  const [, name, path = ""] =
    /^(?:npm|jsr):\/?((?:@[^/@]+\/)?[^/@]+)(?:@[^/]*)?(\/.*)?$/.exec(specifier) ?? [];
  return name === undefined ? specifier : name + path;
}

/** `@scope/name/part` → `@scope/name`; undefined for files and what Node has itself. */
export function packageName(specifier: string): string | undefined {
  if (/^(\.|\/|[a-z]+:)/.test(specifier) || isBuiltin(specifier)) return undefined;
  const [name] = /^(@[^/]+\/)?[^/]+/.exec(specifier) ?? [];
  return name;
}
