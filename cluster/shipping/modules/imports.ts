// Imported values travel as the name of their import: {specifier, export}. Before a value with such
// names can be put together, its modules must be loaded. Loading takes time; putting together is
// done at once.

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
/** Versions of local files, by their keys. */
const versions = new Versions<Record<string, unknown>>();

/** Notes a module that this process has from the start. */
export function provideModule(specifier: string, namespace: Record<string, unknown>): void {
  loaded.set(specifier, namespace);
}

/** Notes a local module, in the version that this process has loaded itself. */
export function provideVersion(
  {key, path}: {key: string; path: string},
  namespace: Record<string, unknown>,
): void {
  versions.set(key, path, namespace);
}

/** A package by its name, or a version of a local file. */
export type Wanted = string | [specifier: string, path: string, key: string];

/** Loads the modules that are missing; undefined when none is. */
export function maybeLoad(modules: readonly Wanted[]): Promise<void> | undefined {
  const absent = modules.filter((wanted) =>
    typeof wanted === "string" ? !loaded.has(wanted) : !versions.has(wanted[2]),
  );
  if (absent.length === 0) return undefined;
  return Promise.all(absent.map(load)).then(() => {});
}

/** Finds an imported value. `key`: of a version of a local file. */
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

/** Values that packages keep for themselves, by module and name. */
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

/** Loads a module for code that can't wait, such as the reading of a thrown error. */
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

/** Loads a package, or a file of one, by the face that its name says. */
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
    // The import provides the version that is on the disk.
    else await host.import(path!);
  } catch (error) {
    throw missing(specifier, error);
  }
  if (key !== undefined && !versions.has(key)) throw otherVersion(specifier);
}

/**
 * Gives what a task threw. When the task imported a module that is not here, the error says so.
 * Such a file has not come along, since its name could not be seen in advance; where the file lies
 * on the disk, it is loaded as it is at that time.
 */
export function thrownByTask(thrown: unknown, fn: string): unknown {
  // An error of an inner task says already whose it is.
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

/** Finds the module's name in an error of `import` or `require`. */
function maybeNotFound(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  // Node gives the code as a field; accessors are the user's own.
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

/**
 * Makes a real error of what Node 20 hands over from the thread of its loader: that only looks like
 * an error, and could not travel.
 */
function realError(thrown: unknown): unknown {
  if (types.isNativeError(thrown) || !(thrown instanceof Error)) return thrown;
  const {name, message, stack, code} = thrown as NodeJS.ErrnoException;
  return Object.assign(new Error(message), {stack, code, ...(name === "Error" ? {} : {name})});
}

/** The error for a version of a local file that neither came along nor is the one on the disk. */
function otherVersion(specifier: string): ClusterError {
  return new ClusterError(
    `"${specifier}" on ${hostname()} is another version than the one that the value was made with; run again what made it`,
  );
}
