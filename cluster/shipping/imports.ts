// Imported values travel as the name of their import: {specifier, export}. Before a value with such
// names can be put together, its modules must be loaded; loading waits, putting together does not.

import {hostname} from "node:os";
import {ClusterError} from "../errors.js";
import {host} from "./host.js";

const loaded = new Map<string, Record<string, unknown>>();

/** A module that this process has from the start. */
export function provideModule(specifier: string, namespace: Record<string, unknown>): void {
  loaded.set(specifier, namespace);
}

/** Loads what is missing; undefined when nothing is. */
export function maybeLoad(specifiers: readonly string[]): Promise<void> | undefined {
  const absent = specifiers.filter((specifier) => !loaded.has(specifier));
  if (absent.length === 0) return undefined;
  return Promise.all(absent.map(load)).then(() => {});
}

export function findImported(specifier: string, name: string): unknown {
  const namespace = loaded.get(specifier) ?? loadAtOnce(specifier);
  if (name === "" || name === "*") return namespace;
  if (name in namespace) return namespace[name];
  let found: unknown = namespace;
  for (const step of name.split("."))
    found = (found as Record<string, unknown> | undefined)?.[step];
  if (found === undefined)
    throw new ClusterError(
      `"${specifier}" on ${hostname()} has no export \`${name}\`; is it another version there?`,
    );
  return found;
}

/** For what is read where nobody can wait: an error that is thrown. */
function loadAtOnce(specifier: string): Record<string, unknown> {
  let exports: unknown;
  try {
    exports = host.require(specifier);
  } catch (error) {
    throw missing(specifier, error);
  }
  const namespace = {default: exports, ...(exports as object)};
  loaded.set(specifier, namespace);
  return namespace;
}

async function load(specifier: string): Promise<void> {
  try {
    loaded.set(specifier, await host.import(specifier));
  } catch (error) {
    throw missing(specifier, error);
  }
}

function missing(specifier: string, error: unknown): ClusterError {
  const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
  return new ClusterError(
    `the task needs "${specifier}", which can't be imported on ${hostname()} (${reason}); install it there`,
    {cause: error},
  );
}
