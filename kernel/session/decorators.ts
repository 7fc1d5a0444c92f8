// `@remote` above a function or class, and `%%remote` above a cell, as calls of `remote`:
//
//     @remote({numCpus: 2})
//     function multiply(size: number): Matrix { … }
//
//     const multiply = __tasklab.remote(({numCpus: 2}) satisfies … as any,
//     {multiply: function (size: number): Matrix { … }}.multiply);
//
// The object gives the function its name at run time.
//
// TypeScript has decorators on classes only, and none that change a type. This is done before the
// converter sees the cell. The function has no name inside itself, so that recursion through
// `fib.remote(n - 1)` finds the remote one.

import type * as TypeScript from "typescript";
import {runtimeName} from "../../cluster/shipping/thunk.js";
import {typescript} from "./converter.js";
import type {Edit} from "./positions.js";

/** Checked by themselves, options have one type, not one for each overload: good completion and errors. */
const checkedOptions = `) satisfies import("tasklab").RemoteOptions as any, `;

type Declaration = (TypeScript.FunctionDeclaration | TypeScript.ClassDeclaration) & {
  name: TypeScript.Identifier;
};

/** Edits for each `@remote`; with `remoteOptions` for every other top-level declaration as well. */
export function remoteEdits(file: TypeScript.SourceFile, remoteOptions?: string): Edit[] {
  const ts = typescript();
  const edits: Edit[] = [];
  const overloaded = new Set(
    file.statements.flatMap((statement) =>
      ts.isFunctionDeclaration(statement) && !statement.body && statement.name
        ? [statement.name.text]
        : [],
    ),
  );
  const visit = (node: TypeScript.Node): void => {
    if (isDeclaration(node)) {
      const decorator = findRemote(node);
      if (decorator) edits.push(edit(file, node, decorator, undefined));
      else if (
        remoteOptions !== undefined &&
        node.parent === file &&
        !isAmbient(node) &&
        !overloaded.has(node.name.text)
      )
        edits.push(edit(file, node, undefined, remoteOptions));
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return edits;
}

function isDeclaration(node: TypeScript.Node): node is Declaration {
  const ts = typescript();
  if (ts.isFunctionDeclaration(node)) return node.name !== undefined && node.body !== undefined;
  return ts.isClassDeclaration(node) && node.name !== undefined;
}

function isAmbient(node: Declaration): boolean {
  const ts = typescript();
  return node.modifiers?.some(({kind}) => kind === ts.SyntaxKind.DeclareKeyword) ?? false;
}

function findRemote(node: Declaration): TypeScript.Decorator | undefined {
  const ts = typescript();
  return node.modifiers?.find((modifier): modifier is TypeScript.Decorator => {
    if (!ts.isDecorator(modifier)) return false;
    const {expression} = modifier;
    const name = ts.isCallExpression(expression) ? expression.expression : expression;
    return ts.isIdentifier(name) && name.text === "remote";
  });
}

function edit(
  file: TypeScript.SourceFile,
  node: Declaration,
  decorator: TypeScript.Decorator | undefined,
  options: string | undefined,
): Edit {
  const ts = typescript();
  const start = node.getStart(file);
  const pieces: Edit["pieces"] = ["const ", {from: node.name.getStart(file), to: node.name.end}];
  pieces.push(` = ${runtimeName}.`);
  let at = start;
  if (decorator) {
    const {expression} = decorator;
    const call = ts.isCallExpression(expression) ? expression : undefined;
    const name = call ? call.expression : expression;
    pieces.push({from: name.getStart(file), to: name.end}, "(");
    if (call && call.arguments.length > 0) {
      if (call.arguments.length === 1) pieces.push("(");
      pieces.push({from: call.arguments.pos, to: call.arguments.at(-1)!.end});
      pieces.push(call.arguments.length === 1 ? checkedOptions : ",");
    }
    pieces.push(`{${node.name.text}: `);
    // Between the decorator and the function: line breaks and comments, other decorators.
    pieces.push(...without(file, node, {from: start, to: decorator.getStart(file)}));
    at = decorator.end;
  } else {
    pieces.push(
      `remote(${options === "" ? "" : `(${options}${checkedOptions}`}{${node.name.text}: `,
    );
  }
  pieces.push(...without(file, node, {from: at, to: node.name.getStart(file)}));
  pieces.push({from: node.name.end, to: node.end}, `}.${node.name.text});`);
  return {start, end: node.end, pieces};
}

/** The range without `export` and `default`, which an expression can't have. */
function without(
  file: TypeScript.SourceFile,
  node: Declaration,
  range: {from: number; to: number},
): {from: number; to: number}[] {
  const ts = typescript();
  const kept: {from: number; to: number}[] = [];
  let at = range.from;
  for (const modifier of node.modifiers ?? []) {
    const isExport =
      modifier.kind === ts.SyntaxKind.ExportKeyword ||
      modifier.kind === ts.SyntaxKind.DefaultKeyword;
    const from = modifier.getStart(file);
    if (!isExport || from < at || modifier.end > range.to) continue;
    kept.push({from: at, to: from});
    at = modifier.end;
  }
  kept.push({from: at, to: range.to});
  return kept;
}
