// TypeScript of a cell → JavaScript for V8's REPL mode, with one source map back to the cell.
//
//   TypeScript erases types and lowers what Node 20 lacks → acorn parses the result
//   → thunks, spans, imports and the top level are edited in, as text
//   → the maps of all steps become one.

import remapping from "@jridgewell/remapping";
import {encode, type SourceMapSegment} from "@jridgewell/sourcemap-codec";
import {parse, type AnyNode, type Program} from "acorn";
import MagicString from "magic-string";
import type * as TypeScript from "typescript";
import {boundNames} from "../../../cluster/shipping/source/assignments.js";
import {analyze, childrenOf} from "../../../cluster/shipping/source/scopes.js";
import {scriptName} from "../../../cluster/shipping/source/stacks.js";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import {editLoops} from "./loops.js";
import {editModuleWords, replaceSpecifiers} from "../rewrite/module-words.js";
import {lineStarts, type Positions} from "../rewrite/positions.js";
import {remoteNames} from "../rewrite/remote-names.js";
import {editSetUpStatements, importedNames} from "./set-up-statements.js";
import {Spans} from "./spans.js";
import {Thunks} from "./thunks.js";
import {editTurns} from "./turns.js";
import {editTopLevel, isHelper} from "./top-level.js";

export interface EmitOptions {
  /** `Cell In[3]`. */
  source: string;
  /** The cell that the map leads to, and how it became `typeScript`. */
  cell: string;
  positions: Positions;
  /** Names that earlier cells declare. */
  sessionNames: ReadonlySet<string>;
  /** Those of them that functions of earlier cells use. */
  captured: ReadonlySet<string>;
  /** What they import `remote` of "tasklab" as. */
  remoteNames?: ReadonlySet<string>;
  /** All that they import. */
  importedNames?: ReadonlySet<string>;
  typeNames: ReadonlySet<string>;
  hasValue: boolean;
  /** What differs from notebook to notebook: decorators, class fields, JSX. */
  compilerOptions?: TypeScript.CompilerOptions;
  isJsx?: boolean;
  /** Without spans and without loops of our own: what was written is what is stepped through. */
  isDebugged?: boolean;
  /** The file that a specifier means by `paths` of tsconfig.json. */
  fileByPaths?: (specifier: string) => string | undefined;
}

export interface Emitted {
  code: string;
  map: string;
  names: string[];
  /** Names that functions of this cell use from outside themselves. */
  captured: string[];
  /** What this cell imports `remote` as. */
  remoteNames: ReadonlySet<string>;
  /** All that this cell imports. */
  importedNames: ReadonlySet<string>;
  /** Has it loops that are to be told of an interrupt (loops.ts)? */
  hasStops: boolean;
}

const strict = '"use strict";';

export function emit(typeScript: string, options: EmitOptions): Emitted {
  const {outputText, sourceMapText} = transpile(typeScript, options);
  const javaScript = `${strict}\n${withoutMapUrl(outputText)}`;
  const program = parse(javaScript, {
    ecmaVersion: "latest",
    sourceType: "module",
    allowAwaitOutsideFunction: true,
  });
  const text = new MagicString(javaScript);
  const {source, sessionNames, typeNames, hasValue, isDebugged = false} = options;
  const imported = remoteNames(program);
  const remotes = new Set(["remote", ...(options.remoteNames ?? []), ...imported]);
  const spans = new Spans(isDebugged ? [] : program.body, javaScript, remotes);
  const scopes = analyze(program);
  const thunks = new Thunks(text, program, scopes, sessionNames, source, spans, remotes);
  thunks.run();
  const isPath = (name: string) => scopes.unbound.has(name) && !sessionNames.has(name);
  if (options.fileByPaths) replaceSpecifiers(program, text, options.fileByPaths);
  editModuleWords(program, text, isPath);
  const importedHere = importedNames(program);
  editSetUpStatements(
    program,
    text,
    source,
    new Set([...(options.importedNames ?? []), ...importedHere]),
  );
  editTopLevel(program, text, thunks, {front: strict.length, typeNames, hasValue, source});
  const declared = declaredNames(program);
  const captured = [...scopes.closures.values()].flatMap(({names}) => [...names.keys()]);
  const names = new Set([...sessionNames, ...declared]);
  const usedByFunctions = new Set([...options.captured, ...captured]);
  if (isDebugged) editTurns(program, text);
  const hasStops = !isDebugged && editLoops(program, text, {names, captured: usedByFunctions});
  const isOwn = (name: string): boolean => !typeNames.has(name) && typeScript.includes(name);
  return {
    // V8 stops before code that has a map, where a debugger asks for it; the map itself is
    // elsewhere.
    code: `${text.toString()}\n//# sourceMappingURL=tasklab\n//# sourceURL=${scriptName(source)}`,
    map: composedMap(text, sourceMapText!, typeScript, options),
    names: [...new Set(declared)].filter(isOwn),
    captured,
    remoteNames: imported,
    importedNames: importedHere,
    hasStops,
  };
}

function transpile(
  text: string,
  {compilerOptions, isJsx}: EmitOptions,
): TypeScript.TranspileOutput {
  const ts = typescript();
  return ts.transpileModule(text, {
    fileName: isJsx ? "cell.tsx" : "cell.ts",
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      ...compilerOptions,
      module: ts.ModuleKind.Preserve,
      moduleDetection: ts.ModuleDetectionKind.Force,
      // Imports that this cell does not use may be used by a later one.
      verbatimModuleSyntax: true,
      sourceMap: true,
      newLine: ts.NewLineKind.LineFeed,
    },
  });
}

/** Nor a `#!` line, which would stand in the midst of our own. */
function withoutMapUrl(text: string): string {
  return text.replace(/(^|\n)\/\/# sourceMappingURL=.*\s*$/, "$1").replace(/^#!/, "//");
}

/** Names that the program binds at its top level. */
function declaredNames(program: Program): string[] {
  const names: string[] = [];
  const variables = (node: AnyNode, isTop: boolean): void => {
    if (node.type === "VariableDeclaration") {
      if (node.kind === "var" ? isHelper(node) : !isTop) return;
      for (const {id} of node.declarations) names.push(...boundNames(id as AnyNode));
    } else if (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") {
      if (isTop && node.id) names.push(node.id.name);
    } else if (node.type === "ImportDeclaration") {
      for (const {local} of node.specifiers) names.push(local.name);
    } else if (/Statement|Switch|Catch/.test(node.type)) {
      for (const child of childrenOf(node)) variables(child, false);
    }
  };
  for (const statement of program.body) variables(statement, true);
  return names;
}

function composedMap(
  text: MagicString,
  typeScriptMap: string,
  typeScript: string,
  {source, cell, positions}: EmitOptions,
): string {
  const inner = JSON.parse(typeScriptMap) as {mappings: string; sources: string[]};
  // The line of "use strict".
  inner.mappings = `;${inner.mappings}`;
  inner.sources = ["cell.ts"];
  const outer = text.generateDecodedMap({hires: "boundary", source: "cell.js"});
  const composed = remapping([outer, inner] as never, () => null, {decodedMappings: true});
  const from = lineStarts(typeScript);
  const to = lineStarts(cell);
  const mappings = (composed.mappings as SourceMapSegment[][]).map((line) =>
    line.flatMap((segment): SourceMapSegment[] => {
      if (segment.length === 1) return [segment];
      const offset = positions.toSource(from.offset(segment[2], segment[3]));
      const {line: cellLine, column} = to.position(offset);
      return [[segment[0], 0, cellLine, column]];
    }),
  );
  return JSON.stringify({
    version: 3,
    sources: [source],
    sourcesContent: [cell],
    names: [],
    mappings: encode(mappings as never),
  });
}
