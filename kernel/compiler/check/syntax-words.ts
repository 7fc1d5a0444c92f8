// What the parser says of a cell that is no TypeScript: one line where the cell is JSX, or Python.

import type * as TypeScript from "typescript";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import {pythonHere} from "../../words/elsewhere.js";
import {parseCell} from "../rewrite/rewrite.js";

export interface SyntaxProblem {
  start?: number | undefined;
  length?: number | undefined;
  messageText: string | TypeScript.DiagnosticMessageChain;
  code: number;
}

/** TypeScript's number of JSX while it is off. */
const jsxIsOff = 17004;

/** The parser's own words, or the one line that says more. `isJsx`: was the cell parsed as TSX? */
export function syntaxProblems(
  found: readonly SyntaxProblem[],
  cell: string,
  isJsx: boolean,
): readonly SyntaxProblem[] {
  const [first] = found;
  if (!first) return found;
  const element = isJsx ? undefined : firstElement(cell);
  if (element) {
    const messageText =
      "JSX is off: `%tsconfig jsx=react-jsx` turns it on, for React, and `/** @jsxImportSource preact */` in a cell for others";
    return [{...element, messageText, code: jsxIsOff}];
  }
  const begin = cell.lastIndexOf("\n", (first.start ?? 0) - 1) + 1;
  const [line = ""] = cell.slice(begin).split("\n", 1);
  const python = pythonHere(line.trimEnd());
  return python === undefined
    ? found
    : [{...first, start: begin, length: line.length, messageText: python}];
}

/** Where JSX begins in a cell that can be parsed when it is taken for TSX. */
function firstElement(cell: string): {start: number; length: number} | undefined {
  if (!cell.includes("<")) return undefined;
  const ts = typescript();
  const file = parseCell(cell, true);
  if (file.parseDiagnostics.length > 0) return undefined;
  const find = (node: TypeScript.Node): TypeScript.Node | undefined =>
    ts.isJsxElement(node) || ts.isJsxSelfClosingElement(node) || ts.isJsxFragment(node)
      ? node
      : ts.forEachChild(node, find);
  const element = find(file);
  const start = element?.getStart(file) ?? 0;
  return element && {start, length: element.end - start};
}
