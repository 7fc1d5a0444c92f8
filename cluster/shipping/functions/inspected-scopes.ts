// Which functions that no emitter of ours has seen share a variable? V8 shows copies of the values
// around a function: two functions with an `n` of the same value may share the variable, or have
// one each. So one function is made to see another value (closure-inspector.ts tells how), and the
// other is inspected: either it sees that value as well, or it does not. Each entry into a scope
// gets a token, as the scopes of cells do (thunk.ts).
//
// Only variables that something assigns to after their declaration matter. The text of the script
// tells these.

import type {AnyNode} from "acorn";
import {evaluateInside, type InspectedScope, readScopes, scriptOf} from "./closure-inspector.js";
import type {Analysis} from "../source/code.js";
import {areOfTwoVariables} from "./doubtful-variables.js";
import type {Closure, Scope} from "../source/scopes.js";
import {readScript} from "../source/script-text.js";
import {pathTo} from "./place-in-script.js";
import {textOf} from "../source/texts.js";
import type {ScopeToken} from "../source/thunk.js";

/** One entry into a scope, and the functions that see it. */
interface Entry {
  token: ScopeToken;
  /** A variable of the scope that can be given another value. */
  name: string;
  seenBy: {fn: WeakRef<object>; depth: number; isPlain: boolean}[];
}

/** Live access to the variable behind `Entry.name`. */
interface Access {
  get(): unknown;
  set(value: unknown): void;
}

/** Entries by script and by the number of the scope in the script. */
const entries = new Map<string, Entry[]>();
/** Tokens of functions: a function keeps its scopes for good. */
const tokens = new WeakMap<object, ScopeToken>();
const accesses = new WeakMap<ScopeToken, Access>();
/** How many entries one function is compared with: each may cost a millisecond, once. */
const mostCompared = 200;

/**
 * Finds the token of the innermost scope around `fn` that has variables to share; `outermost` when
 * none has. A scope that can't be told from another has no token: its variables stay doubtful.
 */
export function tokenAround(
  fn: object,
  analysis: Analysis,
  scopes: readonly InspectedScope[],
  own: readonly string[],
  outermost: ScopeToken,
): ScopeToken {
  const known = tokens.get(fn);
  if (known) return known;
  let token = outermost;
  const found = sharedScopes(fn, scopes, own);
  for (const {key, depth, names} of found.reverse()) {
    const seen = {fn: new WeakRef(fn), depth, isPlain: analysis.written.isPlain};
    const entry = entryOf(key, names, seen, scopes[depth]!);
    if (entry === undefined) continue;
    if (!entry.token.in) Object.assign(entry.token, {in: token});
    token = entry.token;
  }
  tokens.set(fn, token);
  return token;
}

interface SharedScope {
  key: string;
  /** The index of the scope among those that V8 shows, innermost first. */
  depth: number;
  names: string[];
}

/**
 * Finds the scopes of functions around `fn`, innermost first, that have a variable which `fn` uses
 * and something assigns to.
 */
function sharedScopes(
  fn: object,
  scopes: readonly InspectedScope[],
  own: readonly string[],
): SharedScope[] {
  const script = scriptOf(fn);
  const read = own.length > 0 ? readScript(script.text, script.isModule) : null;
  const closure: AnyNode | undefined = read ? pathTo(fn, textOf(fn)).at(-1) : undefined;
  const free = closure && read?.scopes.closures.get(closure as Closure);
  if (!free || !read) return [];
  const found = new Map<Scope, SharedScope>();
  for (const name of own) {
    const scope = free.names.get(name);
    if (!scope?.assigned.has(name) || found.has(scope)) continue;
    const depth = scopes.findIndex(({variables}) => Object.hasOwn(variables, name));
    const names = Object.keys(scopes[depth]!.variables).filter((name) => scope.assigned.has(name));
    found.set(scope, {key: `${script.id} ${read.scopes.all.indexOf(scope)}`, depth, names});
  }
  return [...found.values()].sort((a, b) => a.depth - b.depth);
}

/** Finds or makes the entry of a scope. Undefined when the scope can't be told from another one. */
function entryOf(
  key: string,
  names: string[],
  seen: Entry["seenBy"][number],
  scope: InspectedScope,
): Entry | undefined {
  const others = (entries.get(key) ?? []).filter((entry) => {
    entry.seenBy = entry.seenBy.filter(({fn}) => fn.deref());
    return entry.seenBy.length > 0;
  });
  entries.set(key, others);
  const possible = others.filter((entry) => maybeSame(entry, seen));
  if (possible.length > mostCompared) return undefined;
  const alike = possible.filter((entry) => hasValue(entry, scope));
  const same = alike.length === 0 ? null : sameAs(alike, seen);
  if (same === undefined) return undefined;
  if (same) {
    same.seenBy.push(seen);
    return same;
  }
  const [name] = names as [string];
  const token = {names: names.join(" "), isSloppy: !scriptOf(seen.fn.deref()!).isModule};
  const made = {token, name, seenBy: [seen]};
  others.push(made);
  return made;
}

/** Closures of one place see the same entry only when that entry makes several of them. */
function maybeSame({name, seenBy}: Entry, seen: Entry["seenBy"][number]): boolean {
  return !areOfTwoVariables(name, seenBy[0]!.fn.deref()!, seen.fn.deref()!);
}

/** Tells whether the entry's variable has the value that it has in `scope`. */
function hasValue({token, name, seenBy}: Entry, scope: InspectedScope): boolean {
  const other = seenBy[0]!;
  const value = accesses.has(token)
    ? accesses.get(token)!.get()
    : readScopes(other.fn.deref()!)[other.depth]!.variables[name];
  return Object.is(value, scope.variables[name]);
}

/**
 * Finds the entry that the function sees. Null when it is none of them, undefined when that can't
 * be told.
 */
function sameAs(alike: readonly Entry[], seen: Entry["seenBy"][number]): Entry | null | undefined {
  let isUnknown = false;
  const marked: {entry: Entry; access: Access; value: unknown; mark: object}[] = [];
  for (const entry of alike) {
    const access = accessTo(entry);
    if (access) marked.push({entry, access, value: access.get(), mark: {}});
    else isUnknown = true;
  }
  try {
    for (const {access, mark} of marked) access.set(mark);
    const {variables} = readScopes(seen.fn.deref()!)[seen.depth]!;
    for (const {entry, mark} of marked) if (variables[entry.name] === mark) return entry;
  } finally {
    for (const {access, value} of marked) access.set(value);
  }
  return isUnknown ? undefined : null;
}

/**
 * Gets access by one of the functions that see the entry, when one of them can be ended before
 * anything of it has run.
 */
function accessTo({token, name, seenBy}: Entry): Access | undefined {
  let access = accesses.get(token);
  const fn = access ? undefined : seenBy.find(({isPlain}) => isPlain)?.fn.deref();
  if (!fn) return access;
  access = evaluateInside(fn, `{get: () => ${name}, set: (value) => { ${name} = value; }}`) as
    Access | undefined;
  if (access) accesses.set(token, access);
  return access;
}
