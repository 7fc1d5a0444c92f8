// Statements at the top level of a cell that may set up a package: what they call and set is told
// to `cluster/shipping/setup/replays.ts`, which has it repeated in workers.
//
//   Decimal.set({precision: 50})
//   ↓
//   __tasklab.statements.end("Cell In[3]:0",
//     (__tasklab.statements.begin("Cell In[3]:0", Decimal, {…}),
//     Decimal.set(...__tasklab.statements.args("Cell In[3]:0", [{precision: 50}]))))
//
// Only statements that begin with an imported name, and stand in no function: calls, also in a
// chain; assignments; `delete`; and what `Object.assign` and its kind are given.

import type {
  AnyNode,
  CallExpression,
  Expression,
  ExpressionStatement,
  MemberExpression,
  Program,
} from "acorn";
import type MagicString from "magic-string";
import {boundNames} from "../../../cluster/shipping/source/assignments.js";
import type {Site} from "../../../cluster/shipping/setup/replays.js";
import {runtimeName} from "../../../cluster/shipping/source/thunk.js";

/** Of a note, the statement is as long as a line. */
const maxText = 60;
const ofObject = new Set(["assign", "defineProperty", "defineProperties", "setPrototypeOf"]);
const ours = `${runtimeName}.statements`;

/** Names that this cell imports: also by `await import("…")` and `require("…")`. */
export function importedNames(program: Program): Set<string> {
  const names = new Set<string>();
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration" && statement.source.value !== "tasklab")
      for (const {local} of statement.specifiers) names.add(local.name);
    if (statement.type !== "VariableDeclaration") continue;
    for (const {id, init} of statement.declarations)
      if (init && isImport(init)) for (const name of boundNames(id as AnyNode)) names.add(name);
  }
  return names;
}

function isImport(init: Expression): boolean {
  if (init.type === "AwaitExpression") return init.argument.type === "ImportExpression";
  return (
    init.type === "CallExpression" &&
    init.callee.type === "Identifier" &&
    init.callee.name === "require"
  );
}

export function editSetUpStatements(
  program: Program,
  text: MagicString,
  source: string,
  names: ReadonlySet<string>,
): void {
  if (names.size === 0) return;
  let count = 0;
  for (const statement of program.body.flatMap(statementsIn)) {
    const found = statementOf(statement.expression, names);
    if (!found?.calls.every((call) => isPlain(call, text))) continue;
    const {expression} = statement;
    const {root, calls, site} = found;
    const id = JSON.stringify(`${source}:${count++}`);
    for (const call of calls)
      editArguments(call, text, id, calls.length > 0 && site.last === "object");
    const described: Site = {...site, source, text: shortened(text, expression)};
    text.prependRight(
      expression.start,
      `${ours}.end(${id}, (${ours}.begin(${id}, ${root}, ${JSON.stringify(described)}), `,
    );
    text.appendLeft(expression.end, "))");
  }
}

/** Statements that run once as the cell does, or for each element of a list. */
function statementsIn(node: AnyNode): ExpressionStatement[] {
  switch (node.type) {
    case "ExpressionStatement":
      return [node];
    case "BlockStatement":
      return node.body.flatMap(statementsIn);
    case "IfStatement":
      return [node.consequent, ...(node.alternate ? [node.alternate] : [])].flatMap(statementsIn);
    case "TryStatement":
      return [node.block, ...(node.finalizer ? [node.finalizer] : [])].flatMap(statementsIn);
    case "ForOfStatement":
      return statementsIn(node.body);
    default:
      return [];
  }
}

interface Found {
  root: string;
  /** Those whose arguments are kept, in the order in which they are called. */
  calls: CallExpression[];
  site: Pick<Site, "way" | "last" | "name">;
}

function statementOf(expression: AnyNode, names: ReadonlySet<string>): Found | undefined {
  switch (expression.type) {
    case "AwaitExpression":
      return expression.argument.type === "CallExpression"
        ? statementOf(expression.argument, names)
        : undefined;
    case "CallExpression": {
      const ofThat = objectCall(expression, names);
      if (ofThat) return ofThat;
      const chain = chainOf(expression.callee as AnyNode, names);
      if (!chain) return undefined;
      const {root, way, calls} = chain;
      return {root, calls: [...calls, expression], site: {way, last: "call"}};
    }
    case "AssignmentExpression":
      return memberOf(expression.left as AnyNode, names, "set");
    case "UnaryExpression":
      return expression.operator === "delete"
        ? memberOf(expression.argument, names, "delete")
        : undefined;
    default:
      return undefined;
  }
}

function memberOf(
  node: AnyNode,
  names: ReadonlySet<string>,
  last: "set" | "delete",
): Found | undefined {
  if (node.type !== "MemberExpression") return undefined;
  const name = keyOf(node);
  const chain = name === undefined ? undefined : chainOf(node.object as AnyNode, names);
  // What a call gives is no part of the package.
  if (!chain || chain.calls.length > 0) return undefined;
  return {root: chain.root, calls: [], site: {way: chain.way, last, name: name!}};
}

/** `Object.assign(axios.defaults, {…})`. */
function objectCall(call: CallExpression, names: ReadonlySet<string>): Found | undefined {
  const callee = call.callee as AnyNode;
  if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return undefined;
  const name = keyOf(callee);
  const [first] = call.arguments as AnyNode[];
  if (callee.object.name !== "Object" || !first || !ofObject.has(String(name))) return undefined;
  const chain = chainOf(first, names);
  if (!chain || chain.calls.length > 0) return undefined;
  return {root: chain.root, calls: [call], site: {way: chain.way, last: "object", name: name!}};
}

interface Chain {
  root: string;
  way: (PropertyKey | null)[];
  calls: CallExpression[];
}

function chainOf(node: AnyNode, names: ReadonlySet<string>): Chain | undefined {
  switch (node.type) {
    case "Identifier":
      return names.has(node.name) ? {root: node.name, way: [], calls: []} : undefined;
    case "MemberExpression": {
      const key = keyOf(node);
      const inner = key === undefined ? undefined : chainOf(node.object as AnyNode, names);
      return inner && {...inner, way: [...inner.way, key!]};
    }
    case "CallExpression": {
      if (node.optional) return undefined;
      const inner = chainOf(node.callee as AnyNode, names);
      return inner && {...inner, way: [...inner.way, null], calls: [...inner.calls, node]};
    }
    default:
      return undefined;
  }
}

/** Undefined when only running it tells. */
function keyOf({computed, property, optional}: MemberExpression): string | undefined {
  if (optional) return undefined;
  if (!computed) return property.type === "Identifier" ? property.name : undefined;
  return property.type === "Literal" ? String(property.value) : undefined;
}

/** `f(a, b)` → `f(...args(id, [a, b]))`; of Object's methods, all behind the first. */
function editArguments(
  call: CallExpression,
  text: MagicString,
  id: string,
  isBehindFirst: boolean,
): void {
  const args = isBehindFirst ? call.arguments.slice(1) : call.arguments;
  const open = `...${ours}.args(${id}, [`;
  const [first] = args;
  if (!first) return void (isBehindFirst || text.appendLeft(call.end - 1, `${open}])`));
  text.prependRight(first.start, open);
  text.appendLeft(args.at(-1)!.end, "])");
}

/** Nothing but the call's own brackets stands around its arguments. */
function isPlain({callee, arguments: args, end}: CallExpression, text: MagicString): boolean {
  const between = (from: number, to: number) =>
    text.original.slice(from, to).replace(/\/\*[^]*?\*\/|\/\/.*|\s/g, "");
  const [first] = args;
  if (!first) return between(callee.end, end) === "()";
  const isAlone = args.slice(1).every((arg, i) => between(args[i]!.end, arg.start) === ",");
  return (
    isAlone &&
    between(callee.end, first.start) === "(" &&
    /^,?\)$/.test(between(args.at(-1)!.end, end))
  );
}

function shortened(text: MagicString, {start, end}: Expression): string {
  const words = text.original.slice(start, end).replace(/\s+/g, " ");
  return words.length <= maxText ? words : `${words.slice(0, maxText - 1)}…`;
}
