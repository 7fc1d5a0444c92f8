// Imported values travel as the name of their import: {specifier, export}. Before a value with such
// names can be put together, its modules must be loaded; loading waits, putting together does not.

import {createRequire} from "node:module";
import {hostname} from "node:os";
import {isAbsolute} from "node:path";
import {types} from "node:util";
import {ClusterError, MissingModuleError, TaskError, textOfError} from "../../errors.js";
import {host} from "../names/host.js";
import {findInPackageFile, isVariableName} from "./package-files.js";
import {requireFace} from "./packages.js";
import {hasReceived, importReceived} from "./received-files.js";
import {Versions} from "./versions.js";

const loaded = new Map<string, Record<string, unknown>>();
/** Local files, by their keys. */
const versions = new Versions<Record<string, unknown>>();

/** A module that this process has from the start. */
export function provideModule(specifier: string, namespace: Record<string, unknown>): void {
  loaded.set(specifier, namespace);
}

/** A local module, in the version that this process has loaded itself. */
export function provideVersion(
  {key, path}: {key: string; path: string},
  namespace: Record<string, unknown>,
): void {
  versions.set(key, path, namespace);
}

/** A package by its name, or a version of a local file. */
export type Wanted = string | [specifier: string, path: string, key: string];

/** Loads what is missing; undefined when nothing is. */
export function maybeLoad(modules: readonly Wanted[]): Promise<void> | undefined {
  const absent = modules.filter((wanted) =>
    typeof wanted === "string" ? !loaded.has(wanted) : !versions.has(wanted[2]),
  );
  if (absent.length === 0) return undefined;
  return Promise.all(absent.map(load)).then(() => {});
}

/** `key`: of a local file's version. */
export function findImported(specifier: string, name: string, key?: string): unknown {
  const known = key === undefined ? loaded.get(specifier) : versions.get(key);
  const namespace = known ?? loadAtOnce(specifier, key);
  if (isVariableName(name)) return findInFile(specifier, namespace, name);
  if (name === "" || name === "*") return namespace;
  if (name in namespace) return namespace[name];
  let found: unknown = namespace;
  for (const step of name.split("."))
    found = (found as Record<string, unknown> | undefined)?.[step];
  if (found === undefined) throw lacks(specifier, `no export \`${name}\``);
  return found;
}

/** What packages keep for themselves, by module and name. */
const insides = new Map<string, unknown>();

function findInFile(specifier: string, namespace: object, name: string): unknown {
  const key = `${specifier} ${name}`;
  let found = insides.get(key);
  if (found === undefined) {
    found = findInPackageFile(specifier, namespace, name);
    if (found === undefined) throw lacks(specifier, `no \`${name.replace(/^%\d+:/, "")}\``);
    insides.set(key, found);
  }
  return found;
}

function lacks(specifier: string, what: string): ClusterError {
  const named = withoutFace(specifier);
  return new ClusterError(`"${named}" on ${hostname()} has ${what}; is it another version there?`);
}

/** For what is read where nobody can wait: an error that is thrown. */
function loadAtOnce(specifier: string, key: string | undefined): Record<string, unknown> {
  if (key !== undefined) throw otherVersion(specifier);
  try {
    const namespace = required(withoutFace(specifier));
    loaded.set(specifier, namespace);
    return namespace;
  } catch (error) {
    throw missing(specifier, error);
  }
}

const requireFile = createRequire(import.meta.url);

function required(specifier: string): Record<string, unknown> {
  const exports = isAbsolute(specifier)
    ? (requireFile(specifier) as unknown)
    : host.require(specifier);
  return {...(exports as object), default: exports};
}

function withoutFace(specifier: string): string {
  return specifier.startsWith(requireFace) ? specifier.slice(requireFace.length) : specifier;
}

/** A package, or a file of one, by the face that its name says. */
async function loadPackage(specifier: string): Promise<Record<string, unknown>> {
  if (specifier.startsWith(requireFace)) return required(withoutFace(specifier));
  if (specifier.startsWith("file:")) return (await import(specifier)) as Record<string, unknown>;
  return host.import(specifier);
}

async function load(wanted: Wanted): Promise<void> {
  const [specifier, path, key] = typeof wanted === "string" ? [wanted] : wanted;
  try {
    if (key === undefined) loaded.set(specifier, await loadPackage(specifier));
    else if (hasReceived(key)) versions.set(key, path!, await importReceived(specifier, key));
    // It provides the version that is there.
    else await host.import(path!);
  } catch (error) {
    throw missing(specifier, error);
  }
  if (key !== undefined && !versions.has(key)) throw otherVersion(specifier);
}

/**
 * What a task threw. When a module is not here that it imported while it ran: in words that say so. Such a
 * file has not come along, for its name was not to be seen in advance; where it lies on the disk, it is
 * loaded as it is at that time.
 */
export function thrownByTask(thrown: unknown, fn: string): unknown {
  // One of an inner task says already whose it is.
  if (thrown instanceof TaskError) return thrown;
  if (thrown instanceof MissingModuleError) return thrown.inTask(fn);
  const specifier = maybeNotFound(thrown);
  if (specifier === undefined) return thrown;
  const error = missing(specifier, thrown).inTask(fn);
  if (isLocalFile(specifier)) error.message += "; import it statically, so that it travels along";
  const frames = (thrown as Error).stack?.split("\n").filter((line) => /^ +at /.test(line)) ?? [];
  error.stack = [`${error.name}: ${error.message}`, ...frames].join("\n");
  return error;
}

/** As `import` and `require` say it. */
function maybeNotFound(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  // Node gives it as a field; accessors are the user's own.
  const code: unknown = Object.getOwnPropertyDescriptor(thrown, "code")?.value;
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") return undefined;
  return /^Cannot find (?:module|package) '([^']+)'/.exec(textOfError(thrown, "message"))?.[1];
}

function isLocalFile(specifier: string): boolean {
  return /^(\.|\/|file:)/.test(specifier) && !specifier.includes("/node_modules/");
}

function missing(wanted: string, error: unknown): MissingModuleError {
  const specifier = withoutFace(wanted);
  const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
  const isFile = isLocalFile(specifier) && !/Cannot find \w+ '[^./]/.test(reason ?? "");
  return new MissingModuleError(
    `this needs "${specifier}", which can't be imported on ${hostname()} (${reason})${isFile ? "" : "; install it there"}`,
    {cause: realError(error)},
  );
}

/** What Node 20 hands over from the thread of its loader only looks like an error, and could not travel. */
function realError(thrown: unknown): unknown {
  if (types.isNativeError(thrown) || !(thrown instanceof Error)) return thrown;
  const {name, message, stack, code} = thrown as NodeJS.ErrnoException;
  return Object.assign(new Error(message), {stack, code, ...(name === "Error" ? {} : {name})});
}

/** Of a local file: neither did it come along, nor is it the one on the disk. */
function otherVersion(specifier: string): ClusterError {
  return new ClusterError(
    `"${specifier}" on ${hostname()} is another version than the one that the value was made with; run again what made it`,
  );
}
