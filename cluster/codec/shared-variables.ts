// Which variables do several functions of one value share? Only those that one of them assigns to
// matter: of any other, each function can have the value for itself.

import type {Realm} from "../shipping/names/realm.js";
import {type ScopeToken, isTokenName} from "../shipping/source/thunk.js";
import type {Code} from "../shipping/source/code.js";

/** A scope as it travels. Scopes are numbered, outer ones before those inside. */
export type ScopeParts = [
  /** Its number; -1 when there is none. */
  outer: number,
  /** What functions in it may share, as the token has them. */
  names: string,
  /** Under which a process keeps it for classes, which it has for good; "" without any. */
  id: string,
  /** Variables that several functions of the value use, and that one of them assigns to. */
  shared: string[],
  /** Variables that its classes use. */
  ofClasses: string[],
  /** May it hold sloppy functions? */
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

  /** The number of the scope. */
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

  /** A function or class of the value, in that scope. */
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

  /** Can it be told which functions share the variable? */
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
 * The scope that has the variable behind a captured name: the session's names are the outermost's. None
 * when no two functions could tell whether they share it.
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
