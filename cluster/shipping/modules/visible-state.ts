// The visible state of a value that a package exports: its members and the members of these, within
// a bound. Two such states tell whether a call has changed the value.

import {types} from "node:util";

/** Members and their values. The members of such a value are one level below. */
type Members = Map<string, unknown>;
export type VisibleState = Map<object, {path: string; members: Members}>;

/** The most members that one state has: to read so many takes some milliseconds. */
const maxMembers = 2000;
const levels = 2;
/**
 * Members that are left out: every function has the first four, and `_…` is a package's own
 * business, such as a cache.
 */
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

/** Finds the path of a member that differs; undefined when none does. */
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
      // The export belongs to a module that is still being evaluated.
    }
    if (members.size > maxMembers) break;
  }
  return members;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
