// Imported values travel as the name of their import: {specifier, export}. Before a value with such
// names can be put together, its modules must be loaded; loading waits, putting together does not.

import {hostname} from "node:os";
import {ClusterError, CorruptFrameError} from "../errors.js";
import {host} from "./host.js";

const loaded = new Map<string, Record<string, unknown>>();

/** A module that this process has from the start. */
export function provideModule(specifier: string, namespace: Record<string, unknown>): void {
  loaded.set(specifier, namespace);
}

/** Loads what is missing; undefined when nothing is. */
export function maybeLoad(specifiers: readonly string[]): Promise<void> | undefined {
  const missing = specifiers.filter((specifier) => !loaded.has(specifier));
  if (missing.length === 0) return undefined;
  return Promise.all(missing.map(load)).then(() => {});
}

export function findImported(specifier: string, name: string): unknown {
  const namespace = loaded.get(specifier);
  if (!namespace) throw new CorruptFrameError(`the module ${specifier} was not loaded in time`);
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

async function load(specifier: string): Promise<void> {
  try {
    loaded.set(specifier, await host.import(specifier));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new ClusterError(
      `the task needs "${specifier}", which can't be imported on ${hostname()} (${reason}); install it there`,
      {cause: error},
    );
  }
}
