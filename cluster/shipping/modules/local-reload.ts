// Local files that have changed since they were loaded are loaded again, with every local file that
// imports them; all others keep their instance. Code that imported such a file before keeps what it
// had.
//
// CommonJS modules (TypeScript among them) are taken out of Node's cache. Node never forgets an ES
// module: a changed one is imported under a new URL, `file:///…/a.mjs?v=2`, and a hook does the
// same to imports of it by other ES modules. One case stays as it is: an .mjs that a CommonJS or
// TypeScript file requires.

import {createHash} from "node:crypto";
import {existsSync, statSync} from "node:fs";
import {fileURLToPath, pathToFileURL} from "node:url";
import {parse, type AnyNode} from "acorn";
import {maxCodeBytes} from "../../limits.js";
import {childrenOf} from "../source/scopes.js";
import {readText} from "./whole-file.js";

/** Node's cache of CommonJS modules. */
export type ModuleCache = Record<string, CachedModule | undefined>;
interface CachedModule {
  filename: string;
  exports?: object;
  children?: CachedModule[];
}

/** A file as it was when it was loaded. `stamp` is cheap to compare; `hash` decides. */
interface Loaded {
  stamp: string;
  hash: string;
  text: string;
}

interface EsModule extends Loaded {
  version: number;
  imports: readonly string[];
  /** The versions of the file's imports when it was loaded. */
  linked?: readonly number[];
}

const neverLoaded: Loaded = {stamp: "", hash: "", text: ""};
const loadedModules = new WeakMap<CachedModule, Loaded>();
const esModules = new Map<string, EsModule>();

/** Takes out of the cache what has to be loaded again. To be called before `file` is imported. */
export function forgetChanged(file: string, cache: ModuleCache): void {
  const modules = reachable(cache[file], (module) => (module.children ?? []).filter(isLocalModule));
  const isStale = (module: CachedModule) =>
    cache[module.filename] !== module || hasChanged(module.filename, loadedModules.get(module));
  for (const module of withImporters(modules, (each) => each.children ?? [], isStale)) {
    if (cache[module.filename] === module) delete cache[module.filename];
    // An ES module may have been made of the file.
    const esModule = esModules.get(module.filename);
    if (esModule) Object.assign(esModule, neverLoaded);
  }
}

/** Remembers what `file` and its imports are now. To be called after `file` was imported. */
export function rememberLoaded(file: string, cache: ModuleCache): void {
  const modules = reachable(cache[file], (module) => (module.children ?? []).filter(isLocalModule));
  for (const module of modules) {
    const loaded = loadedModules.get(module);
    if (!loaded) loadedModules.set(module, read(module.filename));
  }
}

/**
 * Gives the URL under which an ES module is to be imported now. `changed` hears of each file that
 * gets a new version.
 */
export function currentUrl(
  file: string,
  cache: ModuleCache,
  changed: (url: string, version: number) => void,
): string {
  const importsOf = (each: string) => esModules.get(each)?.imports ?? [];
  for (;;) {
    // The set grows while the loop goes through it: new files bring their imports.
    const files = new Set([file]);
    for (const each of files) {
      if (!esModules.has(each)) esModules.set(each, readEsModule(each, 1));
      for (const imported of importsOf(each)) files.add(imported);
    }
    const stale = withImporters(files, importsOf, isStaleEsModule);
    if (stale.size === 0) {
      for (const each of files) {
        const known = esModules.get(each)!;
        known.linked ??= known.imports.map(versionOf);
      }
      const version = versionOf(file);
      return pathToFileURL(file).href + (version > 1 ? `?v=${version}` : "");
    }
    for (const each of stale) {
      const version = versionOf(each) + 1;
      esModules.set(each, readEsModule(each, version));
      delete cache[each];
      changed(pathToFileURL(each).href, version);
    }
  }
}

/** Gives the file's text as this process loaded it. */
export function loadedText(file: string, cache: ModuleCache): string | undefined {
  const module = cache[file];
  const known = (module && loadedModules.get(module)) ?? esModules.get(file);
  return known && known.stamp !== "" ? known.text : undefined;
}

function versionOf(file: string): number {
  return esModules.get(file)?.version ?? 1;
}

/**
 * Tells whether an ES module has changed, or is linked to a module that has been replaced since.
 */
function isStaleEsModule(file: string): boolean {
  const known = esModules.get(file);
  if (hasChanged(file, known)) return true;
  const {imports = [], linked} = known ?? {};
  return linked !== undefined && imports.some((each, index) => versionOf(each) !== linked[index]);
}

function isLocalModule({filename}: CachedModule): boolean {
  return isLocal(filename);
}

/** Tells whether a file is none of a package: packages change by `npm` alone. */
function isLocal(file: string): boolean {
  return !file.includes("/node_modules/");
}

function reachable<T>(from: T | undefined, next: (node: T) => readonly T[]): Set<T> {
  const found = new Set<T>(from === undefined ? [] : [from]);
  for (const node of found) for (const child of next(node)) found.add(child);
  return found;
}

/** Finds the stale nodes, and all nodes that import one of them, directly or not. */
function withImporters<T>(
  nodes: ReadonlySet<T>,
  next: (node: T) => readonly T[],
  isStale: (node: T) => boolean,
): Set<T> {
  const stale = new Set([...nodes].filter(isStale));
  for (let before = -1; stale.size > before;) {
    before = stale.size;
    for (const node of nodes) if (next(node).some((child) => stale.has(child))) stale.add(node);
  }
  return stale;
}

function hasChanged(file: string, loaded: Loaded | undefined): boolean {
  if (!loaded) return true;
  const stamp = stampOf(file);
  if (stamp === loaded.stamp) return false;
  if (read(file).hash !== loaded.hash) return true;
  loaded.stamp = stamp;
  return false;
}

function readEsModule(file: string, version: number): EsModule {
  const loaded = read(file);
  return {...loaded, version, imports: localImports(loaded.text, file)};
}

function read(file: string): Loaded {
  const stamp = stampOf(file);
  const text = stamp === "" ? "" : readText(file, maxCodeBytes);
  const hash = createHash("sha256").update(text).digest("hex");
  return {stamp, hash, text};
}

function stampOf(file: string): string {
  const stat = statSync(file, {throwIfNoEntry: false});
  return stat ? `${stat.mtimeMs} ${stat.size}` : "";
}

/** Finds the local files that an ES module imports by relative names. */
function localImports(text: string, file: string): string[] {
  const specifiers: string[] = [];
  const visit = (node: AnyNode): void => {
    const {source} = node as {source?: AnyNode | null};
    if (/^(Import|Export)/.test(node.type) && source?.type === "Literal")
      specifiers.push(String(source.value));
    for (const child of childrenOf(node)) visit(child);
  };
  try {
    visit(parse(text, {ecmaVersion: "latest", sourceType: "module", allowHashBang: true}));
  } catch {
    // The import of the file will say what is wrong with it.
  }
  return specifiers
    .filter((specifier) => /^(\.|file:)/.test(specifier))
    .map((specifier) => fileURLToPath(new URL(specifier, pathToFileURL(file))))
    .filter((path) => existsSync(path) && isLocal(path));
}
