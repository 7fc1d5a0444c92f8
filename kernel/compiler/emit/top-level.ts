// The top level of a cell for V8's REPL mode. That mode declares a name again only as the same kind
// (`function f` then `const f` is a SyntaxError), so every declaration becomes a `let`:
//
//   function f() {}              let f = __tasklab.fn(function () {}, …);    moved to the front
//   class A {}                   let A = class A {};
//   const {a, b} = o             let {a, b} = o
//   if (x) { var v = 1 }         let v;                                      at the front
//                                if (x) { (v = 1) }
//   import fs, {sep} from "fs"   let {default: fs, sep} = await __tasklab.import("fs");   moved
//   import {a} from "package"    let {a} = await __tasklab.import("package", undefined, ["a"]);
//   1 + 1                        __tasklab.last = (1 + 1)                    the last statement

import {isBuiltin} from "node:module";
import type {
  AnyNode,
  ExpressionStatement,
  ImportDeclaration,
  Program,
  Statement,
  VariableDeclaration,
} from "acorn";
import type MagicString from "magic-string";
import {boundNames} from "../../../cluster/shipping/source/assignments.js";
import {packageName} from "../../../cluster/shipping/modules/packages.js";
import {childrenOf, isClosure} from "../../../cluster/shipping/source/scopes.js";
import {runtimeName} from "../../../cluster/shipping/source/thunk.js";
import {naming, type Thunks} from "./thunks.js";

export interface TopLevelOptions {
  /** Where hoisted declarations go. */
  front: number;
  /** Imported names that are types only: there is nothing to import at run time. */
  typeNames: ReadonlySet<string>;
  /** Does the cell end in an expression, whose value is shown? */
  hasValue: boolean;
  /** `Cell In[3]`. */
  source: string;
}

/** Edits the top level, after the thunks of everything inside it were put in. */
export function editTopLevel(
  program: Program,
  text: MagicString,
  thunks: Thunks,
  {front, typeNames, hasValue, source}: TopLevelOptions,
): void {
  const declared = new Set<string>();
  const variables = new Set<string>();
  const imports: ImportDeclaration[] = [];
  for (const statement of program.body) {
    switch (statement.type) {
      case "FunctionDeclaration": {
        const {id, start, end} = statement;
        declared.add(id.name);
        text.remove(id.start, id.end);
        const [before, after] = naming(id.name);
        text.prependRight(start, ` let ${id.name} = ${runtimeName}.fn(${before}`);
        text.appendLeft(end, `${after}${thunks.rest(statement, id.name)};`);
        text.move(start, end, front);
        break;
      }
      case "ClassDeclaration":
        declared.add(statement.id.name);
        text.prependRight(statement.start, `let ${statement.id.name} = `);
        text.appendLeft(statement.end, ";");
        break;
      case "VariableDeclaration":
        if (statement.kind === "var" && isHelper(statement)) {
          text.update(statement.start, statement.start + 3, " let");
          text.move(statement.start, statement.end, front);
        } else if (statement.kind === "const") {
          text.update(statement.start, statement.start + 5, "let");
        } else if (statement.kind === "var") assignVariables(statement, text, variables, false);
        break;
      case "ImportDeclaration":
        imports.push(statement);
        break;
      case "ExportNamedDeclaration":
        text.remove(statement.start, statement.end);
        break;
      default:
        hoistVariables(statement, text, variables);
    }
  }
  for (const statement of imports) {
    const words = isForEffect(statement, text)
      ? effectText(statement, imports, source)
      : importText(statement, typeNames);
    text.update(statement.start, statement.end, words);
    text.move(statement.start, statement.end, front);
  }
  const hoisted = [...variables].filter((name) => !declared.has(name));
  if (hoisted.length > 0) text.appendLeft(front, ` let ${hoisted.join(", ")};`);
  if (hasValue) keepValue(program.body, text);
}

/** TypeScript's own helpers: `var __esDecorate = (this && this.__esDecorate) || function …`. */
export function isHelper({declarations}: VariableDeclaration): boolean {
  return declarations.every(
    ({id, init}) =>
      id.type === "Identifier" &&
      id.name.startsWith("__") &&
      init?.type === "LogicalExpression" &&
      init.left.type === "LogicalExpression" &&
      init.left.left.type === "ThisExpression",
  );
}

function hoistVariables(node: AnyNode, text: MagicString, variables: Set<string>): void {
  if (isClosure(node)) return;
  if (node.type === "VariableDeclaration" && node.kind === "var") {
    return assignVariables(node, text, variables, false);
  }
  if (
    node.type === "ForStatement" ||
    node.type === "ForInStatement" ||
    node.type === "ForOfStatement"
  ) {
    const head = node.type === "ForStatement" ? node.init : node.left;
    if (head?.type === "VariableDeclaration" && head.kind === "var") {
      assignVariables(head, text, variables, true);
      for (const child of childrenOf(node)) {
        if (child !== head) hoistVariables(child, text, variables);
      }
      return;
    }
  }
  for (const child of childrenOf(node)) hoistVariables(child, text, variables);
}

/** `var a = 1, b` → `(a = 1, b);`, or without the parentheses in the head of a loop. */
function assignVariables(
  node: VariableDeclaration,
  text: MagicString,
  variables: Set<string>,
  isHead: boolean,
): void {
  for (const {id} of node.declarations) for (const name of boundNames(id)) variables.add(name);
  const first = node.declarations[0]!;
  if (!isHead && node.declarations.every(({init}) => !init))
    return void text.remove(node.start, node.end);
  text.remove(node.start, first.start);
  if (isHead) return;
  text.prependRight(first.start, "(");
  text.appendLeft(node.declarations.at(-1)!.end, ")");
}

/** `import "x"`; a list of names that is empty may have had types. */
function isForEffect({start, specifiers, source}: ImportDeclaration, text: MagicString): boolean {
  const hasNames = specifiers.length > 0 || text.original.slice(start, source.start).includes("{");
  return !hasNames && !isBuiltin(String(source.value));
}

/** The import, which tasks do as well that have to do with this cell, or with what it imports. */
function effectText(
  node: ImportDeclaration,
  imports: readonly ImportDeclaration[],
  source: string,
): string {
  const others = imports.filter((each) => each !== node).map((each) => String(each.source.value));
  const beside = [...new Set(others)].filter((each) => each !== "tasklab" && !isBuiltin(each));
  const module = importText(node, new Set()).trim().replace(/;$/, "");
  return ` ${runtimeName}.effect(${JSON.stringify(source)}, ${module}, ${JSON.stringify(beside)});`;
}

function importText(node: ImportDeclaration, typeNames: ReadonlySet<string>): string {
  const specifiers = node.specifiers.filter(({local}) => !typeNames.has(local.name));
  if (node.specifiers.length > 0 && specifiers.length === 0) return "";
  const attributes = node.attributes.map(({key, value}) => {
    const name = key.type === "Identifier" ? key.name : JSON.stringify(key.value);
    return `${name}: ${JSON.stringify(value.value)}`;
  });
  const options = attributes.length > 0 ? `, {with: {${attributes.join(", ")}}}` : "";
  const specifier = String(node.source.value);
  const wanted =
    packageName(specifier) === undefined || specifier === "tasklab"
      ? []
      : importedNames(specifiers);
  const names =
    wanted.length > 0 ? `${options || ", undefined"}, ${JSON.stringify(wanted)}` : options;
  const module = `await ${runtimeName}.import(${JSON.stringify(specifier)}${names})`;
  const named: string[] = [];
  let namespace: string | undefined;
  for (const specifier of specifiers) {
    const local = specifier.local.name;
    if (specifier.type === "ImportNamespaceSpecifier") namespace = local;
    else if (specifier.type === "ImportDefaultSpecifier") named.push(`default: ${local}`);
    else {
      const {imported} = specifier;
      const name = imported.type === "Identifier" ? imported.name : JSON.stringify(imported.value);
      named.push(name === local ? local : `${name}: ${local}`);
    }
  }
  if (namespace === undefined)
    return named.length > 0 ? ` let {${named.join(", ")}} = ${module};` : ` ${module};`;
  return ` let ${namespace} = ${module};${named.length > 0 ? ` let {${named.join(", ")}} = ${namespace};` : ""}`;
}

/** What must be there. */
function importedNames(specifiers: ImportDeclaration["specifiers"]): string[] {
  return specifiers.flatMap((each) => {
    if (each.type === "ImportDefaultSpecifier") return "default";
    if (each.type === "ImportNamespaceSpecifier") return [];
    const {imported} = each;
    return imported.type === "Identifier" ? imported.name : String(imported.value);
  });
}

/**
 * The value of the last statement; `using` at the top level has put all statements into a `try`.
 */
function keepValue(statements: readonly (Statement | AnyNode)[], text: MagicString): void {
  const last = statements.findLast(
    ({type}) => type !== "ExportNamedDeclaration" && type !== "EmptyStatement",
  );
  if (last?.type === "TryStatement") return keepValue(last.block.body, text);
  if (last?.type !== "ExpressionStatement") return;
  const {expression} = last as ExpressionStatement;
  text.prependRight(expression.start, `${runtimeName}.last = (`);
  text.appendLeft(expression.end, ")");
}
