// Local modules that came with a function: run from their texts, at the paths that they had. There is one
// instance for each version of a file, so that what it exports is the same for all tasks, and state stays.
//
// Files that `require` and TypeScript are evaluated here, as Node does; ES modules by Node's own loader,
// which is told their texts (esm-hooks.ts). A file that has not come along, since its name was not to be
// seen in the text, is looked for on the disk.

import {createRequire, Module} from "node:module";
import {dirname} from "node:path";
import {pathToFileURL} from "node:url";
import {compileFunction, constants} from "node:vm";
import type {ShippedPart} from "../backend.js";
import {host, type ImportedName} from "./host.js";
import {ImportedNames} from "./imported-names.js";
import {filesPartOf, type LocalFile, type LocalModule, readFiles} from "./local-files.js";
import {tellLoader} from "./local-modules.js";
import {namespaceOf} from "./namespaces.js";
import {sources} from "./thunk.js";
import {importMeta} from "./typescript-files.js";

interface Received {
  files: ReadonlyMap<string, LocalFile>;
  part: ShippedPart;
}
interface Instance {
  exports: unknown;
}

/** By the hashes of their parts. */
const received = new Map<string, Received>();
const instances = new Map<string, Instance>();
/** Versions of modules that a process has at hand; the least recently used goes first. */
const versionsKept = 1000;
const names = new ImportedNames();

/** From now on the files can be imported. */
export function receiveFiles(part: ShippedPart): void {
  const known = received.get(part.hash);
  const files = known?.files ?? new Map(readFiles(part).map((file) => [file.key, file]));
  keep(received, part.hash, {files, part});
}

export function hasReceived(key: string): boolean {
  return received.has(filesPartOf(key));
}

/** What the module exports, as a cell that imports it sees it. */
export async function importReceived(
  specifier: string,
  key: string,
): Promise<Record<string, unknown>> {
  const from = received.get(filesPartOf(key))!;
  const file = from.files.get(key)!;
  let namespace: Record<string, unknown>;
  if (file.form === "module") {
    tellAll(from);
    namespace = (await import(urlOf(file))) as Record<string, unknown>;
  } else namespace = namespaceOf(requireReceived(key, from));
  const module: LocalModule = {key, path: file.path, part: () => from.part};
  names.remember(specifier, namespace, module);
  return namespace;
}

/** The import that `value` came from, when that was of a received file. */
export function describeReceived(value: unknown): ImportedName | undefined {
  return names.find(value);
}

function requireReceived(key: string, from: Received): unknown {
  const known = instances.get(key);
  if (known) return known.exports;
  const file = from.files.get(key)!;
  const module = new Module(file.path);
  Object.assign(module, {filename: file.path, importMeta: importMeta(file.path)});
  keep(instances, key, module);
  try {
    if (file.form === "json") module.exports = JSON.parse(file.text) as unknown;
    else evaluate(file, module, from);
  } catch (error) {
    instances.delete(key);
    throw error;
  }
  module.loaded = true;
  return module.exports;
}

const parameters = ["exports", "require", "module", "__filename", "__dirname"];

function evaluate(file: LocalFile, module: Module, from: Received): void {
  const {path, text, map} = file;
  // Only then is there something for `import()`.
  if ([...from.files.values()].some(({form}) => form === "module")) tellAll(from);
  const url = urlOf(file);
  if (map !== "") sources.set(url.replaceAll("%20", " "), {code: text, map});
  const run = compileFunction(text.replace(/^#!/, "//"), parameters, {
    filename: url,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (...args: unknown[]) => void;
  const require = requireFor(file, from);
  Object.assign(module, {require});
  run.call(module.exports, module.exports, require, module, path, dirname(path));
}

function requireFor({path, imports}: LocalFile, from: Received): NodeJS.Require {
  const require = createRequire(path);
  const required = imports.filter(([, , by]) => by === "commonjs");
  const local = new Map(required.map(([specifier, key]) => [specifier, key]));
  const load = (specifier: string): unknown => {
    const key = local.get(specifier);
    return key === undefined ? requireThere(specifier, require) : requireReceived(key, from);
  };
  return Object.assign(load, require);
}

/** From the file's own folder, or else from the notebook's: on another machine there is no other. */
function requireThere(specifier: string, require: NodeJS.Require): unknown {
  try {
    return require(specifier);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND" || /^[./]/.test(specifier))
      throw error;
    return host.require(specifier);
  }
}

// ---- ES modules ----

function urlOf({path, key}: LocalFile): string {
  return `${pathToFileURL(path).href}?v=${key.slice(0, 16)}`;
}

const told = new Set<string>();

function tellAll(from: Received): void {
  for (const file of from.files.values()) tellOf(file, from);
}
function tellOf(file: LocalFile, from: Received): void {
  if (told.has(file.key)) return;
  told.add(file.key);
  const format = file.form === "json" ? "json" : "module";
  const text = file.form === "commonjs" ? faceOf(file, from) : file.text;
  const imports = file.imports
    .filter(([, , by]) => by === "module")
    .map(([specifier, key]): [string, string] => [specifier, urlOf(from.files.get(key)!)]);
  const shipped = {format, text, imports: Object.fromEntries(imports)} as const;
  tellLoader({kind: "shipped", url: urlOf(file), file: shipped});
}

/** A CommonJS module as an ES module sees it, evaluated when its turn comes. */
function faceOf({key, names}: LocalFile, from: Received): string {
  faces.set(key, () => requireReceived(key, from));
  const exported = names.filter((name) => name !== "default");
  const variables = exported.map((name, i) => `v${i} = module[${JSON.stringify(name)}]`);
  const list = exported.map((name, i) => `v${i} as ${JSON.stringify(name)}`);
  return [
    `const module = globalThis[Symbol.for("tasklab.received")].get(${JSON.stringify(key)})();`,
    "export default module;",
    ...(exported.length > 0 ? [`const ${variables.join()};`, `export {${list.join()}};`] : []),
  ].join("\n");
}
const faces = new Map<string, () => unknown>();
Object.defineProperty(globalThis, Symbol.for("tasklab.received"), {value: faces});

function keep<V>(kept: Map<string, V>, key: string, value: V): void {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size > versionsKept) kept.delete(kept.keys().next().value!);
}
