// Spans: what measures plain calls of the notebook's own functions, and of its remote classes' methods, in
// a `%%sequential` cell.
//
//   function f(x) {/*<span*/ const $span = …; try {/*span>*/ return x + 1 /*<span*/} catch … finally …/*span>*/}
//   const g = (x) =>/*<span*/{const $span = …; try {return (/*span>*/ x + 1/*<span*/)} catch …}/*span>*/;
//
// What stands between the markers can be blanked: the rest is the user's function again. Async
// functions await what they return, so that the span lasts until the promise is settled; around each
// of their awaits the span says that it pauses, for others run meanwhile.

import type {
  AnyNode,
  ArrowFunctionExpression,
  ClassExpression,
  Function as FunctionNode,
  FunctionExpression,
  Program,
} from "acorn";
import type MagicString from "magic-string";
import {childrenOf, isClosure} from "../../cluster/shipping/scopes.js";
import {runtimeName, spanClose, spanOpen} from "../../cluster/shipping/thunk.js";
import {isRemote} from "./remote-names.js";

const measure = `${runtimeName}.spans`;

export class Spans {
  private readonly functions = new Map<FunctionNode, string>();
  private readonly span: string;
  private readonly error: string;

  /** Spans for what is named among these statements, the top level of `code`. */
  constructor(statements: Program["body"], code: string, remoteNames: ReadonlySet<string>) {
    this.span = unused("$span", code);
    this.error = unused("$error", code);
    for (const statement of statements) {
      if (statement.type === "FunctionDeclaration")
        this.functions.set(statement, statement.id.name);
      if (statement.type !== "VariableDeclaration") continue;
      for (const {id, init} of statement.declarations) {
        if (!init || id.type !== "Identifier") continue;
        if (isFunction(init)) this.functions.set(init, id.name);
        else {
          const methods = remoteMethods(init, id.name, remoteNames);
          for (const [method, name] of methods) this.functions.set(method, name);
        }
      }
    }
  }

  /** What stands first in the block of `fn`. */
  open(fn: FunctionNode): string {
    return this.functions.has(fn) ? `${spanOpen}${this.begin(fn)}try {${spanClose}` : "";
  }

  /**
   * The end of the span, and both ends of it around an arrow's expression. `declared` stands before the
   * expression, which it makes the `return` of a block.
   */
  finish(fn: FunctionNode, text: MagicString, declared: string): void {
    const isMeasured = this.functions.has(fn);
    const end = isMeasured ? this.end() : "";
    if (isMeasured && fn.async) this.awaits(fn.body as AnyNode, text);
    if (fn.body.type === "BlockStatement") {
      if (!isMeasured) return;
      if (fn.async && !fn.generator) this.awaitReturns(fn.body as AnyNode, text);
      return void text.appendLeft(fn.body.end - 1, `${spanOpen}${end}${spanClose}`);
    }
    if (!isMeasured && !declared) return;
    // From the arrow on, so that the parentheses of an object's literal are inside.
    const start = arrowEnd(fn as ArrowFunctionExpression, text.original);
    const open = fn.async && isMeasured ? "return await (" : "return (";
    if (declared) {
      text.appendLeft(start, ` {${declared} ${this.open(fn)}${open}`);
      text.appendLeft(fn.end, `); ${end && `${spanOpen}${end}${spanClose}`}}`);
    } else {
      text.appendLeft(start, `${spanOpen}{${this.begin(fn)}try {${open}${spanClose}`);
      text.appendLeft(fn.end, `${spanOpen});${end}}${spanClose}`);
    }
  }

  private end(): string {
    return (
      `} catch (${this.error}) {throw ${measure}.failed(${this.span}, ${this.error});} ` +
      `finally {if (${this.span}) ${measure}.exit(${this.span});}`
    );
  }

  private begin(fn: FunctionNode): string {
    const name = JSON.stringify(this.functions.get(fn));
    return `const ${this.span} = ${measure}.tracing ? ${measure}.enter(${name}) : 0; `;
  }

  /** While it awaits, its caller goes on. */
  private awaits(node: AnyNode, text: MagicString): void {
    if (isClosure(node)) return;
    for (const child of childrenOf(node)) this.awaits(child, text);
    if (node.type !== "AwaitExpression") return;
    const {start, end, argument} = node;
    text.prependRight(start, `${spanOpen}${measure}.resumed(${this.span}, ${spanClose}`);
    text.prependRight(argument.start, `${spanOpen}${measure}.paused(${this.span}, ${spanClose}`);
    text.appendLeft(end, `${spanOpen}))${spanClose}`);
  }

  /** A `return` inside the user's own `try` stays: its `catch` must not see more than before. */
  private awaitReturns(node: AnyNode, text: MagicString): void {
    if (isClosure(node) || node.type === "TryStatement") return;
    if (node.type === "ReturnStatement" && node.argument) {
      if (node.argument.type === "AwaitExpression") return;
      text.prependRight(node.argument.start, `${spanOpen}await (${spanClose}`);
      text.appendLeft(node.argument.end, `${spanOpen})${spanClose}`);
      return;
    }
    for (const child of childrenOf(node)) this.awaitReturns(child, text);
  }
}

/**
 * The methods in `const Counter = remote(class {…})`, under the names that their remote calls have. Those of other
 * classes are not measured: they are often tiny, and called by the million.
 */
function remoteMethods(
  init: AnyNode,
  variable: string,
  remoteNames: ReadonlySet<string>,
): [FunctionNode, string][] {
  if (init.type !== "CallExpression" || !isRemote(init.callee as AnyNode, remoteNames)) return [];
  const cls = init.arguments.find(({type}) => type === "ClassExpression") as
    ClassExpression | undefined;
  if (!cls) return [];
  const name = cls.id?.name ?? variable;
  return cls.body.body.flatMap((member): [FunctionNode, string][] => {
    const isMethod = member.type === "MethodDefinition" && member.kind === "method";
    if (!isMethod && member.type !== "PropertyDefinition") return [];
    const {key, value} = member;
    if (member.static || member.computed || key.type !== "Identifier") return [];
    return value && isFunction(value) ? [[value, `${name}.${key.name}`]] : [];
  });
}

function isFunction(node: AnyNode): node is ArrowFunctionExpression | FunctionExpression {
  return node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression";
}

function unused(name: string, code: string): string {
  let candidate = name;
  for (let number = 2; code.includes(candidate); number += 1) candidate = `${name}${number}`;
  return candidate;
}

/** The offset after `=>`. Between the parameters and the body stand only comments besides. */
function arrowEnd(arrow: ArrowFunctionExpression, code: string): number {
  const after = arrow.params.at(-1)?.end ?? arrow.start;
  const head = code.slice(after, arrow.body.start);
  const blanked = head.replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, (comment) =>
    " ".repeat(comment.length),
  );
  return after + blanked.lastIndexOf("=>") + 2;
}
