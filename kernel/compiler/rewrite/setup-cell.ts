// `%%setup`: the cell's statements become a function that sets up workers. Its imports stay in
// front: they are the session's, and the function has them as any function of a cell has.

import type * as TypeScript from "typescript";
import {runtimeName} from "../../../cluster/shipping/source/thunk.js";
import type {SetupOfCell} from "../../threads.js";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import type {Edit} from "./positions.js";

export function setupEdits(file: TypeScript.SourceFile, {name}: SetupOfCell): Edit[] {
  const options = name === undefined ? "{}" : JSON.stringify({name});
  const [open, close] = [`${runtimeName}.setup(async () => {`, `\n}, ${options});`];
  const outside = file.statements.filter(staysOutside);
  const inside = file.statements.filter((statement) => !staysOutside(statement));
  const first = inside[0];
  if (!first) {
    const {end} = file;
    return [{start: end, end, pieces: [`\n${open}${close}`]}];
  }
  const start = first.getStart(file);
  const {end} = inside.at(-1)!;
  const late = outside.filter((statement) => statement.pos >= start && statement.end <= end);
  const moved = late.flatMap((statement) => [
    {from: statement.getStart(file), to: statement.end},
    "; ",
  ]);
  return [
    {start, end, pieces: [...moved, open, {from: start, to: end}, close]},
    ...late.map((statement) => ({
      ...{start: statement.getStart(file), end: statement.end},
      pieces: [],
    })),
  ];
}

/** Imports, and `declare global`, can't stand in a function. */
function staysOutside(statement: TypeScript.Statement): boolean {
  const ts = typescript();
  return (
    ts.isImportDeclaration(statement) ||
    ts.isImportEqualsDeclaration(statement) ||
    ts.isModuleDeclaration(statement)
  );
}
