// The text of the declarations that earlier cells have left.

import type * as TypeScript from "typescript";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";

/**
 * Returns the text of the statements that tslab has kept of earlier declarations. A statement that
 * is whole keeps its own text; one from which tslab took names out is printed anew.
 */
export function printDeclarations(
  file: TypeScript.SourceFile,
  printer: TypeScript.Printer,
): string {
  const ts = typescript();
  return file.statements
    .map((statement) =>
      isWhole(statement, file)
        ? `${file.text.slice(statement.pos, statement.end).trim()}\n`
        : `${printer.printNode(ts.EmitHint.Unspecified, statement, file)}\n`,
    )
    .join("");
}

function isWhole(statement: TypeScript.Statement, file: TypeScript.SourceFile): boolean {
  const ts = typescript();
  if (ts.isImportDeclaration(statement)) return false;
  if (!ts.isVariableStatement(statement)) return true;
  const {declarationList} = statement;
  const [only] = declarationList.declarations;
  if (!only || declarationList.declarations.length > 1) return false;
  const keyword = file.text.slice(declarationList.getStart(file), only.getStart(file));
  return /^(const|let|var)\s+$/.test(keyword) && only.end === declarationList.end;
}
