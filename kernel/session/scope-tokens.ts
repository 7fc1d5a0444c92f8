// Scope tokens (`cluster/shipping/thunk.ts`): which scopes of a cell make one, and where it is declared.
//
// Only scopes that need one do, since it costs each entry some nanoseconds: those with a captured
// variable that is assigned to after its declaration, and those with a captured variable that hides
// such a one.

import type {AnyNode} from "acorn";
import type {Closure, Scope, Scopes} from "../../cluster/shipping/scopes.js";
import {tokenName} from "../../cluster/shipping/thunk.js";

interface Token {
  name: string;
  names: ReadonlySet<string>;
}

export class ScopeTokens {
  private readonly scopes: Scopes;
  private readonly tokens = new Map<Scope, Token>();
  /** Parameters, heads of loops, of `catch`: their tokens are declared in the body that follows. */
  private readonly heads: ReadonlySet<Scope | null>;
  private readonly declarations = new Map<AnyNode, string>();

  constructor(scopes: Scopes) {
    this.scopes = scopes;
    this.heads = new Set(scopes.all.filter(({isBody}) => isBody).map(({parent}) => parent));
    for (const scope of scopes.all) if (scope.host) this.add(scope, scope.host);
  }

  /** The name of the innermost token that the function can see. */
  around(closure: Closure): string {
    return this.innermost(this.scopes.around.get(closure)!);
  }

  /** Stands first in the block `host`. */
  declared(host: AnyNode): string {
    return this.declarations.get(host) ?? "";
  }

  private add(scope: Scope, host: AnyNode): void {
    const captured = [...scope.captured];
    const names = captured.filter((name) => scope.assigned.has(name) || this.isHidden(name, scope));
    if (names.length === 0) return;
    const name = tokenName(this.tokens.size + 1);
    const text = ` const ${name} = {in: ${this.outer(scope)}, names: "${names.join(" ")}"};`;
    this.declarations.set(host, this.declared(host) + text);
    this.tokens.set(scope, {name, names: new Set(names)});
  }

  private isHidden(name: string, scope: Scope): boolean {
    for (let outer = scope.parent; outer; outer = outer.parent)
      if (this.tokens.get(outer)?.names.has(name)) return true;
    return false;
  }

  private outer({parent, isBody}: Scope): string {
    if (!parent) return tokenName(0);
    return this.heads.has(parent) && !isBody ? this.outer(parent) : this.innermost(parent);
  }

  private innermost(scope: Scope): string {
    return this.tokens.get(scope)?.name ?? this.outer(scope);
  }
}
