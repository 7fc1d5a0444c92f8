// What every process has: functions, prototypes and namespaces of the language and of Node. They
// travel by name. The table is made when this module is loaded, before user code can change
// anything.

import {builtinModules, createRequire} from "node:module";

type Names = Map<object, string[]>;

/**
 * Finds the path of a value of the language or of a global: [member of globalThis, …]. A last step
 * "get:x" or "set:x" is an accessor.
 */
export function globalPath(value: object): readonly string[] | undefined {
  return globals.get(value);
}
/** Finds the path of a value, in Node's modules too: ["node:fs", member, …]. */
export function intrinsicPath(value: object): readonly string[] | undefined {
  const known = globals.get(value) ?? builtins.get(value);
  if (known) return known;
  const original = originals.get(value);
  if (original) return intrinsicPath(original);
  const isMore = nameLoadedModules();
  if (nameLateGlobal(value) || nameLateExports(value) || isMore)
    return globals.get(value) ?? builtins.get(value);
  return undefined;
}
/**
 * Finds the path of a function of Node's own. Globals that the function may belong to are made
 * first.
 */
export function pathOfNodes(fn: object): readonly string[] | undefined {
  for (const name of [...lateGlobals.keys()]) if (/^[A-Z]/.test(name)) makeLateGlobal(name);
  return intrinsicPath(fn);
}
/**
 * Lets `made`, which took the place of a function of Node's, travel under the name of that
 * function.
 */
export function standsFor<F extends object>(made: F, original: object): F {
  originals.set(made, original);
  return made;
}
const originals = new WeakMap<object, object>();

/** Names a value as a person would write it: `Array.prototype.map`, `net.Socket`. */
export function intrinsicName(value: object): string | undefined {
  const path = intrinsicPath(value);
  const name = path?.at(-1);
  // Some globals are made when they are first asked for, and are known as exports of a module.
  if (name !== undefined && (globalThis as Record<string, unknown>)[name] === value) return name;
  return path?.join(".").replace(/^node:/, "");
}

export function findIntrinsic(path: readonly string[]): unknown {
  const [first, ...rest] = path as [string, ...string[]];
  let found: unknown = first.startsWith("node:") ? requireBuiltin(first) : roots.get(first);
  if (found === undefined) found = (globalThis as Record<string, unknown>)[first];
  for (const step of rest) {
    const [, kind, key] = /^(get|set):(.*)$/s.exec(step) ?? [];
    const own = Object.getOwnPropertyDescriptor(found as object, key ?? step);
    if (kind) found = own?.[kind as "get" | "set"];
    else found = own?.get ? (found as Record<string, unknown>)[step] : own?.value;
    if (found === undefined) throw new Error(`this version of Node has no ${path.join(".")}`);
  }
  return found;
}

const requireBuiltin = createRequire(import.meta.url);

/** Values without a name of their own. */
const roots = new Map<string, object>([
  ["globalThis", globalThis],
  // Node makes this global when it is first asked for.
  ["DOMException", DOMException],
  ["%TypedArray%", prototypeOf(Uint8Array)],
  ["%Iterator%", prototypeOf(prototypeOf([][Symbol.iterator]()))],
  ["%ArrayIterator%", prototypeOf([][Symbol.iterator]())],
  ["%StringIterator%", prototypeOf(""[Symbol.iterator]())],
  ["%AsyncFunction%", prototypeOf(async function () {})],
  ["%GeneratorFunction%", prototypeOf(function* () {})],
  ["%AsyncGeneratorFunction%", prototypeOf(async function* () {})],
]);

const globals: Names = new Map();
/** Globals that Node makes when they are first asked for, by name, and what makes each. */
const lateGlobals = new Map<string, () => unknown>();
for (const [name, value] of roots) add(globals, value, [name], name === "globalThis" ? 0 : 2);
for (const name of Object.getOwnPropertyNames(globalThis)) {
  const own = Object.getOwnPropertyDescriptor(globalThis, name)!;
  if (isObject(own.value)) add(globals, own.value, [name], 2);
  else if (own.get) lateGlobals.set(name, own.get);
}

/**
 * Makes the late global that the value may be: a class or function is asked for under its name, an
 * object under the name of its class (`crypto`).
 */
function nameLateGlobal(value: object): boolean {
  if (typeof value === "function") return makeLateGlobal(ownName(value));
  const above: unknown = Object.getPrototypeOf(value);
  const owner: unknown = above && Object.getOwnPropertyDescriptor(above, "constructor")?.value;
  if (typeof owner !== "function") return false;
  return makeLateGlobal(ownName(owner).replace(/^[A-Z]/, (letter) => letter.toLowerCase()));
}

function makeLateGlobal(name: string): boolean {
  const get = lateGlobals.get(name);
  if (!get) return false;
  lateGlobals.delete(name);
  const value = get.call(globalThis);
  if (isObject(value)) add(globals, value, [name], 2);
  return true;
}

/** Reads the name of a function. User code may have put a getter in its place. */
function ownName(fn: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(fn, "name")?.value;
  return typeof name === "string" ? name : "";
}

const builtins: Names = new Map();
/** Modules of Node whose exports have no names yet. Modules that begin with `_` are internal. */
const unnamed = new Set(
  [...builtinModules, "sea", "sqlite", "test", "test/reporters"]
    .map((module) => module.replace(/^node:/, ""))
    .filter((module) => !module.startsWith("_")),
);
let loadedCount = 0;

/**
 * Names the exports of Node's modules that were loaded since. Values of other modules can't be met.
 */
function nameLoadedModules(): boolean {
  const {moduleLoadList} = process as unknown as {moduleLoadList: string[]};
  if (moduleLoadList.length === loadedCount) return false;
  for (const entry of moduleLoadList.slice(loadedCount)) {
    const module = entry.replace(/^NativeModule /, "");
    if (!unnamed.delete(module)) continue;
    const exports: unknown = requireBuiltin(`node:${module}`);
    if (isObject(exports)) nameExports(exports, [`node:${module}`]);
  }
  loadedCount = moduleLoadList.length;
  return true;
}

function nameExports(exports: object, path: string[]): void {
  add(builtins, exports, path, 2);
  for (const [key, own] of Object.entries(Object.getOwnPropertyDescriptors(exports))) {
    if (isNamespace(own.value)) add(builtins, own.value, [...path, key], 1);
    // Node makes such an export when it is first asked for. Hidden exports warn, and are on their
    // way out.
    else if (own.get && own.enumerable) {
      const others = late.get(key) ?? [];
      late.set(key, [...others, {exports, key, path: [...path, key]}]);
      isLateObject ||= /^[a-z]/.test(key);
    }
  }
}

interface LateExport {
  exports: object;
  key: string;
  path: string[];
}

/** Exports that nobody may have asked for yet, by name. */
const late = new Map<string, LateExport[]>();
/** There is a late export that may be no class. */
let isLateObject = false;

/**
 * Names late exports. Functions are exported under their names, so for a function no other export
 * is made.
 */
function nameLateExports(value: object): boolean {
  if (typeof value === "function") return nameLate(ownName(value));
  if (!isLateObject) return false;
  isLateObject = false;
  for (const key of [...late.keys()]) if (/^[a-z]/.test(key)) nameLate(key);
  return true;
}

function nameLate(name: string): boolean {
  const found = late.get(name);
  if (!found) return false;
  late.delete(name);
  for (const {exports, key, path} of found) {
    const exported = (exports as Record<string, unknown>)[key];
    if (typeof exported === "function" || isNamespace(exported)) add(builtins, exported, path, 2);
  }
  return true;
}

/** Tells whether a value is more than data: `fs.promises`, `crypto.webcrypto`. */
function isNamespace(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isRecord = prototype === Object.prototype || prototype === null;
  return !isRecord || holdsFunction(value as Record<string, unknown>);
}

/** Tells whether one of the enumerable properties is a function. */
export function holdsFunction(record: Record<string, unknown>): boolean {
  for (const key in record) if (typeof record[key] === "function") return true;
  return false;
}

/** Names `value` and, `depth` levels down, its functions and prototypes. No accessor is called. */
function add(names: Names, value: object, path: string[], depth: number): void {
  if (names.has(value) || globals.has(value)) return;
  names.set(value, path);
  if (depth === 0) return;
  for (const key of Object.getOwnPropertyNames(value)) {
    const own = Object.getOwnPropertyDescriptor(value, key)!;
    for (const kind of ["get", "set"] as const) {
      const accessor = own[kind];
      if (accessor && !names.has(accessor)) names.set(accessor, [...path, `${kind}:${key}`]);
    }
    const part: unknown = own.value;
    if (typeof part === "function" || (isObject(part) && key === "prototype"))
      add(names, part, [...path, key], key === "prototype" ? 1 : depth - 1);
  }
}

function prototypeOf(value: object): object {
  return Object.getPrototypeOf(value) as object;
}
function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
