// Scope tokens (`cluster/shipping/source/thunk.ts`): which scopes of a cell make one, and where it
// is declared.
//
// Only scopes that need one do, since it costs each entry some nanoseconds: those with a captured
// variable that is assigned to after its declaration, and those with a captured variable that hides
// such a one.
//
// Parameters and heads of loops are scopes around a body, whose tokens are declared in that body.
// Where a function stands in the head itself and uses such a variable, that is too far inside for
// it:
//
//   function f(x, up = () => ++x)     → function f(x, up = () => ++x, ...{__tasklab_1 = {…}})
//   for (let i = 0, up = () => ++i;   → for (let __tasklab_1 = {…}, i = 0, up = () => ++i;
//        i < n; i++)                         (__tasklab_1 = {…}, i < n); (__tasklab_1 = {…}, i++))
//
// Each round of a loop has variables of its own, and so a token of its own. Other heads have no
// place for one: what is made in them can't be shipped, and says so (`undefined` for a token).

import type {AnyNode, Program} from "acorn";
import {
  childrenOf,
  type Closure,
  type Scope,
  type Scopes,
} from "../../../cluster/shipping/source/scopes.js";
import {tokenName} from "../../../cluster/shipping/source/thunk.js";

interface Token {
  name: string;
  /** What makes it. */
  value: string;
  names: ReadonlySet<string>;
  /**
   * Where it is declared: a function in the head of a scope does not see what the body declares.
   */
  at: "head" | "body";
}

export class ScopeTokens {
  readonly #scopes: Scopes;
  readonly #tokens = new Map<Scope, Token>();
  /** Parameters, heads of loops, of `catch`. */
  readonly #heads: ReadonlySet<Scope | null>;
  readonly #declarations = new Map<AnyNode, string>();
  readonly #inHeads = new Map<AnyNode, Token>();
  /** Bodies whose heads have a place for a token: found when first needed, which is seldom. */
  #roomy: ReadonlySet<AnyNode> | undefined;
  readonly #program: Program;

  constructor(scopes: Scopes, program: Program) {
    this.#scopes = scopes;
    this.#program = program;
    this.#heads = new Set(scopes.all.filter(({isBody}) => isBody).map(({parent}) => parent));
    for (const scope of scopes.all) if (scope.host) this.#add(scope, scope.host);
  }

  /** The innermost token that the function can see, as its thunk lists it. */
  around(closure: Closure): string {
    for (const [name, scope] of this.#scopes.closures.get(closure)!.names) {
      const token = scope && this.#tokens.get(scope);
      const isUnseen =
        token?.at === "body" && token.names.has(name) && this.#isInHead(closure, scope!);
      if (isUnseen) return `${token.name}: undefined`;
    }
    return this.#seenFrom(this.#scopes.around.get(closure)!);
  }

  /** Stands first in the block `host`. */
  declared(host: AnyNode): string {
    return this.#declarations.get(host) ?? "";
  }

  /** Stands in the head before the body `host`. */
  inHead(host: AnyNode): Pick<Token, "name" | "value"> | undefined {
    return this.#inHeads.get(host);
  }

  #add(scope: Scope, host: AnyNode): void {
    const captured = [...scope.captured];
    const names = captured.filter(
      (name) => scope.assigned.has(name) || this.#isHidden(name, scope),
    );
    if (names.length === 0) return;
    const name = tokenName(this.#tokens.size + 1);
    const value = `{in: ${this.#outer(scope)}, names: "${names.join(" ")}"}`;
    const isOfHead = this.#isUsedInHead(scope, names) && this.#hasRoom(host);
    const token: Token = {name, value, names: new Set(names), at: isOfHead ? "head" : "body"};
    this.#tokens.set(scope, token);
    if (isOfHead) this.#inHeads.set(host, token);
    else this.#declarations.set(host, `${this.declared(host)} const ${name} = ${value};`);
  }

  #isUsedInHead(scope: Scope, names: readonly string[]): boolean {
    if (!this.#heads.has(scope)) return false;
    for (const [closure, free] of this.#scopes.closures)
      if (names.some((name) => free.names.get(name) === scope) && this.#isInHead(closure, scope))
        return true;
    return false;
  }

  #hasRoom(host: AnyNode): boolean {
    this.#roomy ??= new Set(roomyBodies(this.#program));
    return this.#roomy.has(host);
  }

  /** Does it stand in the scope, but not in the body that follows? */
  #isInHead(closure: Closure, head: Scope): boolean {
    if (!this.#heads.has(head)) return false;
    let scope: Scope | null = this.#scopes.around.get(closure)!;
    while (scope && scope !== head) {
      if (scope.parent === head && scope.isBody) return false;
      scope = scope.parent;
    }
    return scope === head;
  }

  #isHidden(name: string, scope: Scope): boolean {
    for (let outer = scope.parent; outer; outer = outer.parent)
      if (this.#tokens.get(outer)?.names.has(name)) return true;
    return false;
  }

  #outer({parent, isBody}: Scope): string {
    if (!parent) return tokenName(0);
    return isBody ? this.#innermost(parent) : this.#seenFrom(parent);
  }

  #innermost(scope: Scope): string {
    return this.#tokens.get(scope)?.name ?? this.#outer(scope);
  }

  /** The same for what stands directly in the scope: in the head, when that has a body. */
  #seenFrom(scope: Scope): string {
    const isUnseen = this.#heads.has(scope) && this.#tokens.get(scope)?.at === "body";
    return isUnseen ? this.#outer(scope) : this.#innermost(scope);
  }
}

/** A setter has one parameter and no more; nothing follows a rest. */
function roomyBodies(node: AnyNode): AnyNode[] {
  const inside = childrenOf(node).flatMap(roomyBodies);
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return node.params.at(-1)?.type === "RestElement" ? inside : [node.body, ...inside];
    case "Property":
    case "MethodDefinition": {
      const {body} = node.value as {body?: AnyNode};
      return node.kind === "set" ? inside.filter((each) => each !== body) : inside;
    }
    case "ForStatement":
      return node.init?.type === "VariableDeclaration" ? [node.body, ...inside] : inside;
    default:
      return inside;
  }
}
