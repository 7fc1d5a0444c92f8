// What cells have declared, as it was written: help with all details shows it. Cells are kept whole
// and looked into only when somebody asks.

import type * as TypeScript from "typescript";
import {typescript} from "../../cluster/shipping/modules/typescript.js";
import {parseCell} from "./rewrite/rewrite.js";

export interface Written {
  text: string;
  /** The cell it stands in: `In[3]`. */
  executionCount: number;
}

export class WrittenDeclarations {
  readonly #cells = new Map<string, {cell: string; executionCount: number}>();

  add(names: readonly string[], cell: string, executionCount: number): void {
    for (const name of names) this.#cells.set(name, {cell, executionCount});
  }

  /** The statement that declares the name, with the comment and the decorators above it. */
  find(name: string): Written | null {
    const found = this.#cells.get(name);
    if (!found) return null;
    const file = parseCell(found.cell);
    // All of them: a function may have overloads, an interface several parts.
    const texts = file.statements
      .filter((statement) => declares(statement, name))
      .map((statement) => found.cell.slice(statement.getStart(file, true), statement.end));
    if (texts.length === 0) return null;
    return {text: texts.join("\n"), executionCount: found.executionCount};
  }
}

function declares(node: TypeScript.Node, name: string): boolean {
  const ts = typescript();
  if (ts.isVariableStatement(node))
    return node.declarationList.declarations.some((each) => binds(each.name, name));
  if (ts.isImportDeclaration(node)) return false;
  const {name: own} = node as TypeScript.Node & {name?: TypeScript.Node};
  return own !== undefined && ts.isIdentifier(own) && own.text === name;
}

function binds(pattern: TypeScript.BindingName, name: string): boolean {
  const ts = typescript();
  if (ts.isIdentifier(pattern)) return pattern.text === name;
  return pattern.elements.some((each) => !ts.isOmittedExpression(each) && binds(each.name, name));
}
