// Spans: which plain calls a `%%sequential` cell measures. They are those of functions that stand
// at the top level of cells, and of methods of remote classes.
//
//   function f(x) {
//     /*<span*/if (__tasklabCall_1a2b) return __tasklabCall_1a2b(x);/*span>*/ return x + 1}
//   const g = (x) =>/*<span*/__tasklabCall_3c4d ? __tasklabCall_3c4d(x) : /*span>*/ x + 1;
//
// The global is undefined, and a constant to V8, which leaves the test out, until a cell is
// measured: then it is a measured copy of the function (`cluster/shipping/functions/measured.ts`).
// A function goes on being the same object, so that a value which was kept before the run is
// measured as well. A `try` in the function itself would cost up to four times as much in tiny
// ones, even where V8 knows the flag.
//
// The code between the markers can be blanked: the rest is the user's function again.

import {createHash} from "node:crypto";
import type {
  AnyNode,
  ArrowFunctionExpression,
  ClassExpression,
  Function as FunctionNode,
  FunctionExpression,
  Program,
} from "acorn";
import type MagicString from "magic-string";
import {assignedBy, boundNames} from "../../../cluster/shipping/source/assignments.js";
import {
  childrenOf,
  isClass,
  isClosure,
  type Closure,
} from "../../../cluster/shipping/source/scopes.js";
import {callName, spanClose, spanOpen} from "../../../cluster/shipping/source/thunk.js";
import {isRemote} from "../rewrite/remote-names.js";

export class Spans {
  readonly #calls = new Map<FunctionNode, string>();
  readonly #methods = new Map<ClassExpression, string[]>();

  /** Spans for what is named among these statements, the top level of `code`. */
  constructor(statements: Program["body"], code: string, remoteNames: ReadonlySet<string>) {
    for (const statement of statements) {
      if (statement.type === "FunctionDeclaration") this.#add(statement, statement.id.name, code);
      if (statement.type !== "VariableDeclaration") continue;
      for (const {id, init} of statement.declarations) {
        if (!init || id.type !== "Identifier") continue;
        if (isFunction(init)) this.#add(init, id.name, code);
        else {
          const cls = remoteClass(init, remoteNames);
          if (cls) this.#methods.set(cls, methodsOf(cls));
        }
      }
    }
  }

  /** What `__tasklab.fn` is told of a closure whose calls can be measured, as its last argument. */
  argument(closure: Closure): string {
    const names = isClass(closure) ? this.#methods.get(closure as ClassExpression) : undefined;
    const call = isClass(closure) ? undefined : this.#calls.get(closure);
    return call ? `, "${call}"` : names && names.length > 0 ? `, ${JSON.stringify(names)}` : "";
  }

  /** The statement that stands first in the block of `fn`. */
  open(fn: FunctionNode): string {
    const call = this.#calls.get(fn);
    if (call === undefined) return "";
    return `${spanOpen}if (${call}) return ${callOf(call, fn)};${spanClose}`;
  }

  /**
   * Edits an arrow's expression. `declared` stands before it, and makes it the `return` of a block.
   */
  finish(fn: FunctionNode, text: MagicString, declared: string): void {
    const call = this.#calls.get(fn);
    if (fn.body.type === "BlockStatement" || (call === undefined && !declared)) return;
    // From the arrow on, so that the parentheses of an object's literal are inside.
    const start = arrowEnd(fn as ArrowFunctionExpression, text.original);
    if (declared) {
      text.appendLeft(start, ` {${declared} ${this.open(fn)}return (`);
      text.appendLeft(fn.end, "); }");
    } else text.appendLeft(start, `${spanOpen}${call} ? ${callOf(call!, fn)} : ${spanClose}`);
  }

  #add(fn: FunctionNode, name: string, code: string): void {
    const {newTarget} = usesOf(fn);
    // It can't be called in the place of a constructor that asks who is made.
    if (newTarget || !canPass(fn)) return;
    const text = name + code.slice(fn.start, fn.end);
    this.#calls.set(
      fn,
      callName(createHash("sha1").update(text).digest("hex").slice(0, keyLength)),
    );
  }
}

/** Digits of a hash: functions of the same text share a measured copy, as they do the same. */
const keyLength = 12;

/** The call of the measured copy, which takes the names that the parameters bind (measured.ts). */
function callOf(call: string, fn: FunctionNode): string {
  const uses = usesOf(fn);
  // Awaited, so that an error's stack shows who awaits. The first `await` of a function has its
  // price.
  const word = fn.generator ? "yield* " : uses.await ? "await " : "";
  if (uses.arguments) return `${word}${call}.apply(this, arguments)`;
  const names = fn.params.flatMap((param) => boundNames(param as AnyNode));
  const passed = uses.this ? `.call(${["this", ...names].join(", ")})` : `(${names.join(", ")})`;
  return `${word}${call}${passed}`;
}

/**
 * Can the copy take what the parameters bind? Not when they bind nothing, nor when a function among
 * them shares a variable with the body.
 */
function canPass(fn: FunctionNode): boolean {
  const params = fn.params as AnyNode[];
  if (params.every(({type}) => type === "Identifier")) return true;
  const names = params.flatMap(boundNames);
  if (!params.some(holdsClosure)) return names.length > 0;
  const assigns = (node: AnyNode): boolean =>
    assignedBy(node).some((name) => names.includes(name)) || childrenOf(node).some(assigns);
  return names.length > 0 && !assigns(fn as AnyNode);
}

interface Uses {
  this: boolean;
  arguments: boolean;
  newTarget: boolean;
  await: boolean;
}

/** What the function itself, and not a function in it, uses of its call. */
function usesOf(fn: FunctionNode): Uses {
  const uses = {this: false, arguments: false, newTarget: false, await: false};
  const hasOwn = fn.type !== "ArrowFunctionExpression";
  const visit = (node: AnyNode, isInArrow: boolean): void => {
    if (node.type === "AwaitExpression") uses.await ||= !isInArrow;
    else if (node.type === "ThisExpression") uses.this = hasOwn;
    else if (node.type === "MetaProperty") uses.newTarget ||= hasOwn && node.meta.name === "new";
    else if (node.type === "Identifier") uses.arguments ||= hasOwn && node.name === "arguments";
    const isArrow = node.type === "ArrowFunctionExpression";
    if (isClosure(node) && !isClass(node) && !isArrow) return;
    for (const child of childrenOf(node)) visit(child, isInArrow || isArrow);
  };
  for (const child of childrenOf(fn as AnyNode)) visit(child, false);
  return uses;
}

function holdsClosure(node: AnyNode): boolean {
  return isClosure(node) || childrenOf(node).some(holdsClosure);
}

/** The class in `const Counter = remote(class {…})`. */
function remoteClass(init: AnyNode, remoteNames: ReadonlySet<string>): ClassExpression | undefined {
  if (init.type !== "CallExpression" || !isRemote(init.callee as AnyNode, remoteNames))
    return undefined;
  return init.arguments.find(({type}) => type === "ClassExpression") as ClassExpression | undefined;
}

/** Methods, and fields with a function. */
function methodsOf(cls: ClassExpression): string[] {
  return cls.body.body.flatMap((member): string[] => {
    const isMethod = member.type === "MethodDefinition" && member.kind === "method";
    if (!isMethod && member.type !== "PropertyDefinition") return [];
    const {key, value} = member;
    if (member.static || member.computed || key.type !== "Identifier") return [];
    return value && isFunction(value) ? [key.name] : [];
  });
}

function isFunction(node: AnyNode): node is ArrowFunctionExpression | FunctionExpression {
  return node.type === "ArrowFunctionExpression" || node.type === "FunctionExpression";
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
