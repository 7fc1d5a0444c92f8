// A cell exports nothing: what it declares belongs to the session. `export` is blanked, space for
// space; a re-export becomes an import for its effects.

import type * as TypeScript from "typescript";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import type {Edit} from "./positions.js";

export function exportEdits(file: TypeScript.SourceFile): Edit[] {
  return file.statements.flatMap((statement) => editsOf(file, statement));
}

function editsOf(file: TypeScript.SourceFile, statement: TypeScript.Statement): Edit[] {
  const ts = typescript();
  const start = statement.getStart(file);
  if (ts.isExportDeclaration(statement)) {
    const module = statement.moduleSpecifier;
    if (!module || statement.isTypeOnly) return [blank(file, start, statement.end)];
    const from = module.getStart(file);
    return [{start, end: from, pieces: ["import "]}];
  }
  if (ts.isExportAssignment(statement) && !statement.isExportEquals) {
    return [blank(file, start, statement.expression.getStart(file))];
  }
  if (!ts.canHaveModifiers(statement)) return [];
  const exporting = (statement.modifiers ?? []).filter(
    ({kind}) => kind === ts.SyntaxKind.ExportKeyword || kind === ts.SyntaxKind.DefaultKeyword,
  );
  const edits = exporting.map((modifier) => blank(file, modifier.getStart(file), modifier.end));
  const isAnonymous =
    (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && !statement.name;
  if (edits.length > 0 && isAnonymous) {
    const from = exporting.at(-1)!.end;
    return [{start, end: statement.end, pieces: ["(", {from, to: statement.end}, ");"]}];
  }
  return edits;
}

/** Spaces for all but line breaks. */
function blank(file: TypeScript.SourceFile, start: number, end: number): Edit {
  return {start, end, pieces: [file.text.slice(start, end).replace(/[^\n\r]/g, " ")]};
}
