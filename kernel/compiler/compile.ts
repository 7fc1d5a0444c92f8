// A cell → JavaScript or diagnostics. Keeps what earlier cells have declared: as TypeScript
// declarations for the checker, as names for the emitter.

import {join, relative} from "node:path";
import type * as TypeScript from "typescript";
import {packageName, plainSpecifier} from "../../cluster/shipping/modules/packages.js";
import {
  emitOptionsOf,
  fileByPaths,
  hasPaths,
  jsxPragma,
} from "../../cluster/shipping/modules/tsconfig.js";
import type {CellDiagnostic, Compiled, CompileOptions, SettingsReport} from "../threads.js";
import {awaitedRefs} from "./check/awaited-refs.js";
import {typescript} from "../../cluster/shipping/modules/typescript.js";
import {
  ambientDeclarations,
  createNotebookConverter,
  type Checked,
  type NotebookConverter,
} from "./check/converter.js";
import {carryOver} from "./check/declarations.js";
import {emit} from "./emit/emit.js";
import {lineStarts, Positions} from "./rewrite/positions.js";
import {untypedText, withHint} from "../words/packages.js";
import {inOurWords, withNewOfRemote} from "./check/remote-misuse.js";
import {unknownRegexes} from "./check/regexes.js";
import {rewriteCell, type RewriteOptions, type RewrittenCell} from "./rewrite/rewrite.js";
import {Settings} from "./check/settings.js";
import {syntaxProblems} from "./check/syntax-words.js";
import {takenNames} from "./check/taken-names.js";
import {WrittenDeclarations} from "./written.js";

interface Declared {
  declarations: string;
  names: string[];
  captured: string[];
  remoteNames: ReadonlySet<string>;
  importedNames: ReadonlySet<string>;
  cell: string;
  /** Types as well. */
  declared: readonly string[];
}

/** Cells that were compiled and have not begun to run: a bound for a client that never commits. */
const pendingLimit = 100;

export class Compiler {
  readonly settings = new Settings();
  readonly notebook: NotebookConverter;
  /** Of all cells that have begun to run, as a d.ts. */
  declarations = ambientDeclarations;
  readonly written = new WrittenDeclarations();
  /** Packages without types, and imports by schemes, that were told of. */
  readonly #untyped = new Set<string>();
  readonly #names = new Set<string>();
  /** Names that functions of cells use. */
  readonly #captured = new Set<string>();
  /** What cells import `remote` as. */
  readonly #remoteNames = new Set<string>();
  readonly #importedNames = new Set<string>();
  readonly #pending = new Map<number, Declared>();
  /** The options have changed: what TypeScript has against them as a whole is still to be told. */
  #areOptionsNew = true;

  constructor(notebook?: NotebookConverter) {
    this.notebook = notebook ?? createNotebookConverter(this.settings);
    if (notebook) this.#configure();
  }

  compile(cell: string, executionCount: number, options: CompileOptions): Compiled {
    const result = this.#compiled(cell, executionCount, options);
    return {...result, notices: this.settings.takeNotices()};
  }

  /** `%tsconfig`: changes what it is told, and tells what holds. */
  assign(words: readonly string[]): SettingsReport {
    this.#refresh();
    if (words.length > 0) {
      this.settings.assign(words);
      this.#configure();
    }
    return this.settings.report();
  }

  isJsx(code: string): boolean {
    return this.settings.isJsx || jsxPragma(code) !== undefined;
  }

  /** The cell for the converter, whose next question is about it. */
  rewrite(code: string, options: Omit<RewriteOptions, "isJsx"> = {}): RewrittenCell {
    this.#refresh();
    const isJsx = this.isJsx(code);
    this.notebook.isJsx = isJsx;
    return rewriteCell(code, {...options, isJsx});
  }

  #refresh(): void {
    if (this.settings.refresh()) this.#configure();
  }
  #configure(): void {
    this.notebook.configure(this.settings);
    this.#areOptionsNew = true;
  }

  #compiled(cell: string, executionCount: number, options: CompileOptions): Unannounced<Compiled> {
    const {remoteOptions, setup} = options;
    const rewritten = this.rewrite(cell, {remoteOptions, setup, executionCount});
    if (rewritten.syntaxErrors.length > 0) {
      const same = new Positions([{source: 0, target: 0, length: cell.length}]);
      return {
        ok: false,
        diagnostics: syntaxProblems(rewritten.syntaxErrors, cell, this.isJsx(cell)).map((found) =>
          place(found, cell, same),
        ),
      };
    }
    const {diagnostics, warnings, declarations} = this.#check(rewritten);
    const placed = (all: Found[]) => all.map((found) => place(found, cell, rewritten.positions));
    if (diagnostics.length > 0) return {ok: false, diagnostics: placed(diagnostics)};
    const emitted = emit(rewritten.toRun.text, {
      source: `Cell In[${executionCount}]`,
      cell,
      positions: rewritten.toRun.positions,
      sessionNames: this.#names,
      captured: this.#captured,
      remoteNames: this.#remoteNames,
      importedNames: this.#importedNames,
      typeNames: typeOnlyImports(this.notebook),
      hasValue: rewritten.hasValue,
      isDebugged: options.isDebugged === true,
      ...this.#emitOptions(cell),
    });
    const {code, map, names, captured, remoteNames, importedNames, hasStops} = emitted;
    const declared = rewritten.declared();
    const all = {declarations, names, captured, remoteNames, importedNames, cell, declared};
    this.#pending.set(executionCount, all);
    if (this.#pending.size > pendingLimit) this.#pending.delete(this.#pending.keys().next().value!);
    return {ok: true, code, map, names, hasStops, warnings: placed(warnings)};
  }

  #emitOptions(cell: string) {
    const {chosen, folder} = this.settings;
    const importer = join(folder, "notebook.ts");
    const byPaths = (specifier: string) => {
      const options = {...this.settings.options, paths: chosen.paths ?? {}};
      const file = fileByPaths(specifier, importer, options);
      // As seen from the notebook's folder, which workers elsewhere have too.
      return file === undefined ? undefined : `./${relative(folder, file)}`;
    };
    return {
      compilerOptions: emitOptionsOf(chosen, cell),
      isJsx: this.isJsx(cell),
      ...(hasPaths(chosen) ? {fileByPaths: byPaths} : {}),
    };
  }

  commit(executionCount: number): void {
    const compiled = this.#pending.get(executionCount);
    if (!compiled) return;
    this.#pending.delete(executionCount);
    this.declarations = compiled.declarations;
    for (const name of compiled.names) {
      this.#names.add(name);
      if (compiled.remoteNames.has(name)) this.#remoteNames.add(name);
      else this.#remoteNames.delete(name);
      if (compiled.importedNames.has(name)) this.#importedNames.add(name);
      else this.#importedNames.delete(name);
    }
    for (const name of compiled.captured) this.#captured.add(name);
    this.written.add(compiled.declared, compiled.cell, executionCount);
  }

  #check({text, declared, hidden}: RewrittenCell): {
    diagnostics: Found[];
    warnings: Found[];
    declarations: string;
  } {
    const names = [...declared(), ...hidden];
    const {diagnostics, declOutput} = this.notebook.convert(this.declarations, text, names);
    if (diagnostics.length === 0) {
      // First, while the checker still knows the cell: carrying over may convert other text.
      const checked = this.notebook.checked();
      const offset = checked.file.text.indexOf(text);
      const inCell = (all: Found[]) => all.map((each) => ({...each, start: each.start! - offset}));
      const awaited = awaitedRefs(checked);
      const sure = awaited.filter(({isDoubtful}) => !isDoubtful);
      const refused = inCell([...takenNames(checked), ...unknownRegexes(checked), ...sure]);
      if (refused.length > 0) return {diagnostics: refused, warnings: [], declarations: ""};
      const warnings = inCell([...awaited, ...this.#newlyUntyped(), ...this.#newlyPlain(checked)]);
      if (this.#areOptionsNew) this.settings.note(this.#optionProblems());
      const declarations = carryOver(this.notebook, this.declarations, text, names, declOutput);
      return {diagnostics: [], warnings, declarations};
    }
    const found = diagnostics.map(({start, end, messageText, code}) => ({
      start: Math.min(start.offset, text.length),
      length: end.offset - start.offset,
      messageText,
      code,
    }));
    const all = withNewOfRemote(found, this.notebook.checked(), text);
    return {diagnostics: all, warnings: [], declarations: ""};
  }

  /** Each package without types is told of once. */
  #newlyUntyped(): Found[] {
    return this.notebook.untyped().flatMap(({start, length, messageText, code}) => {
      const message = typescript().flattenDiagnosticMessageText(messageText, "\n");
      const name = packageName(/'([^']+)'/.exec(message)?.[1] ?? ".");
      if (name === undefined || this.#untyped.has(name)) return [];
      this.#untyped.add(name);
      return [{start, length, messageText: untypedText(name), code}];
    });
  }

  /**
   * Each `npm:` of another notebook is told of once, where a package that is installed is meant.
   */
  #newlyPlain({file}: Checked): Found[] {
    // Not in TypeScript's public types.
    const {imports = []} = file as {imports?: readonly TypeScript.StringLiteral[]};
    return imports.flatMap((literal) => {
      const {text} = literal;
      const plain = plainSpecifier(text);
      if (plain === text || this.#untyped.has(text)) return [];
      this.#untyped.add(text);
      const messageText = `"${text}" is "${plain}" here, as it is installed`;
      return [
        {start: literal.getStart(file), length: literal.getWidth(file), messageText, code: 0},
      ];
    });
  }

  /** A package of types that is not there, options that exclude each other. */
  #optionProblems(): string[] {
    this.#areOptionsNew = false;
    const ts = typescript();
    const {program} = this.notebook.checked();
    const text = ({messageText}: TypeScript.Diagnostic) =>
      `tsconfig.json: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    return [...new Set(program.getOptionsDiagnostics().map(text))];
  }
}

type Unannounced<T> = T extends unknown ? Omit<T, "notices"> : never;

interface Found {
  start?: number | undefined;
  length?: number | undefined;
  messageText: string | TypeScript.DiagnosticMessageChain;
  code: number;
}

function place(found: Found, cell: string, positions: Positions): CellDiagnostic {
  const {start, length} = positions.rangeToSource(found.start ?? 0, found.length ?? 0);
  const {line, column} = lineStarts(cell).position(Math.min(start, cell.length));
  return {
    line: line + 1,
    column: column + 1,
    length,
    code: found.code,
    message: withHint(
      inOurWords(
        typescript().flattenDiagnosticMessageText(found.messageText, "\n"),
        cell.slice(start),
      ),
      found.code,
      cell.slice(0, start),
      cell.slice(start),
    ),
  };
}

/**
 * Imported names that have no value, so that a package of types only need not exist at run time.
 */
function typeOnlyImports({checked}: NotebookConverter): Set<string> {
  const ts = typescript();
  const {program, file} = checked();
  const checker = program.getTypeChecker();
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (!bindings || !ts.isNamedImports(bindings)) continue;
    for (const {name} of bindings.elements) {
      const symbol = checker.getSymbolAtLocation(name);
      if (!symbol) continue;
      const target = checker.getAliasedSymbol(symbol);
      if (target.declarations && !(target.flags & ts.SymbolFlags.Value)) names.add(name.text);
    }
  }
  return names;
}
