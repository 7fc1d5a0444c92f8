// A cell as the user wrote it → TypeScript that the converter and TypeScript's own emit understand.

import type * as TypeScript from "typescript";
import type {RemoteOptionsOfCell, SetupOfCell} from "../../threads.js";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import {remoteEdits} from "./decorators.js";
import {exportEdits} from "./exports.js";
import {rewrite, type Edit, type Positions} from "./positions.js";
import {classNamespaces} from "./remote-classes.js";
import {setupEdits} from "./setup-cell.js";

export interface RewrittenText {
  text: string;
  /** Source: the cell with its magics blanked. Target: `text`. */
  positions: Positions;
}

/** As the checker reads it; what the emitter reads differs where a class is remote. */
export interface RewrittenCell extends RewrittenText {
  toRun: RewrittenText;
  /** What the parser has to say about the cell, in its own offsets. */
  syntaxErrors: readonly TypeScript.Diagnostic[];
  /** Is the last statement an expression, whose value the cell shows? */
  hasValue: boolean;
  /** Names that the cell binds at its top level: values and types. */
  declared(): string[];
  /** Names that the checker needs besides. */
  hidden: string[];
}

export interface RewriteOptions {
  /** `%%setup`: what the cell does besides importing is a function that sets up workers. */
  setup?: SetupOfCell | undefined;
  /** `%%remote`: every declaration of a function or class becomes remote. */
  remoteOptions?: RemoteOptionsOfCell | undefined;
  isJsx?: boolean;
  executionCount?: number;
}

export function rewriteCell(
  cell: string,
  {remoteOptions: options, setup, isJsx = false, executionCount = 0}: RewriteOptions = {},
): RewrittenCell {
  const ts = typescript();
  // Of a script; TypeScript wants it at the beginning of a file, and a cell is none.
  const code = cell.replace(/^#!/, "//");
  const file = parseCell(code, isJsx);
  const remote = remoteEdits(file, {options});
  // `export` before a remote function goes with its declaration.
  const exported = exportEdits(file).filter(
    ({start, end}) => !remote.some((edit) => edit.start <= start && end <= edit.end),
  );
  const around = setup ? setupEdits(file, setup) : [];
  const toRun = rewrite(code, [...around, ...remote, ...exported]);
  const hasClass = file.text.includes("class") && remote.length > 0;
  const forChecker = (): Edit[] => remoteEdits(file, {options, forChecker: executionCount});
  const checked = hasClass ? rewrite(code, [...around, ...forChecker(), ...exported]) : toRun;
  const last = file.statements.findLast((statement) => !ts.isEmptyStatement(statement));
  return {
    ...checked,
    toRun,
    hidden: hasClass ? classNamespaces(checked.text) : [],
    syntaxErrors: file.parseDiagnostics,
    declared: () => declaredNames(setup ? parseCell(toRun.text, isJsx) : file),
    hasValue:
      setup !== undefined ||
      (last !== undefined && (ts.isExpressionStatement(last) || ts.isExportAssignment(last))),
  };
}

/** TypeScript's binder knows; it is not in its public types. */
function declaredNames(file: TypeScript.SourceFile): string[] {
  const ts = typescript() as typeof TypeScript & {
    bindSourceFile(file: TypeScript.SourceFile, options: object): void;
  };
  ts.bindSourceFile(file, {});
  const {locals} = file as {locals?: Map<string, unknown>};
  // TypeScript escapes names with two underscores, to tell them from names of its own (`__global`
  // is what `declare global` declares); those of modules are quoted.
  return [...(locals?.keys() ?? [])]
    .filter((name) => /^(?!__(?!_))[\p{ID_Start}$_]/u.test(name))
    .map((name) => ts.unescapeLeadingUnderscores(name as TypeScript.__String));
}

/** `parseDiagnostics` is TypeScript's own, but not in its public types. */
export function parseCell(
  code: string,
  isJsx = false,
): TypeScript.SourceFile & {parseDiagnostics: readonly TypeScript.DiagnosticWithLocation[]} {
  const ts = typescript();
  const options = {languageVersion: ts.ScriptTarget.ES2023, setExternalModuleIndicator: asModule};
  const name = isJsx ? "cell.tsx" : "cell.ts";
  return ts.createSourceFile(name, code, options, true) as ReturnType<typeof parseCell>;
}

/** A cell is a module even without an import, so that `await` stands at its top level. */
function asModule(file: TypeScript.SourceFile): void {
  (file as {externalModuleIndicator?: unknown}).externalModuleIndicator = true;
}
