// TypeScript files as Node loads them: made into CommonJS when they are required, by the
// tsconfig.json that holds for them, with a source map for stacks.

import * as nodeModule from "node:module";
import {dirname} from "node:path";
import {pathToFileURL} from "node:url";
import type * as TypeScript from "typescript";
import {maxCodeBytes} from "../../limits.js";
import {sources, type Source} from "../source/thunk.js";
import {emitOptionsOf, tsConfigFor} from "./tsconfig.js";
import {typescript} from "./typescript.js";
import {readText} from "./whole-file.js";

/** Tells whether a file has to be compiled: TypeScript, TSX and JSX, which Node can't run. */
export function isTypeScript(file: string): boolean {
  return /\.([cm]?ts|tsx|jsx)$/.test(file);
}

interface LoadingModule {
  _compile(code: string, file: string): void;
  /** `import.meta` of the file, which CommonJS lacks. */
  importMeta?: object;
}
type Loaders = Record<string, (module: LoadingModule, file: string) => void>;

let isReady = false;
/** Has `require` load TypeScript from now on. */
export function prepareTypeScript(): void {
  if (isReady) return;
  isReady = true;
  const {_extensions: loaders} = nodeModule.Module as unknown as {_extensions: Loaders};
  for (const ending of [".ts", ".tsx", ".mts", ".cts", ".jsx"]) loaders[ending] = load;
}

function load(module: LoadingModule, file: string): void {
  const made = javaScriptOf(file, readText(file, maxCodeBytes));
  sources.set(file, made);
  module.importMeta = importMeta(file);
  try {
    module._compile(made.code, file);
  } catch (error) {
    throw awaitsAtTop(error, file) ? new SyntaxError(`${file}: ${noTopLevelAwait}`) : error;
  }
}

/** Compiles a file to CommonJS, an ES module too. */
export function javaScriptOf(file: string, text: string): Source {
  const {outputText, sourceMapText = "{}", diagnostics = []} = transpile(text, file);
  // A problem without a file is one of the options, and no fault of this file.
  const wrong = diagnostics.find((diagnostic) => diagnostic.file);
  if (wrong) throw syntaxError(wrong, file);
  const map = {...(JSON.parse(sourceMapText) as object), sources: [file], sourcesContent: [text]};
  return {code: outputText, map: JSON.stringify(map)};
}

const noTopLevelAwait =
  "a local TypeScript file can't `await` at its top level; export an async function";

/** Tells whether Node would take the file for an ES module, where it can. */
function awaitsAtTop(error: unknown, file: string): boolean {
  const {code, message = ""} = error as NodeJS.ErrnoException;
  if (code === "ERR_REQUIRE_ASYNC_MODULE") return message.includes(file);
  return error instanceof SyntaxError && /^await is only valid/.test(message);
}

function transpile(text: string, file: string): TypeScript.TranspileOutput {
  const ts = typescript();
  return ts.transpileModule(text, {
    // An .mts or .mjs would stay an ES module.
    fileName: file.replace(/\.[cm]([jt]s)$/, ".$1"),
    reportDiagnostics: true,
    compilerOptions: {
      ...emitOptionsOf(tsConfigFor(dirname(file))?.options ?? {}, text),
      module: ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      allowJs: true,
      sourceMap: true,
      ignoreDeprecations: "6.0",
    },
    ...(text.includes("import.meta") ? {transformers: {before: [replaceImportMeta]}} : {}),
  });
}

function replaceImportMeta(
  context: TypeScript.TransformationContext,
): TypeScript.Transformer<TypeScript.SourceFile> {
  const ts = typescript();
  const visit = (node: TypeScript.Node): TypeScript.Node => {
    const isMeta = ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword;
    if (!isMeta) return ts.visitEachChild(node, visit, context);
    const module = ts.factory.createIdentifier("module");
    return ts.factory.createPropertyAccessExpression(module, "importMeta");
  };
  return (file) => ts.visitEachChild(file, visit, context);
}

/** Makes the `import.meta` of a file that is run as CommonJS. */
export function importMeta(file: string) {
  const {resolve} = nodeModule.createRequire(file);
  const url = pathToFileURL(file).href;
  return {url, dirname: dirname(file), filename: file, resolve: (name: string) => resolve(name)};
}

function syntaxError({start = 0, messageText, code}: TypeScript.Diagnostic, file: string): Error {
  const ts = typescript();
  const text = ts.sys.readFile(file) ?? "";
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
  const {line, character} = source.getLineAndCharacterOfPosition(Math.min(start, text.length));
  const message = ts.flattenDiagnosticMessageText(messageText, "\n");
  return new SyntaxError(`${file}:${line + 1}:${character + 1} - TS${code}: ${message}`);
}
