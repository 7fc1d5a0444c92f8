// Local modules that came with a function. They run from their texts, at the paths that they had.
// There is one instance for each version of a file, so all tasks have the same exports, and state
// stays.
//
// Files that `require` loads, and TypeScript, are evaluated here as Node would do it. ES modules
// are evaluated by Node's own loader, which is told their texts (esm-hooks.ts). A file whose name
// could not be seen in the text has not come along, and is looked for on the disk.

import {createRequire, Module} from "node:module";
import {dirname} from "node:path";
import {pathToFileURL} from "node:url";
import {compileFunction} from "node:vm";
import type {ShippedPart} from "../../backend.js";
import {nodesImport} from "../functions/dynamic-imports.js";
import {host} from "../names/host.js";
import type {ImportedName} from "../names/imported-names.js";
import {ImportedNames} from "../names/imported-names.js";
import {keyOfPart, type LocalFile, readFiles} from "./local-files.js";
import type {LocalModule} from "../names/imported-names.js";
import {tellLoader} from "./local-modules.js";
import {namespaceOf} from "./namespaces.js";
import {sources} from "../source/thunk.js";
import {importMeta} from "./typescript-files.js";
import {Versions} from "./versions.js";

interface Received {
  files: ReadonlyMap<string, LocalFile>;
  part: ShippedPart;
}
interface Instance {
  exports: unknown;
  filename: string;
}

const received = new Versions<Received>();
const instances = new Versions<Instance>((key, {filename: path}) => {
  sources.delete(sourceOf({path, key}));
});
const names = new ImportedNames();

/** Makes the files of a part importable. */
export function receiveFiles(part: ShippedPart): void {
  const key = keyOfPart(part);
  const known = received.get(key);
  const files = known?.files ?? new Map(readFiles(part).map((file) => [file.key, file]));
  received.set(key, files.get(key)!.path, {files, part});
}

export function hasReceived(key: string): boolean {
  return received.has(key);
}

/** Imports a received module, with the exports that a cell would get. */
export async function importReceived(
  specifier: string,
  key: string,
): Promise<Record<string, unknown>> {
  const from = received.get(key)!;
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

/** Finds the import that `value` came from, when that was of a received file. */
export function describeReceived(value: unknown): ImportedName | undefined {
  return names.find(value);
}

function requireReceived(key: string, from: Received): unknown {
  const known = instances.get(key);
  if (known) return known.exports;
  const file = from.files.get(key)!;
  const module = new Module(file.path);
  Object.assign(module, {filename: file.path, importMeta: importMeta(file.path)});
  instances.set(key, file.path, module);
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
  // Only then is there something that `import()` could load.
  if ([...from.files.values()].some(({form}) => form === "module")) tellAll(from);
  const url = urlOf(file);
  if (map !== "") sources.set(sourceOf(file), {code: text, map});
  const run = compileFunction(text.replace(/^#!/, "//"), parameters, {
    filename: url,
    ...nodesImport,
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

/**
 * Requires from the file's own folder, or else from the notebook's: another machine has no other
 * folder.
 */
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

function urlOf({path, key}: Pick<LocalFile, "path" | "key">): string {
  return `${pathToFileURL(path).href}?v=${key.slice(0, 16)}`;
}

function sourceOf(file: Pick<LocalFile, "path" | "key">): string {
  return urlOf(file).replaceAll("%20", " ");
}

/**
 * Files that Node's loader was told of. Node keeps an ES module for good, so its text need not be
 * kept beside it.
 */
const told = new Versions<LocalFile>((key, file) => {
  faces.delete(key);
  tellLoader({kind: "forgotten", url: urlOf(file)});
});

function tellAll(from: Received): void {
  for (const file of from.files.values()) tellOf(file, from);
}
function tellOf(file: LocalFile, from: Received): void {
  if (told.has(file.key)) return;
  told.set(file.key, file.path, file);
  const format = file.form === "json" ? "json" : "module";
  const text = file.form === "commonjs" ? faceOf(file, from) : file.text;
  const imports = file.imports
    .filter(([, , by]) => by === "module")
    .map(([specifier, key]): [string, string] => [specifier, urlOf(from.files.get(key)!)]);
  const shipped = {format, text, imports: Object.fromEntries(imports)} as const;
  tellLoader({kind: "shipped", url: urlOf(file), file: shipped});
}

/** Gives a CommonJS module as an ES module sees it. The module is evaluated when its turn comes. */
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
