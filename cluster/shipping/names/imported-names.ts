// Imported values and their names: of a module itself, of its exports, and of the functions and the
// prototype that an export has as properties (`fs.readFile` of a default import).

import {noteMembers} from "./added-members.js";
import type {ShippedPart} from "../../backend.js";

/** A local file in one version, with the local files that it imports. */
export interface LocalModule {
  /** The key of the file itself. */
  key: string;
  path: string;
  part(): ShippedPart;
}

/**
 * The name under which an imported value can be had again. `export`: a path; "" is the module
 * itself.
 */
export interface ImportedName {
  specifier: string;
  export: string;
  /** For a local file: the version of the file that the value came from. */
  module?: LocalModule;
}

/** Stands for an import: travels as the name and arrives as the value. */
export class ByName {
  readonly name: ImportedName;
  constructor(name: ImportedName) {
    this.name = name;
  }
}

export class ImportedNames {
  readonly #names = new WeakMap<object, ImportedName>();
  readonly #symbols = new Map<symbol, ImportedName>();

  find(value: unknown): ImportedName | undefined {
    if (typeof value === "symbol") return this.#symbols.get(value);
    return isObject(value) ? this.#names.get(value) : undefined;
  }

  /** Remembers the exports of a module. A value keeps the first name that it had. */
  remember(specifier: string, namespace: Record<string, unknown>, module?: LocalModule): void {
    const origin = {specifier, ...(module ? {module} : {})};
    this.#add(namespace, origin, "");
    const exported = Object.keys(namespace).filter((name) => !name.includes("."));
    for (const name of exported) this.#add(namespace[name], origin, name);
    for (const name of exported) {
      const value = namespace[name];
      if (!isObject(value) || this.#names.get(value)?.specifier !== specifier) continue;
      for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
        const isMember = typeof property.value === "function" && !key.includes(".");
        if (isMember && key !== "constructor") this.#add(property.value, origin, `${name}.${key}`);
        // The prototype need not lead to the function whose instances have it.
        if (key === "prototype" && typeof value === "function")
          this.#add(property.value, origin, `${name}.prototype`);
      }
    }
  }

  #add(value: unknown, origin: Omit<ImportedName, "export">, name: string): void {
    if (typeof value === "symbol") {
      if (!this.#symbols.has(value)) this.#symbols.set(value, {...origin, export: name});
    } else if (isObject(value) && !this.#names.has(value))
      this.#names.set(value, {...origin, export: name});
    noteMembers(value);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
