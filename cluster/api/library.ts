// The library as a module: functions that use `get` or `remote` ship its name, not its insides, and
// "tasklab" is this process's own instance wherever it is imported.

import type {ImportedName} from "../shipping/names/imported-names.js";
import {provideModule} from "../shipping/modules/imports.js";

export const librarySpecifier = "tasklab";

let library: Record<string, unknown> = {};
const names = new Map<unknown, string>();

/** The library's own exports, told by its index. */
export function setLibrary(exports: Record<string, unknown>): void {
  library = exports;
  provideModule(librarySpecifier, exports);
  for (const [name, value] of Object.entries(exports)) names.set(value, name);
  names.set(library, "");
}

export function maybeLibraryName(value: unknown): ImportedName | undefined {
  const name = names.get(value);
  return name === undefined ? undefined : {specifier: librarySpecifier, export: name};
}

export function libraryExports(): Record<string, unknown> {
  return library;
}
