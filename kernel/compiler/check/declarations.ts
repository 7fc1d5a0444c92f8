// Declarations from cell to cell. tslab's converter makes them; this mends what it leaves out:
// namespaces and the like of earlier cells, and names whose types can't be written down.

import type * as TypeScript from "typescript";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import type {NotebookConverter} from "./converter.js";
import {withoutReplacedClasses} from "../rewrite/remote-classes.js";

/**
 * The declarations after a cell: its own, and those of before that it does not replace. `declared`:
 * the names that it binds; `converted`: what tslab has made of it.
 */
export function carryOver(
  notebook: NotebookConverter,
  before: string,
  cell: string,
  declared: readonly string[],
  converted: string | undefined,
): string {
  // First, while the checker still knows the cell: a further conversion replaces it.
  const inBlocks = variablesInBlocks(notebook);
  let after = converted ?? "";
  if (after.startsWith("undefined")) after = withoutUnspeakable(notebook, before, cell, declared);
  return withoutReplacedClasses(
    after + inBlocks + lostStatements(before, after, new Set(declared)),
  );
}

/**
 * `if (x) { var v }` belongs to the session, but declarations are made of top-level statements
 * only.
 */
function variablesInBlocks({checked}: NotebookConverter): string {
  const ts = typescript();
  const {program, file} = checked() as {
    program: TypeScript.Program;
    file: TypeScript.SourceFile & {locals?: Map<string, TypeScript.Symbol>};
  };
  const checker = program.getTypeChecker();
  let declarations = "";
  for (const [name, symbol] of file.locals ?? []) {
    const {valueDeclaration} = symbol;
    if (!valueDeclaration || !(symbol.flags & ts.SymbolFlags.FunctionScopedVariable)) continue;
    const statement = ts.findAncestor(valueDeclaration, (node) => node.parent === file);
    if (!statement || ts.isVariableStatement(statement)) continue;
    const type = checker.getTypeOfSymbolAtLocation(symbol, valueDeclaration);
    const text = checker.typeToString(type, file, ts.TypeFormatFlags.NoTruncation);
    declarations += `declare let ${name}: ${text};\n`;
  }
  return declarations;
}

/**
 * tslab drops every namespace, `declare global` and `import x = require("…")` that is older than
 * one cell.
 */
function lostStatements(before: string, after: string, declared: ReadonlySet<string>): string {
  const ts = typescript();
  if (!/\b(namespace|module|global|require)\b/.test(before)) return "";
  const file = ts.createSourceFile("before.d.ts", before, ts.ScriptTarget.ES2023);
  let lost = "";
  for (const statement of file.statements) {
    if (!ts.isModuleDeclaration(statement) && !ts.isImportEqualsDeclaration(statement)) continue;
    if (!ts.isIdentifier(statement.name)) continue;
    const text = before.slice(statement.pos, statement.end).trim();
    if (!declared.has(statement.name.text) && !after.includes(text)) lost += `${text}\n`;
  }
  return lost;
}

/**
 * Some types have no name to write down (an anonymous class with a private member): TypeScript then
 * makes no declarations at all. The statements in question are declared as `any`.
 */
function withoutUnspeakable(
  {convert, checked}: NotebookConverter,
  before: string,
  cell: string,
  declared: readonly string[],
): string {
  const ts = typescript();
  const {program, file} = checked();
  const offset = file.text.indexOf(cell);
  const starts = program.getDeclarationDiagnostics(file).map(({start = 0}) => start);
  let text = cell;
  for (const statement of file.statements.toReversed()) {
    if (!starts.some((start) => statement.pos <= start && start < statement.end)) continue;
    const names = namesOf(ts, statement);
    if (names.length === 0) continue;
    const declarations = names.map((name) => `let ${name}: any;`).join(" ");
    text =
      text.slice(0, statement.getStart(file) - offset) +
      declarations +
      text.slice(statement.end - offset);
  }
  const {declOutput} = convert(before, text, declared);
  if (declOutput && !declOutput.startsWith("undefined")) return declOutput;
  const names = file.statements.flatMap((statement) => namesOf(ts, statement));
  const all = names.map((name) => `let ${name}: any;`).join("\n");
  return convert(before, all, names).declOutput ?? before;
}

function namesOf(ts: typeof TypeScript, statement: TypeScript.Statement): string[] {
  const names: string[] = [];
  const bind = (name: TypeScript.BindingName): void => {
    if (ts.isIdentifier(name)) names.push(name.text);
    else
      for (const element of name.elements) if (!ts.isOmittedExpression(element)) bind(element.name);
  };
  if (ts.isVariableStatement(statement)) {
    for (const {name} of statement.declarationList.declarations) bind(name);
  } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    if (statement.name) names.push(statement.name.text);
  }
  return names;
}
