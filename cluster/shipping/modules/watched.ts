// Packages of a notebook that were changed by other means than repeated statements (replays.ts): by
// a function, a callback, another package. Tasks load such a package unchanged, and whoever submits
// a task that uses the package is told so, once.

import {host} from "../names/host.js";
import {packageName, requireFace} from "./packages.js";
import {changedMember, visibleState, type VisibleState} from "./visible-state.js";

interface Watched {
  namespace: object;
  state: VisibleState;
}

const watched = new Map<string, Watched>();
const noted = new Set<string>();
/**
 * Packages that were compared since the last turn of the event loop: a loop of submissions compares
 * once.
 */
const fresh = new Set<string>();
let isWatching = false;
let cells = 0;

/** Has imported packages watched from now on. */
export function watchPackages(): void {
  isWatching = true;
}

/** Notes the state of a package as its import gives it. */
export function watchPackage(specifier: string, namespace: object): void {
  if (!isWatching || watched.has(specifier)) return;
  if (packageName(specifier.replace(requireFace, "")) === undefined) return;
  watched.set(specifier, {namespace, state: visibleState(namespace)});
}

/** Takes the present state of a package as known; without a name, of all packages. */
export function changeIsKnown(specifier?: string): void {
  for (const [name, known] of watched)
    if (specifier === undefined || name === specifier) known.state = visibleState(known.namespace);
}

/** Says no more about these packages, since workers are set up for them. */
export function watchNoMore(modules: Iterable<string>): void {
  for (const specifier of modules) noted.add(specifier);
}

/** Notes that a cell begins: captured functions are looked at anew. */
export function cellBegins(): void {
  if (watched.size > 0) cells++;
}
/** Grows with each cell. */
export const cellsBegun = (): number => cells;

/** Tells the user which of the modules were changed. */
export function noteChanged(modules: Iterable<string>): void {
  if (watched.size === 0) return;
  for (const specifier of modules) {
    const known = watched.get(specifier);
    if (!known || noted.has(specifier) || fresh.has(specifier)) continue;
    if (fresh.size === 0) setImmediate(() => fresh.clear()).unref();
    fresh.add(specifier);
    const member = changedMember(known.state, visibleState(known.namespace));
    if (member === undefined) continue;
    noted.add(specifier);
    host.note(
      `"${specifier.replace(requireFace, "")}" was changed here (its \`${member.replace(/^default\./, "")}\`), but not by a statement of a cell that could be repeated: tasks load it unchanged; ` +
        "cluster.setup(() => { … }), or a cell with %%setup, changes it in each worker",
    );
  }
}
