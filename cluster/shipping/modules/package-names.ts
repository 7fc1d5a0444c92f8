// Names for functions of npm packages in a plain program, where nobody has seen the imports: the
// script that a function was written in tells its package. The function goes by name when workers,
// which run in this folder, find the same package under the name; else it goes as code, like the
// program's own functions.

import {createRequire} from "node:module";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {types} from "node:util";
import {scriptOf} from "../functions/closure-inspector.js";
import type {ImportedName} from "../names/imported-names.js";
import {ImportedNames} from "../names/imported-names.js";
import {provideModule} from "./imports.js";
import {type Namespace, namespaceOf} from "./namespaces.js";
import {requireFace} from "./packages.js";

const names = new ImportedNames();
const remembered = new Set<string>();
/** Functions of the program itself, which are asked about again and again. */
const others = new WeakSet<object>();

export function describePackaged(value: unknown): ImportedName | undefined {
  const fn = functionOf(value);
  if (fn === undefined || others.has(fn)) return undefined;
  const name = packageOf(fn);
  if (name === undefined) {
    others.add(fn);
    return undefined;
  }
  if (!remembered.has(name)) {
    remembered.add(name);
    remember(name);
  }
  return names.find(value);
}

/**
 * Finds a function by which a value's module can be known: the value itself, or an export of the
 * module.
 */
function functionOf(value: unknown): object | undefined {
  if (typeof value === "function") return value;
  if (typeof value !== "object" || value === null || types.isProxy(value)) return undefined;
  const isOrdinary = Object.getPrototypeOf(value) === Object.prototype;
  if (!isOrdinary && !types.isModuleNamespaceObject(value)) return undefined;
  for (const key of Object.keys(value)) {
    const own = Object.getOwnPropertyDescriptor(value, key)?.value as unknown;
    if (typeof own === "function") return own;
  }
  return undefined;
}

function packageOf(fn: object): string | undefined {
  const {url} = scriptOf(fn);
  const path = url.startsWith("file:") ? fileURLToPath(url) : url;
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

/** Remembers what `import` and `require` give here: other objects would be of no use. */
function remember(name: string): void {
  try {
    const exports: unknown = createRequire(join(process.cwd(), "program.js"))(name);
    const isModule = types.isModuleNamespaceObject(exports);
    const namespace = isModule ? (exports as Namespace) : namespaceOf(exports);
    names.remember(requireFace + name, namespace);
    provideModule(requireFace + name, namespace);
  } catch {
    // The package can't be found from here, or can't be loaded at once.
  }
}
