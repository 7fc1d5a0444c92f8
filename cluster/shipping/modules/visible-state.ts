// What can be seen of a value that a package exports: its members and theirs, so far as a bound allows.
// Two such looks tell whether a call has changed it.

import {types} from "node:util";

/** The values that members have; those of a member are one level below. */
type Members = Map<string, unknown>;
export type VisibleState = Map<object, {path: string; members: Members}>;

/** Members that one look takes in: some milliseconds, of the largest packages. */
const maxMembers = 2000;
const levels = 2;
/** Every function has them; `_…` is a package's own business, such as a cache. */
const hidden = /^(length|name|arguments|caller|_.*)$/;

export function visibleState(root: object): VisibleState {
  const state: VisibleState = new Map();
  let layer: [path: string, object: object][] = [["", root]];
  let count = 0;
  for (let level = 0; level < levels; level++) {
    const next: typeof layer = [];
    for (const [path, object] of layer) {
      if (state.has(object) || count > maxMembers || types.isProxy(object)) continue;
      const members = membersOf(object);
      count += members.size;
      state.set(object, {path, members});
      for (const [key, value] of members)
        if (isObject(value) && value !== globalThis)
          next.push([path === "" ? key : `${path}.${key}`, value]);
    }
    layer = next;
  }
  return state;
}

/** The path of a member that differs; undefined when none does. */
export function changedMember(before: VisibleState, now: VisibleState): string | undefined {
  for (const [object, {path, members}] of now) {
    const known = before.get(object)?.members;
    if (!known) continue;
    const at = (key: string) => (path === "" ? key : `${path}.${key}`);
    for (const [key, value] of members)
      if (!known.has(key) || !Object.is(known.get(key), value)) return at(key);
    for (const key of known.keys()) if (!members.has(key)) return at(key);
  }
  return undefined;
}

function membersOf(object: object): Members {
  const members: Members = new Map();
  if (Array.isArray(object)) return members.set("length", object.length);
  for (const key of Object.getOwnPropertyNames(object)) {
    if (hidden.test(key)) continue;
    try {
      const own = Object.getOwnPropertyDescriptor(object, key)!;
      members.set(key, own.get ?? own.value);
    } catch {
      // An export of a module that is still being evaluated.
    }
    if (members.size > maxMembers) break;
  }
  return members;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
