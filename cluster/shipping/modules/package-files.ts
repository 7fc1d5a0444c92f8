// Names for functions, classes, symbols and imported modules that a package keeps for itself: the
// package's file, and the variable of that file which holds the value. Every process that loads the
// file has its own values. So an object that a package has made (a moment with its locale) arrives
// as if the receiver's copy had made it.
//
// Only a variable that nothing assigns to, and that exists once, can be such a name: a variable of
// the module, or of the one function that bundlers put around all of it. V8 tells the values of
// these (closure-inspector.ts). The receiver finds them from any function of the file that the file
// exports.

import {createRequire} from "node:module";
import {fileURLToPath, pathToFileURL} from "node:url";
import {types} from "node:util";
import {assignedNames} from "../source/assignments.js";
import {
  type InspectedScope,
  readScopes,
  scriptOf,
  type WrittenIn,
} from "../functions/closure-inspector.js";
import type {ImportedName} from "../names/imported-names.js";
import {requireFace} from "./packages.js";
import {Recent} from "../../recent.js";

interface PackageFile {
  specifier: string;
  /**
   * Functions that variables of the file hold, and the names of these variables:
   * `%<scope>:<variable>`.
   */
  names: ReadonlyMap<object, string>;
}

/**
 * Names of values that do not tell their file: modules that were imported under a name (`import *
 * as core`), and symbols. Each has the name from the first file that was read with a variable for
 * it.
 */
const found = new Map<unknown, ImportedName>();

const filesKept = 500;
/** Files by their scripts. */
const files = new Recent<string, PackageFile | null>(filesKept);
const cache = createRequire(import.meta.url).cache;

/** Tells whether the function was written in a package. */
export function isOfPackage(fn: object): boolean {
  return isInPackage(scriptOf(fn).url);
}

export function describePackageFile(value: unknown): ImportedName | undefined {
  if (typeof value !== "function") return found.get(value);
  const script = scriptOf(value);
  if (!isInPackage(script.url)) return undefined;
  let file = files.get(script.id);
  if (file === undefined) {
    file = readFile(script, value);
    files.set(script.id, file);
  }
  const name = file?.names.get(value);
  return name === undefined ? undefined : {specifier: file!.specifier, export: name};
}

/**
 * Finds a value that a package keeps. `name`: as in `PackageFile.names`. `exports`: of the file.
 */
export function findInPackageFile(specifier: string, exports: object, name: string): unknown {
  const [, depth, variable] = /^%(\d+):(.+)$/s.exec(name)!;
  const path = specifier.startsWith(requireFace)
    ? specifier.slice(requireFace.length)
    : fileURLToPath(specifier);
  const inside = functionOf(exports, path);
  return inside && outermostFirst(inside)[Number(depth)]?.variables[variable!];
}

export function isVariableName(name: string): boolean {
  return name.startsWith("%");
}

function readFile(script: WrittenIn, fn: object): PackageFile | null {
  const path = pathOf(script.url);
  const commonJs = cache[path];
  // The scopes of CommonJS are read as the receiver will read them.
  const inside = commonJs ? functionOf({exports: commonJs.exports as unknown}, path) : fn;
  const assigned = inside && assignedNames(script);
  if (!assigned || (!commonJs && !isReachable(path))) return null;
  const specifier = commonJs ? requireFace + path : pathToFileURL(path).href;
  const names = new Map<object, string>();
  const scopes = outermostFirst(inside).slice(0, commonJs ? 2 : 1);
  scopes.forEach(({variables, isOfModule}, depth) => {
    if (!commonJs && !isOfModule) return;
    for (const name of Object.keys(variables)) {
      const value = variables[name];
      const written = `%${depth}:${name}`;
      const isModule = isObject(value) && types.isModuleNamespaceObject(value);
      const isFound = isModule || (typeof value === "symbol" && !assigned.has(name));
      if (isFound && !found.has(value)) found.set(value, {specifier, export: written});
      if (typeof value !== "function" || assigned.has(name) || names.has(value)) continue;
      names.set(value, written);
    }
  });
  return {specifier, names};
}

/**
 * Tells whether the file exports a function by which a receiver gets into it. Where Node can't tell
 * at once, it may.
 */
function isReachable(path: string): boolean {
  try {
    return functionOf(createRequire(path)(path) as object, path) !== undefined;
  } catch {
    return true;
  }
}

function outermostFirst(fn: object): InspectedScope[] {
  return readScopes(fn)
    .filter(({isOfScripts}) => !isOfScripts)
    .reverse();
}

/**
 * Finds a function that was written in the file: an export, a member of one, or of the class of
 * one.
 */
function functionOf(exports: object, path: string): object | undefined {
  for (const object of near(exports, 2))
    if (typeof object === "function" && pathOf(scriptOf(object).url) === path) return object;
  return undefined;
}

/** Gives the object, its members and theirs, and the members of their prototypes. */
function* near(object: unknown, depth: number, seen = new Set<object>()): Generator<object> {
  if (!isObject(object) || types.isProxy(object) || seen.has(object)) return;
  seen.add(object);
  yield object;
  if (depth === 0) return;
  for (const member of membersOf(object)) yield* near(member, depth - 1, seen);
  const above: unknown = Object.getPrototypeOf(object);
  if (isObject(above)) for (const member of membersOf(above)) yield* near(member, 0, seen);
}

function membersOf(object: object): unknown[] {
  return Object.values(Object.getOwnPropertyDescriptors(object)).map(
    ({value}: {value?: unknown}) => value,
  );
}

function isInPackage(url: string): boolean {
  return url.includes("/node_modules/");
}

function pathOf(url: string): string {
  return url.startsWith("file:") ? fileURLToPath(url) : url;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
