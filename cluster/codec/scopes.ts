// The scopes of a value: which variables its functions share, on the way out and on the way in.
//
// Only variables that a function assigns to are shared: of any other, each function can have the
// value for itself. Each received value gets variables of its own, so that no task sees the changes
// of another. Classes exist once in a realm, and so do the variables that classes use. The first
// value of a task that has such a class sets these variables to the shipped values, as it sets the
// class's statics.

import {CorruptFrameError} from "../errors.js";
import {LiveScope} from "../shipping/functions/live-scopes.js";
import type {Arrivals} from "../shipping/names/arrivals.js";
import type {Realm} from "../shipping/names/realm.js";
import type {Code} from "../shipping/source/code.js";
import {isTokenName, type ScopeToken} from "../shipping/source/thunk.js";

/** A scope as it travels. Scopes are numbered, outer ones before those inside of them. */
export type ScopeParts = [
  /** The number of the scope around this one; -1 for none. */
  outer: number,
  /** Names that functions in the scope may share, in the form that the token has. */
  names: string,
  /**
   * The id under which a process keeps the scope for its classes, for good; "" when no class uses
   * it.
   */
  id: string,
  /** Variables that several functions of the value use, and that one of them assigns to. */
  shared: string[],
  /** Variables that classes of the value use. */
  ofClasses: string[],
  /** Sloppy functions may be in the scope. */
  isSloppy: boolean,
];

export class SharedVariables {
  readonly scopes: ScopeParts[] = [];
  readonly #tokens: ScopeToken[] = [];
  readonly #indexes = new Map<ScopeToken, number>();
  readonly #uses: Map<string, {count: number; isAssigned: boolean}>[] = [];
  readonly #realm: Realm;

  constructor(realm: Realm) {
    this.#realm = realm;
  }

  /** Gives the number of a scope. */
  index(token: ScopeToken): number {
    const known = this.#indexes.get(token);
    if (known !== undefined) return known;
    const outer = token.in ? this.index(token.in) : -1;
    const index = this.scopes.push([outer, token.names, "", [], [], !!token.isSloppy]) - 1;
    this.#indexes.set(token, index);
    this.#tokens.push(token);
    this.#uses.push(new Map());
    return index;
  }

  /** Notes a function or class of the value, and its scope. */
  note(index: number, code: Code): void {
    for (const slot of code.slots) {
      const at = this.#find(index, slot, code);
      if (at < 0) continue;
      const uses = this.#uses[at]!;
      const use = uses.get(slot) ?? {count: 0, isAssigned: false};
      uses.set(slot, use);
      use.count++;
      use.isAssigned ||= code.assigned.includes(slot);
      const [, , , shared, ofClasses] = this.scopes[at]!;
      if (use.isAssigned && use.count > 1 && !shared.includes(slot)) shared.push(slot);
      if (code.form !== "class") continue;
      if (!ofClasses.includes(slot)) ofClasses.push(slot);
      for (let i = at; i >= 0; i = this.scopes[i]![0])
        this.scopes[i]![2] = this.#realm.identityOf(this.#tokens[i]!);
    }
  }

  /** Tells whether it can be known which functions share the variable. */
  isKnown(token: ScopeToken, slot: string, code: Code): boolean {
    return this.#find(this.index(token), slot, code) >= 0;
  }

  #find(index: number, slot: string, code: Code): number {
    return (
      findScope(index, slot, code, (i) => {
        const [outer, names] = this.scopes[i]!;
        return {names, outer: outer < 0 ? undefined : outer};
      }) ?? -1
    );
  }
}

/**
 * Finds the scope that has the variable behind a captured name. Names of the session belong to the
 * outermost scope. Undefined when nobody could tell which functions share the variable.
 */
export function findScope<S>(
  innermost: S,
  slot: string,
  code: Code,
  parts: (scope: S) => {names: string; outer: S | undefined},
): S | undefined {
  if (isTokenName(slot)) return undefined;
  const isOwn = code.own.includes(slot);
  let scope: S | undefined = innermost;
  while (scope !== undefined) {
    const {names, outer} = parts(scope);
    if (isOwn ? names.split(" ").includes(slot) : outer === undefined) return scope;
    scope = outer;
  }
  return undefined;
}

// ---- where the value arrives ----

/** The realm and the arrivals of whoever receives the value. */
interface Receiver {
  readonly realm: Realm;
  readonly arrivals: Arrivals | null;
}

interface ReceivedScope {
  live: LiveScope;
  shared: ReadonlySet<string>;
  ofClasses: ReadonlySet<string>;
  /** Variables that get new values from this value. */
  renewed: ReadonlySet<string>;
}

export class ReceivedScopes {
  readonly #scopes: ReceivedScope[] = [];
  readonly #byLive = new Map<LiveScope, ReceivedScope>();
  readonly #of: Receiver;

  constructor(scopes: readonly ScopeParts[], of: Receiver) {
    this.#of = of;
    for (const parts of scopes) {
      const received = this.#receive(parts);
      this.#scopes.push(received);
      this.#byLive.set(received.live, received);
    }
  }

  at(index: number): LiveScope {
    const scope = this.#scopes[index];
    if (!scope) throw new CorruptFrameError("the scope of a function is missing");
    return scope.live;
  }

  /**
   * Finds the scope whose variable the function in `inner` uses under that name, when the variable
   * is shared.
   */
  find(inner: LiveScope, slot: string, code: Code): LiveScope | undefined {
    const parts = ({names, in: outer}: LiveScope) => ({names, outer});
    const scope = findScope(inner, slot, code, parts);
    const received = scope && this.#byLive.get(scope);
    if (!received) return undefined;
    const names = code.form === "class" ? received.ofClasses : received.shared;
    return names.has(slot) && scope.isSeenFrom(inner, slot) ? scope : undefined;
  }

  /** Sets a variable, unless it arrived for the task before. */
  set(scope: LiveScope, name: string, value: unknown): void {
    if (this.#byLive.get(scope)!.renewed.has(name)) scope.set(name, value);
  }

  #receive([outer, names, id, shared, ofClasses, isSloppy]: ScopeParts): ReceivedScope {
    const {realm, arrivals} = this.#of;
    const isKept = id !== "" && !realm.owns(id);
    const known = isKept ? realm.find(id) : undefined;
    const isKnown = known instanceof LiveScope;
    const around = outer < 0 ? undefined : this.at(outer);
    const live = isKnown ? known : new LiveScope(around, names, isSloppy);
    if (isKept && !isKnown) realm.remember(live, id);
    const variables = [...new Set([...shared, ...ofClasses])];
    const made = live.declare(variables);
    const first = variables.filter((name) => arrivals?.isFirst(live, name));
    return {
      live,
      shared: new Set(shared),
      ofClasses: new Set(ofClasses),
      renewed: new Set([...made, ...first]),
    };
  }
}
