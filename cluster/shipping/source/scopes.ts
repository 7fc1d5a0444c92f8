// Scope analysis of JavaScript: which names does a function take from outside of itself? Used by
// the emitter of cells (which names go into a thunk) and by capture (which names a shipped text
// needs).
//
// One walk declares every name in its scope and notes every use. Then each use climbs from its
// scope outwards, and every function or class that it leaves on the way has the name as a free
// name.

import {parse} from "acorn";
import type {
  AnyNode,
  Function as FunctionNode,
  Class,
  MethodDefinition,
  Pattern,
  Program,
} from "acorn";

export type Closure = FunctionNode | Class;

/** What a function or class takes from outside its own text. */
export interface FreeNames {
  /**
   * Free name → the scope of this text that binds the name, or null when none of its scopes does.
   */
  names: Map<string, Scope | null>;
  /** Free names that the function assigns to. */
  assigned: Set<string>;
  /**
   * Free names that are used as `typeof name` or inside of a `with` only: an undeclared one need
   * not throw.
   */
  typeofOnly: Set<string>;
  /**
   * The text uses the `this`, `arguments` or `new.target` of the function around an arrow function,
   * or is a lone method that uses `super`.
   */
  this: boolean;
  arguments: boolean;
  newTarget: boolean;
  super: boolean;
}

export interface Scope {
  parent: Scope | null;
  /** `var`s are declared in function scopes; "arrow" is a function scope that borrows `this`. */
  kind: "program" | "function" | "arrow" | "block";
  names: Set<string>;
  /**
   * Names that a function or class inside of the scope uses, and names that are assigned to after
   * their declaration.
   */
  captured: Set<string>;
  assigned: Set<string>;
  /** The function or class whose outermost scope this is. */
  closure: Closure | null;
  /**
   * Where more could be declared beside the scope's names: a block, or a node in the place of one.
   */
  host: AnyNode | null;
  /** The scope is the body of a function, loop or `catch`, whose head is the scope around it. */
  isBody: boolean;
  /** The scope is the body of a `with`: any name in it may be the name of a property. */
  isWith: boolean;
}

export interface Scopes {
  top: Scope;
  /** All scopes, outer ones first. */
  all: Scope[];
  /** The scope that a function or class stands in. */
  around: Map<Closure, Scope>;
  /** Every function and class of the program, outer ones first. */
  closures: Map<Closure, FreeNames>;
  /** Names that are used and that no scope of the program binds. */
  unbound: Set<string>;
  /** Tells whether the innermost function around an arrow function gives it a `this`. */
  borrowsThis(closure: Closure): boolean;
}

/**
 * Analyses a program. `isSloppy`: the text stands in sloppy code. Code in a class, or behind "use
 * strict", is strict all the same.
 */
export function analyze(program: Program, isSloppy = false): Scopes {
  return new Walk(isSloppy).run(program);
}

/** Parses a whole script of either kind; null when the script can't be read, or is too long. */
export function parseScript(script: string): Program | null {
  if (script.length > longestScript) return null;
  for (const sourceType of sourceTypes) {
    try {
      return parse(script, {
        ecmaVersion: "latest",
        sourceType,
        allowHashBang: true,
        allowReturnOutsideFunction: true,
        allowAwaitOutsideFunction: true,
      });
    } catch {
      // The script is of the other kind, or can't be read.
    }
  }
  return null;
}
/** To read a million characters takes some 100 ms. */
const longestScript = 2_000_000;
/** Most texts read the same as both kinds; some can be read as sloppy scripts only. */
const sourceTypes = ["module", "script"] as const;

/** Finds the free names of one function, method or class, whose text `Function#toString` gives. */
export function freeNamesOf(text: string, isSloppy = false): FreeNames {
  const {program, closure} = parseClosure(text);
  return analyze(program, isSloppy).closures.get(closure)!;
}

export interface ParsedClosure {
  program: Program;
  closure: Closure;
  /** The characters that were put before the text. */
  prefix: string;
  /** Private names that the text uses, and that a class around it declares. */
  privateNames: string[];
}

/** Parses the text of a function, arrow, method, accessor or class. */
export function parseClosure(text: string): ParsedClosure {
  let failure: unknown;
  for (const sourceType of sourceTypes)
    for (const [prefix, suffix] of framings) {
      try {
        const program = parse(prefix + text + suffix, {
          ecmaVersion: "latest",
          sourceType,
          allowSuperOutsideMethod: true,
          checkPrivateFields: false,
        });
        const closure = findClosure(program, prefix.length);
        if (closure) {
          const privateNames = text.includes("#") ? undeclaredPrivates(closure as AnyNode) : [];
          return {program, closure, prefix, privateNames};
        }
      } catch (error) {
        failure ??= error;
      }
    }
  throw failure ?? new SyntaxError(`not the text of a function: ${text.slice(0, 80)}`);
}
/** What makes a program of an expression, of a member of an object, and of a member of a class. */
const framings = [
  ["(", "\n)"],
  ["({", "\n})"],
  ["(class {", "\n})"],
] as const;

function undeclaredPrivates(node: AnyNode, declared: readonly string[] = []): string[] {
  if (node.type === "PrivateIdentifier")
    return declared.includes(node.name) ? [] : [`#${node.name}`];
  const isClass = node.type === "ClassDeclaration" || node.type === "ClassExpression";
  const own = isClass
    ? node.body.body.flatMap((member) =>
        "key" in member && member.key.type === "PrivateIdentifier" ? [member.key.name] : [],
      )
    : [];
  return childrenOf(node).flatMap((child) => undeclaredPrivates(child, [...declared, ...own]));
}

function findClosure(program: Program, start: number): Closure | undefined {
  const statement = program.body[0];
  if (program.body.length !== 1 || statement?.type !== "ExpressionStatement") return undefined;
  const expression = statement.expression as AnyNode;
  if (isClosure(expression) && expression.start === start) return expression;
  if (expression.type === "ObjectExpression") {
    const property = expression.properties[0];
    if (expression.properties.length !== 1 || property?.type !== "Property") return undefined;
    return isClosure(property.value as AnyNode) ? (property.value as Closure) : undefined;
  }
  if (expression.type === "ClassExpression") {
    const member = expression.body.body[0];
    if (expression.body.body.length === 1 && member?.type === "MethodDefinition")
      return (member as MethodDefinition).value;
  }
  return undefined;
}

export function isClosure(node: AnyNode): node is Extract<AnyNode, Closure> {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "ClassDeclaration":
    case "ClassExpression":
      return true;
    default:
      return false;
  }
}

interface Use {
  name: string;
  scope: Scope;
  assigned: boolean;
  typeof: boolean;
}
type Receiver = "this" | "arguments" | "newTarget" | "super";

class Walk {
  readonly #uses: Use[] = [];
  readonly #receivers: {what: Receiver; scope: Scope}[] = [];
  readonly #closures = new Map<Closure, FreeNames>();
  readonly #borrowers = new Set<Closure>();
  readonly #unbound = new Set<string>();
  readonly #all: Scope[] = [];
  readonly #around = new Map<Closure, Scope>();
  /** The code that the walk is in is sloppy. */
  #isSloppy: boolean;

  constructor(isSloppy: boolean) {
    this.#isSloppy = isSloppy;
  }

  run(program: Program): Scopes {
    const top = this.#scope(null, "program");
    if (isDirective(program.body)) this.#isSloppy = false;
    this.#visitAll(program.body, top);
    for (const use of this.#uses) this.#resolve(use);
    for (const receiver of this.#receivers) this.#resolveReceiver(receiver.what, receiver.scope);
    return {
      top,
      all: this.#all,
      around: this.#around,
      closures: this.#closures,
      unbound: this.#unbound,
      borrowsThis: (closure) => this.#borrowers.has(closure),
    };
  }

  #resolve({name, scope: from, assigned, typeof: isTypeof}: Use): void {
    const left: Closure[] = [];
    let found: Scope | null = null;
    let mayBeMissing = isTypeof;
    for (let scope: Scope | null = from; scope; scope = scope.parent) {
      if (scope.names.has(name)) {
        found = scope;
        break;
      }
      mayBeMissing ||= scope.isWith;
      if (name === "arguments" && scope.kind === "function")
        return this.#resolveReceiver("arguments", from);
      if (scope.closure) left.push(scope.closure);
    }
    if (!found && name === "arguments") return this.#resolveReceiver("arguments", from);
    if (!found) this.#unbound.add(name);
    else {
      if (left.length > 0) found.captured.add(name);
      if (assigned) found.assigned.add(name);
    }
    for (const closure of left) {
      const free = this.#closures.get(closure)!;
      if (!mayBeMissing) free.typeofOnly.delete(name);
      else if (!free.names.has(name)) free.typeofOnly.add(name);
      free.names.set(name, found);
      if (assigned) free.assigned.add(name);
    }
  }

  /** Books a use of `this` and its like to the innermost function that is not an arrow function. */
  #resolveReceiver(what: Receiver, from: Scope): void {
    const left: Closure[] = [];
    for (let scope: Scope | null = from; scope; scope = scope.parent) {
      if (scope.kind === "function") {
        if (scope.isBody) continue;
        if (what === "super" && scope.closure) this.#closures.get(scope.closure)!.super = true;
        if (what === "this") for (const arrow of left) this.#borrowers.add(arrow);
        break;
      }
      if (scope.kind === "arrow" && scope.closure) left.push(scope.closure);
    }
    for (const arrow of left) this.#closures.get(arrow)![what] = true;
  }

  #use(name: string, scope: Scope, assigned = false, isTypeof = false): void {
    this.#uses.push({name, scope, assigned, typeof: isTypeof});
  }

  #visitAll(nodes: readonly (AnyNode | null | undefined)[], scope: Scope): void {
    for (const node of nodes) if (node) this.#visit(node, scope);
  }

  #visit(node: AnyNode, scope: Scope): void {
    switch (node.type) {
      case "Identifier":
        return this.#use(node.name, scope);
      case "ThisExpression":
        this.#receivers.push({what: "this", scope});
        return;
      case "Super":
        this.#receivers.push({what: "super", scope});
        return;
      case "MetaProperty":
        if (node.meta.name === "new") this.#receivers.push({what: "newTarget", scope});
        return;
      case "UnaryExpression":
        if (node.operator === "typeof" && node.argument.type === "Identifier")
          return this.#use(node.argument.name, scope, false, true);
        return this.#visit(node.argument, scope);
      case "MemberExpression":
        this.#visit(node.object as AnyNode, scope);
        if (node.computed) this.#visit(node.property as AnyNode, scope);
        return;
      case "Property":
        if (node.computed) this.#visit(node.key, scope);
        return this.#visit(node.value as AnyNode, scope);
      case "AssignmentExpression":
        this.#assign(node.left as AnyNode, scope);
        return this.#visit(node.right, scope);
      case "UpdateExpression":
        return this.#assign(node.argument as AnyNode, scope);

      case "VariableDeclaration": {
        const target = node.kind === "var" ? functionScope(scope) : scope;
        for (const {id, init} of node.declarations) {
          this.#declare(id, target, scope);
          if (init) this.#visit(init, scope);
        }
        return;
      }
      case "FunctionDeclaration":
        if (node.id) this.#functionName(node.id.name, scope);
        return this.#function(node, scope, null);
      case "FunctionExpression":
        return this.#function(node, scope, node.id ? node.id.name : null);
      case "ArrowFunctionExpression":
        return this.#function(node, scope, null);
      case "ClassDeclaration":
        if (node.id) scope.names.add(node.id.name);
        return this.#class(node, scope);
      case "ClassExpression":
        return this.#class(node, scope);

      case "BlockStatement":
        return this.#visitAll(node.body, this.#block(scope, node));
      case "ForStatement": {
        const head = this.#block(scope, node.body);
        this.#visitAll([node.init, node.test, node.update], head);
        return this.#visit(node.body, this.#body(head));
      }
      case "ForInStatement":
      case "ForOfStatement": {
        const head = this.#block(scope, node.body);
        if (node.left.type === "VariableDeclaration") this.#visit(node.left, head);
        else this.#assign(node.left as AnyNode, head);
        this.#visit(node.right, head);
        return this.#visit(node.body, this.#body(head));
      }
      case "SwitchStatement": {
        this.#visit(node.discriminant, scope);
        const cases = this.#block(scope, node);
        for (const {test, consequent} of node.cases) this.#visitAll([test, ...consequent], cases);
        return;
      }
      case "CatchClause": {
        const clause = this.#block(scope, node.body);
        if (node.param) this.#declare(node.param, clause, clause);
        return this.#visit(node.body, this.#body(clause));
      }
      case "WithStatement": {
        this.#visit(node.object, scope);
        const body = this.#block(scope, node.body);
        body.isWith = true;
        return this.#visit(node.body, body);
      }
      case "LabeledStatement":
        return this.#visit(node.body, scope);
      case "BreakStatement":
      case "ContinueStatement":
        return;

      case "ImportDeclaration":
        for (const {local} of node.specifiers) scope.names.add(local.name);
        return;
      case "ExportNamedDeclaration":
        if (node.declaration) return this.#visit(node.declaration, scope);
        if (!node.source)
          for (const {local} of node.specifiers)
            if (local.type === "Identifier") this.#use(local.name, scope);
        return;
      case "ExportAllDeclaration":
        return;
      default:
        return this.#visitAll(childrenOf(node), scope);
    }
  }

  #function(node: FunctionNode, outside: Scope, ownName: string | null): void {
    this.#register(node, outside);
    const kind = node.type === "ArrowFunctionExpression" ? "arrow" : "function";
    // The name of a function expression is bound around its parameters.
    const named = ownName === null ? null : this.#scope(outside, "block", null, node);
    named?.names.add(ownName!);
    const parameters = this.#scope(
      named ?? outside,
      kind,
      node.body as AnyNode,
      named ? null : node,
    );
    for (const parameter of node.params) this.#declare(parameter, parameters, parameters);
    const body = this.#scope(parameters, kind, node.body as AnyNode);
    body.isBody = true;
    const wasSloppy = this.#isSloppy;
    if (node.body.type === "BlockStatement") {
      if (isDirective(node.body.body)) this.#isSloppy = false;
      this.#visitAll(node.body.body, body);
    } else this.#visit(node.body as AnyNode, body);
    this.#isSloppy = wasSloppy;
  }

  /**
   * Declares a function's name. In sloppy code, a function declared in a block is a variable of the
   * function around it, too.
   */
  #functionName(name: string, scope: Scope): void {
    scope.names.add(name);
    if (!this.#isSloppy) return;
    const target = functionScope(scope);
    for (let at: Scope | null = scope; at !== target && at?.parent; at = at.parent)
      if (at.parent.names.has(name)) return;
    target.names.add(name);
  }

  #class(node: Class, outside: Scope): void {
    const wasSloppy = this.#isSloppy;
    this.#isSloppy = false;
    this.#classParts(node, outside);
    this.#isSloppy = wasSloppy;
  }

  #classParts(node: Class, outside: Scope): void {
    this.#register(node, outside);
    const scope = this.#scope(outside, "block", null, node);
    if (node.id) scope.names.add(node.id.name);
    if (node.superClass) this.#visit(node.superClass, scope);
    for (const member of node.body.body) {
      if (member.type === "StaticBlock") {
        this.#visitAll(member.body, this.#scope(scope, "function", member));
        continue;
      }
      if (member.computed) this.#visit(member.key as AnyNode, scope);
      if (member.value) {
        // The initializer of a field has a `this` of its own.
        const inside =
          member.type === "PropertyDefinition" ? this.#scope(scope, "function") : scope;
        this.#visit(member.value as AnyNode, inside);
      }
    }
  }

  #scope(
    parent: Scope | null,
    kind: Scope["kind"],
    host: AnyNode | null = null,
    closure: Closure | null = null,
  ): Scope {
    const [names, captured, assigned] = [new Set<string>(), new Set<string>(), new Set<string>()];
    const [isBody, isWith] = [false, false];
    const made = {parent, kind, names, captured, assigned, closure, host, isBody, isWith};
    this.#all.push(made);
    return made;
  }
  #block(parent: Scope, host: AnyNode): Scope {
    return this.#scope(parent, "block", host);
  }
  #body(parent: Scope): Scope {
    const made = this.#scope(parent, "block");
    made.isBody = true;
    return made;
  }

  #register(closure: Closure, outside: Scope): void {
    this.#around.set(closure, outside);
    this.#closures.set(closure, {
      names: new Map(),
      assigned: new Set(),
      typeofOnly: new Set(),
      this: false,
      arguments: false,
      newTarget: false,
      super: false,
    });
  }

  /**
   * Binds the names of a pattern in `target`. Defaults and computed keys of the pattern are uses in
   * `scope`.
   */
  #declare(pattern: Pattern, target: Scope, scope: Scope): void {
    this.#pattern(pattern, scope, (name) => target.names.add(name));
  }

  #assign(node: AnyNode, scope: Scope): void {
    this.#pattern(node as Pattern, scope, (name) => {
      this.#use(name, scope, true);
    });
  }

  #pattern(node: Pattern, scope: Scope, bind: (name: string) => void): void {
    switch (node.type) {
      case "Identifier":
        return bind(node.name);
      case "ObjectPattern":
        for (const property of node.properties) {
          if (property.type === "RestElement") {
            this.#pattern(property.argument, scope, bind);
            continue;
          }
          if (property.computed) this.#visit(property.key, scope);
          this.#pattern(property.value, scope, bind);
        }
        return;
      case "ArrayPattern":
        for (const element of node.elements) if (element) this.#pattern(element, scope, bind);
        return;
      case "AssignmentPattern":
        this.#pattern(node.left, scope, bind);
        return this.#visit(node.right, scope);
      case "RestElement":
        return this.#pattern(node.argument, scope, bind);
      default:
        return this.#visit(node, scope);
    }
  }
}

function functionScope(scope: Scope): Scope {
  let found = scope;
  while (found.kind === "block" && found.parent) found = found.parent;
  return found;
}

/** Tells whether the statements begin with "use strict". */
export function isDirective(statements: readonly AnyNode[]): boolean {
  for (const node of statements) {
    if (node.type !== "ExpressionStatement" || typeof node.directive !== "string") return false;
    if (node.directive === "use strict") return true;
  }
  return false;
}

export function isClass(node: Closure): node is Class {
  return node.type === "ClassDeclaration" || node.type === "ClassExpression";
}

/** The name of a member, or in an import; "" when the name is computed. */
export function keyName(key: AnyNode): string {
  if (key.type === "Identifier") return key.name;
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  return key.type === "Literal" ? String(key.value) : "";
}

export function childrenOf(node: AnyNode): AnyNode[] {
  const children: AnyNode[] = [];
  for (const value of Object.values(node) as unknown[]) {
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) children.push(item);
    } else if (isNode(value)) children.push(value);
  }
  return children;
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as AnyNode).type === "string";
}
