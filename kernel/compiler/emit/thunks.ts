// Each function and class of a cell gets its thunk (`cluster/shipping/source/thunk.ts`):
//
//   function, arrow    __tasklab.fn({scale: x => x * k}.scale, "scale", "Cell In[3]", () => ({k}))
//   object's method    scale: __tasklab.fn({scale(x) {…}}.scale, "scale", "Cell In[3]", …)
//   nested declaration __tasklab.fn(scale, "scale", "Cell In[3]", () => ({k}))   first in its block
//   class              a last static block in it
//
// The object around an anonymous function is there to name it, as the variable would have: naming
// it afterwards costs twenty times as much (measured), and V8 sees that the object need not be
// made. Methods with `super`, accessors and computed names have none: capture reads their scopes
// otherwise. Edits are made from the inside out, so that insertions at one place nest as the code
// does.

import type {
  AnyNode,
  ArrowFunctionExpression,
  BlockStatement,
  Class,
  Function as FunctionNode,
  FunctionDeclaration,
  ForStatement,
  FunctionExpression,
  MemberExpression,
  Program,
  Property,
  Statement,
} from "acorn";
import type MagicString from "magic-string";
import {
  childrenOf,
  isClass,
  isClosure,
  keyName,
  type Closure,
  type Scopes,
} from "../../../cluster/shipping/source/scopes.js";
import {isTokenName, runtimeName, tokenName} from "../../../cluster/shipping/source/thunk.js";
import {editMembers} from "./class-members.js";
import {isRemote} from "../rewrite/remote-names.js";
import {ScopeTokens} from "./scope-tokens.js";
import type {Spans} from "./spans.js";

export class Thunks {
  readonly #text: MagicString;
  readonly #program: Program;
  readonly #scopes: Scopes;
  readonly #sessionNames: ReadonlySet<string>;
  readonly #source: string;
  readonly #spans: Spans;
  readonly #tokens: ScopeTokens;
  readonly #remoteNames: ReadonlySet<string>;

  constructor(
    text: MagicString,
    program: Program,
    scopes: Scopes,
    sessionNames: ReadonlySet<string>,
    source: string,
    spans: Spans,
    remoteNames: ReadonlySet<string>,
  ) {
    this.#text = text;
    this.#program = program;
    this.#scopes = scopes;
    this.#tokens = new ScopeTokens(scopes, program);
    this.#sessionNames = sessionNames;
    this.#source = JSON.stringify(source);
    this.#spans = spans;
    this.#remoteNames = remoteNames;
  }

  /** Visits the whole cell. */
  run(): void {
    this.#all(this.#program.body);
  }

  /**
   * `name`: the one that JavaScript, or a call of `remote`, would give to an anonymous function.
   */
  visit(node: AnyNode, name = ""): void {
    this.#edit(node, name);
    if (node.type === "SwitchStatement" || isLoop(node)) this.#declareTokens(node);
  }

  #edit(node: AnyNode, name: string): void {
    switch (node.type) {
      case "VariableDeclarator":
        this.visit(node.id as AnyNode);
        if (node.init) this.visit(node.init, node.id.type === "Identifier" ? node.id.name : "");
        return;
      case "AssignmentExpression":
      case "AssignmentPattern":
        this.visit(node.left as AnyNode);
        return this.visit(node.right, node.left.type === "Identifier" ? node.left.name : "");
      case "MemberExpression": {
        const named = namedFunction(node);
        if (!named) return this.#all(childrenOf(node));
        this.inside(named);
        this.#text.prependRight(node.start, `${runtimeName}.fn(`);
        return void this.#text.appendLeft(
          node.end,
          this.rest(named, keyName(node.property as AnyNode)),
        );
      }
      case "Property":
        return this.#property(node as Property);
      case "PropertyDefinition":
        if (node.computed) this.visit(node.key as AnyNode);
        if (node.value) {
          const named = node.computed ? "" : keyName(node.key as AnyNode);
          this.visit(node.value, named);
          if (node.value.type === "ClassExpression" && !node.value.id)
            this.#name(node.value, named);
        }
        return;
      case "MethodDefinition":
        if (node.computed) this.visit(node.key as AnyNode);
        return this.inside(node.value);
      case "CallExpression": {
        const callee = node.callee as AnyNode;
        // Called on the spot: nobody can ship it.
        if (isClosure(callee) && !isClass(callee) && !callee.id) this.inside(callee);
        else this.visit(callee);
        const passed = isRemote(callee, this.#remoteNames) ? name : "";
        for (const argument of node.arguments as AnyNode[]) {
          this.visit(argument, passed);
          if (argument.type === "ClassExpression" && !argument.id) this.#name(argument, passed);
        }
        return;
      }
      case "FunctionDeclaration":
        return this.inside(node);
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return this.#wrap(node, name || (node.id?.name ?? ""));
      case "ClassDeclaration":
      case "ClassExpression":
        return this.#class(node, node.id ? node.id.name : name);
      case "BlockStatement":
        this.#all(node.body);
        return this.#begin(node, node.start + 1, "", node.body);
      case "StaticBlock": {
        this.#all(node.body);
        const brace = this.#text.original.indexOf("{", node.start);
        return this.#begin(node, brace + 1, "", node.body);
      }
      case "SwitchCase": {
        if (node.test) this.visit(node.test);
        this.#all(node.consequent);
        const first = node.consequent[0];
        if (first) this.#begin(node, first.start, "", node.consequent);
        return;
      }
      default:
        return this.#all(childrenOf(node));
    }
  }

  /** The arguments of `fn` after the function itself, and the closing parenthesis. */
  rest(closure: Closure, name: string): string {
    const measured = this.#spans.argument(closure);
    return `, ${JSON.stringify(name)}, ${this.#source}, () => (${this.#captured(closure)})${measured})`;
  }

  /** What stands in the function; the function itself is dealt with by the caller. */
  inside(node: FunctionNode): void {
    this.#all(node.params);
    if (node.body.type === "BlockStatement") {
      const body = node.body as BlockStatement;
      this.#all(body.body);
      this.#begin(body, body.start + 1, this.#spans.open(node), body.body);
    } else this.visit(node.body as AnyNode);
    this.#spans.finish(node, this.#text, this.#tokens.declared(node.body));
    const token = this.#tokens.inHead(node.body);
    if (token)
      this.#text.appendLeft(node.params.at(-1)!.end, `, ...{${token.name} = ${token.value}}`);
  }

  #all(nodes: readonly (AnyNode | null)[]): void {
    for (const node of nodes) if (node) this.visit(node);
  }

  /** At the beginning of a block: its functions exist from there on. */
  #begin(
    block: AnyNode,
    at: number,
    before: string,
    statements: readonly (Statement | AnyNode)[],
  ): void {
    let text = this.#tokens.declared(block) + before;
    for (const statement of statements) {
      if (statement.type !== "FunctionDeclaration") continue;
      const {name} = (statement as FunctionDeclaration).id;
      text += ` ${runtimeName}.fn(${name}${this.rest(statement as FunctionDeclaration, name)};`;
    }
    if (text) this.#text.appendLeft(at, text);
  }

  /** Where no block begins: around a `switch`, and around the statement that a loop repeats. */
  #declareTokens(node: AnyNode): void {
    if (node.type === "ForStatement") this.#declareInHead(node);
    const around = isLoop(node) ? node.body : node;
    const declaresItself =
      around.type === "BlockStatement" || (around !== node && around.type === "SwitchStatement");
    const declared = declaresItself ? "" : this.#tokens.declared(around);
    if (!declared) return;
    this.#text.prependRight(around.start, `{${declared} `);
    this.#text.appendLeft(around.end, " }");
  }

  /** Each round begins with a copy of the variables of the one before, its token too. */
  #declareInHead({body, init, test, update}: ForStatement): void {
    const token = this.#tokens.inHead(body);
    if (!token || init?.type !== "VariableDeclaration") return;
    const {name, value} = token;
    this.#text.prependRight(init.declarations[0]!.start, `${name} = ${value}, `);
    if (init.kind === "const") return;
    const anew = `${name} = ${value}`;
    for (const part of [test, update]) {
      if (!part) continue;
      this.#text.prependRight(part.start, `(${anew}, `);
      this.#text.appendLeft(part.end, ")");
    }
    const end = this.#text.original.indexOf(";", init.end);
    if (!test) this.#text.appendLeft(end + 1, ` (${anew}, true)`);
  }

  #name(node: AnyNode, name: string): void {
    const [before, after] = naming(name);
    this.#text.prependRight(node.start, before);
    this.#text.appendLeft(node.end, after);
  }

  #wrap(node: FunctionExpression | ArrowFunctionExpression, name: string): void {
    this.inside(node);
    const [before, after] = node.id ? ["", ""] : naming(name);
    this.#text.prependRight(node.start, `${runtimeName}.fn(${before}`);
    this.#text.appendLeft(node.end, `${after}${this.rest(node, name)}`);
  }

  #property(node: Property): void {
    if (node.computed) this.visit(node.key);
    const value = node.value as AnyNode;
    const name = node.computed ? "" : keyName(node.key);
    if (!node.method && node.kind === "init") {
      if (!node.shorthand || value.type === "AssignmentPattern") this.visit(value, name);
      return;
    }
    const method = value as FunctionExpression;
    this.inside(method);
    const isPlain = node.kind === "init" && !node.computed && name !== "__proto__";
    if (!isPlain || this.#scopes.closures.get(method)?.super) return this.#mentionToken(method);
    const key = this.#text.original.slice(node.key.start, node.key.end);
    const access = node.key.type === "Identifier" ? `.${key}` : `[${key}]`;
    this.#text.prependRight(node.start, `${key}: ${runtimeName}.fn({`);
    this.#text.appendLeft(node.end, `}${access}${this.rest(method, name)}`);
  }

  /**
   * Mentions the scope's token in the body of a method that can't have a thunk, so that V8's
   * inspector lists the token among the captured variables.
   */
  #mentionToken(method: FunctionExpression): void {
    const token = this.#tokens.around(method);
    if (token === tokenName(0) || !isTokenName(token)) return;
    this.#text.appendLeft(method.body.start + 1, ` ${token};`);
  }

  #class(node: Class, name: string): void {
    if (node.superClass) this.visit(node.superClass);
    this.#all(node.body.body);
    const call = `${runtimeName}.fn(this${this.rest(node, name)};`;
    const usesSuper = node.body.body.some(
      (member) =>
        member.type === "MethodDefinition" &&
        member.kind !== "constructor" &&
        this.#scopes.closures.get(member.value)?.super,
    );
    this.#text.appendLeft(node.body.start + 1, editMembers(node, this.#text, usesSuper));
    this.#text.appendLeft(node.body.end - 1, `; static { ${call} }`);
  }

  #captured(closure: Closure): string {
    const free = this.#scopes.closures.get(closure)!;
    const [own, ofSession]: [string[], string[]] = [[], []];
    for (const [name, scope] of free.names) {
      if (scope !== null && scope.kind !== "program") own.push(name);
      else if (scope !== null || this.#sessionNames.has(name)) ofSession.push(name);
    }
    // The functions inside of it may need the token, even when it has no use for one itself.
    const isNeeded = free.names.size > 0 || holdsClosure(closure as AnyNode);
    const token = isNeeded ? [this.#tokens.around(closure)] : [];
    const names = [...ofSession, ...token, ...own];
    if (this.#scopes.borrowsThis(closure)) names.push("$this: this");
    return `{${names.join(", ")}}`;
  }
}

/** `{f: function () {…}}.f`: how the rewriting of `@remote` writes a function. */
function namedFunction({
  object,
  property,
  computed,
}: MemberExpression): FunctionExpression | undefined {
  if (computed || object.type !== "ObjectExpression" || object.properties.length !== 1)
    return undefined;
  const [only] = object.properties;
  if (only?.type !== "Property" || only.method || only.computed) return undefined;
  const isSame = keyName(only.key) === keyName(property as AnyNode);
  const {value} = only;
  return isSame && value.type === "FunctionExpression" && !value.id ? value : undefined;
}

/** What stands before and after an anonymous function to give it a name. */
export function naming(name: string): [string, string] {
  if (name === "" || name === "__proto__") return ["", ""];
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return [`{${name}: `, `}.${name}`];
  const key = JSON.stringify(name);
  return [`{${key}: `, `}[${key}]`];
}

type Loop = Extract<AnyNode, {body: Statement; type: `${string}Statement`}>;

function isLoop(node: AnyNode): node is Loop {
  return (
    node.type === "ForStatement" || node.type === "ForInStatement" || node.type === "ForOfStatement"
  );
}

function holdsClosure(node: AnyNode): boolean {
  return childrenOf(node).some((child) => isClosure(child) || holdsClosure(child));
}
