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
// `fib.remote(n - 1)` finds the remote one. A class keeps its own, and more is to be said of its
// type: `remote-classes.ts`.

import type * as TypeScript from "typescript";
import {runtimeName} from "../../../cluster/shipping/source/thunk.js";
import type {RemoteOptionsOfCell} from "../../threads.js";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import type {Edit} from "./positions.js";
import type {Pieces, RemoteDeclaration} from "./remote-declaration.js";
import {classForChecker, classToRun} from "./remote-classes.js";

/**
 * Checked by themselves, options have one type, not one for each overload: good completion and
 * errors.
 */
const checkedAs = (type: string) => `) satisfies import("tasklab").${type} as any, `;

/** Edits for each `@remote`; with `options` for every other top-level declaration as well. */
export function remoteEdits(
  file: TypeScript.SourceFile,
  {options, forChecker}: {options?: RemoteOptionsOfCell | undefined; forChecker?: number},
): Edit[] {
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
      // An expression has no overloads: TypeScript refuses the decorator, `remote-misuse.ts` says
      // why.
      const isWanted =
        !(node.parent === file && overloaded.has(node.name.text)) &&
        (decorator ?? (options && node.parent === file && !isAmbient(node)));
      if (isWanted) {
        const declaration = declarationOf(file, node, decorator, options);
        edits.push({
          start: node.getStart(file),
          end: node.end,
          pieces: piecesOf(declaration, file, forChecker),
        });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return edits;
}

function piecesOf(
  declaration: RemoteDeclaration,
  file: TypeScript.SourceFile,
  forChecker: number | undefined,
): Pieces {
  if (isOfClass(declaration))
    return forChecker === undefined
      ? classToRun(declaration)
      : classForChecker(declaration, file, forChecker);
  const {node, name, call, head, rest} = declaration;
  const key = node.name.text;
  return [
    ...["const ", name, ` = ${runtimeName}.`, ...call],
    ...[`{${key}: `, ...head, rest, `}.${key});`],
  ];
}

function isOfClass(
  declaration: RemoteDeclaration,
): declaration is RemoteDeclaration<TypeScript.ClassDeclaration> {
  return typescript().isClassDeclaration(declaration.node);
}

function isDeclaration(node: TypeScript.Node): node is RemoteDeclaration["node"] {
  const ts = typescript();
  if (ts.isFunctionDeclaration(node)) return node.name !== undefined && node.body !== undefined;
  return ts.isClassDeclaration(node) && node.name !== undefined;
}

function isAmbient(node: RemoteDeclaration["node"]): boolean {
  const ts = typescript();
  return node.modifiers?.some(({kind}) => kind === ts.SyntaxKind.DeclareKeyword) ?? false;
}

function findRemote(node: RemoteDeclaration["node"]): TypeScript.Decorator | undefined {
  const ts = typescript();
  return node.modifiers?.find((modifier): modifier is TypeScript.Decorator => {
    if (!ts.isDecorator(modifier)) return false;
    const {expression} = modifier;
    const name = ts.isCallExpression(expression) ? expression.expression : expression;
    return ts.isIdentifier(name) && name.text === "remote";
  });
}

function declarationOf(
  file: TypeScript.SourceFile,
  node: RemoteDeclaration["node"],
  decorator: TypeScript.Decorator | undefined,
  options: RemoteOptionsOfCell | undefined,
): RemoteDeclaration {
  const ts = typescript();
  const isClass = ts.isClassDeclaration(node);
  const checked = checkedAs(isClass ? "ActorClassOptions" : "RemoteOptions");
  const start = node.getStart(file);
  const nameStart = node.name.getStart(file);
  const call: Pieces = [];
  const head: Pieces = [];
  let at = start;
  if (decorator) {
    const {expression} = decorator;
    const {arguments: args = undefined} = ts.isCallExpression(expression) ? expression : {};
    const name = ts.isCallExpression(expression) ? expression.expression : expression;
    call.push({from: name.getStart(file), to: name.end}, "(");
    if (args && args.length > 0) {
      if (args.length === 1) call.push("(");
      call.push({from: args.pos, to: args.at(-1)!.end});
      call.push(args.length === 1 ? checked : ",");
    }
    // Between the decorator and the function: line breaks and comments, other decorators.
    head.push(...without(file, node, {from: start, to: decorator.getStart(file)}));
    at = decorator.end;
  } else {
    const given = isClass ? options!.classes : options!.functions;
    call.push(`remote(${given === "" ? "" : `(${given}${checked}`}`);
  }
  head.push(...without(file, node, {from: at, to: nameStart}));
  return {
    node,
    name: {from: nameStart, to: node.name.end},
    call,
    head,
    rest: {from: node.name.end, to: node.end},
  };
}

/** The range without what an expression can't have: `export`, `default` and `abstract`. */
function without(
  file: TypeScript.SourceFile,
  node: RemoteDeclaration["node"],
  range: {from: number; to: number},
): {from: number; to: number}[] {
  const {ExportKeyword, DefaultKeyword, AbstractKeyword} = typescript().SyntaxKind;
  const words: TypeScript.SyntaxKind[] = [ExportKeyword, DefaultKeyword, AbstractKeyword];
  const kept: {from: number; to: number}[] = [];
  let at = range.from;
  for (const modifier of node.modifiers ?? []) {
    const from = modifier.getStart(file);
    if (!words.includes(modifier.kind) || from < at || modifier.end > range.to) continue;
    kept.push({from: at, to: from});
    at = modifier.end;
  }
  kept.push({from: at, to: range.to});
  return kept;
}
