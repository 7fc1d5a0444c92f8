// Loops at the top level of a cell run as fast as those of a module.
//
// V8 keeps a module's variable in a register while a loop runs; a session's variable lives in
// memory for later cells, and before V8 13 each number written to it is allocated (measured, Node
// 20: 9 times slower). So a loop in which nothing else can see the variables works on copies of
// them:
//
//   let total = 0;
//   for (let i = 0; i < n; i++) total += i;
//   ↓
//   { const save = (total1) => { total = total1; }; const n1 = n, total1 = total;
//     { let n = n1, total = total1;
//       try { __tasklabLoops++;
//         for (let i = 0; i < n; i++) {
//           if (__tasklabStop) __tasklabStop(save(total));
//           total += i; }
//       } finally { __tasklabLoops--; save(total); } } }
//
// "Nothing else": no call (but of Math's), no `await`, no function made in it, and no variable that
// any function of any cell uses, for a getter might. An interrupt cuts off `finally` as well;
// before it, the I/O thread sets `__tasklabStop` (stops.ts). Until then that is a constant to V8,
// and the test is free.

import type {AnyNode, Program} from "acorn";
import type MagicString from "magic-string";
import {assignedBy, boundNames} from "../../../cluster/shipping/source/assignments.js";
import {childrenOf, isClosure} from "../../../cluster/shipping/source/scopes.js";
import {runtimeName} from "../../../cluster/shipping/source/thunk.js";
import {putFirst} from "./put-first.js";
import {loopsName, stopName} from "../../session/stops.js";

export interface LoopOptions {
  /** Names of the session, those that this cell declares included. */
  names: ReadonlySet<string>;
  /** Names that a function or class uses, in any cell so far. */
  captured: ReadonlySet<string>;
}

/** Edits the loops, after everything else was. Were there any that an interrupt must be told of? */
export function editLoops(
  program: Program,
  text: MagicString,
  {names, captured}: LoopOptions,
): boolean {
  const inner = new Set<string>();
  for (const statement of program.body) addInnerNames(statement, inner);
  const isFree = (name: string) => names.has(name) && !captured.has(name) && !inner.has(name);
  let hasStops = false;
  const visit = (node: AnyNode): void => {
    if (isClosure(node)) return;
    const loop = loopOf(node);
    if (!loop) return childrenOf(node).forEach(visit);
    const used = new Uses();
    // Where a cell has a Math of its own, its methods may do anything.
    if (!used.collect(node) || names.has("Math")) return childrenOf(node).forEach(visit);
    const read = [...used.names].filter(isFree);
    const assigned = [...used.assigned].filter(isFree);
    if (assigned.length === 0) return;
    hasStops = true;
    edit(node, loop, text, read, assigned);
  };
  program.body.forEach(visit);
  return hasStops;
}

const save = `${runtimeName}Save`;

type Loop = Extract<AnyNode, {type: "ForStatement" | "WhileStatement" | "DoWhileStatement"}>;

/** The loop that the statement is, behind its labels. */
function loopOf(node: AnyNode): Loop | undefined {
  switch (node.type) {
    case "LabeledStatement":
      return loopOf(node.body);
    case "ForStatement":
    case "WhileStatement":
    case "DoWhileStatement":
      return node;
    default:
      return undefined;
  }
}

function edit(
  node: AnyNode,
  loop: Loop,
  text: MagicString,
  names: readonly string[],
  assigned: readonly string[],
): void {
  const copy = (name: string) => `${runtimeName}_${name}`;
  const saved = `${save}(${assigned.join(", ")})`;
  const stop = `if (${stopName}) ${stopName}(${saved});`;
  const writes = assigned.map((name) => `${name} = ${copy(name)};`).join(" ");
  text.prependRight(
    node.start,
    `{ const ${save} = (${assigned.map(copy).join(", ")}) => { ${writes} }; ` +
      `const ${names.map((name) => `${copy(name)} = ${name}`).join(", ")}; ` +
      `{ let ${names.map((name) => `${name} = ${copy(name)}`).join(", ")}; try { ${loopsName}++; `,
  );
  putFirst(loop.body, stop, text);
  // After the body's: both may end at one place.
  text.appendLeft(node.end, ` } finally { ${loopsName}--; ${saved}; } } }`);
}

/** Names that blocks bind inside of the top level: a use of one may be of either. */
function addInnerNames(node: AnyNode, inner: Set<string>, isTop = true): void {
  if (isClosure(node)) {
    if (!isTop && "id" in node && node.id) inner.add(node.id.name);
    return;
  }
  if (node.type === "VariableDeclaration" && node.kind !== "var" && !isTop)
    for (const {id} of node.declarations) boundNames(id).forEach((name) => inner.add(name));
  if (node.type === "CatchClause" && node.param)
    boundNames(node.param).forEach((name) => inner.add(name));
  for (const child of childrenOf(node)) addInnerNames(child, inner, false);
}

/** What a loop does with names, as long as no code but its own can run in it. */
class Uses {
  readonly names = new Set<string>();
  readonly assigned = new Set<string>();

  /** False when other code may run inside of the node. */
  collect(node: AnyNode): boolean {
    if (isClosure(node)) return false;
    switch (node.type) {
      case "Identifier":
        this.names.add(node.name);
        return true;
      case "MemberExpression":
        return this.collect(node.object) && (!node.computed || this.collect(node.property));
      case "Property":
        return (!node.computed || this.collect(node.key)) && this.collect(node.value);
      case "LabeledStatement":
        return this.collect(node.body);
      case "BreakStatement":
      case "ContinueStatement":
        return true;
      case "CallExpression":
        return isMath(node.callee) && node.arguments.every((each) => this.collect(each));
      case "NewExpression":
      case "TaggedTemplateExpression":
      case "ImportExpression":
      case "AwaitExpression":
      case "YieldExpression":
      case "ForOfStatement":
      case "ForInStatement":
      case "DebuggerStatement":
        return false;
      default:
        for (const name of assignedHere(node)) this.assigned.add(name);
        return childrenOf(node).every((child) => this.collect(child));
    }
  }
}

/** A `var` is a variable of the session, declared elsewhere: here it is only assigned. */
function assignedHere(node: AnyNode): string[] {
  return node.type === "VariableDeclaration" && node.kind === "var"
    ? node.declarations.flatMap(({id}) => boundNames(id))
    : assignedBy(node);
}

function isMath(callee: AnyNode): boolean {
  return (
    callee.type === "MemberExpression" &&
    !callee.computed &&
    callee.object.type === "Identifier" &&
    callee.object.name === "Math"
  );
}
