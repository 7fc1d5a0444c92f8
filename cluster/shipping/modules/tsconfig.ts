// The tsconfig.json that holds for a folder, as TypeScript itself finds it: the nearest one
// upwards, with the files that it extends. It holds for cells of the notebook's folder, and for the
// local files that they import.

import {existsSync, statSync} from "node:fs";
import {dirname, join} from "node:path";
import type * as TypeScript from "typescript";
import {typescript} from "./typescript.js";

export interface TsConfig {
  path: string;
  options: TypeScript.CompilerOptions;
  /**
   * What is wrong with the file, each problem with its place. A file that can't be read has no
   * options.
   */
  problems: string[];
}

interface Read {
  config: TsConfig;
  /** The file itself, and the files that it extends. */
  files: string[];
  stamp: string;
}

const read = new Map<string, Read>();

/**
 * Finds the tsconfig.json of a folder. Gives the same object as long as no file behind it has
 * changed.
 */
export function tsConfigFor(folder: string): TsConfig | undefined {
  const path = findUpwards(folder);
  if (path === undefined) return undefined;
  const known = read.get(path);
  if (known && known.stamp === stampOf(known.files)) return known.config;
  const {config, files} = readTsConfig(path);
  read.set(path, {config, files, stamp: stampOf(files)});
  return config;
}

/** Finds the file that `specifier` means by `paths` or `baseUrl`; undefined for a package. */
export function fileByPaths(
  specifier: string,
  importer: string,
  options: TypeScript.CompilerOptions,
): string | undefined {
  const ts = typescript();
  if (!hasPaths(options) || ts.isExternalModuleNameRelative(specifier)) return undefined;
  const {resolvedModule} = ts.resolveModuleName(specifier, importer, options, ts.sys);
  if (!resolvedModule || resolvedModule.isExternalLibraryImport) return undefined;
  return /\.d\.[cm]?ts$/.test(resolvedModule.resolvedFileName)
    ? undefined
    : resolvedModule.resolvedFileName;
}

export function hasPaths({paths, baseUrl}: TypeScript.CompilerOptions): boolean {
  return paths !== undefined || baseUrl !== undefined;
}

/**
 * Gives the options that make a difference to the JavaScript of `text`, which is a file's or a
 * cell's.
 */
export function emitOptionsOf(
  options: TypeScript.CompilerOptions,
  text: string,
): TypeScript.CompilerOptions {
  const {ScriptTarget, JsxEmit} = typescript();
  const usual = jsxPragma(text) === "classic" ? JsxEmit.React : JsxEmit.ReactJSX;
  const {jsx = usual} = options;
  const isKept = jsx === JsxEmit.Preserve || jsx === JsxEmit.ReactNative;
  const chosen = Object.entries(options).filter(([name]) => emitOptions.has(name));
  return {
    // Before ES2022, class fields had other meanings.
    useDefineForClassFields: (options.target ?? ScriptTarget.ES2022) >= ScriptTarget.ES2022,
    ...Object.fromEntries(chosen),
    // Nobody else would compile JSX.
    jsx: isKept ? JsxEmit.ReactJSX : jsx,
    // The language of this Node. Features that it may lack (`using`, decorators) are lowered.
    target: ScriptTarget.ES2022,
  };
}

/**
 * Finds what a cell or a file says of JSX by itself. TypeScript reads this in a comment before
 * anything else: `@jsxImportSource preact`, `@jsx h`.
 */
export function jsxPragma(code: string): "automatic" | "classic" | undefined {
  const [comments] = /^(?:\s+|\/\/.*|\/\*[^]*?\*\/)*/.exec(code)!;
  const [, name, value] = /@(jsxImportSource|jsxRuntime|jsx)\s+(\S+)/.exec(comments) ?? [];
  if (name === undefined) return undefined;
  return name === "jsx" || value === "classic" ? "classic" : "automatic";
}

const emitOptions = new Set([
  "emitDecoratorMetadata",
  "experimentalDecorators",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "reactNamespace",
  "useDefineForClassFields",
]);

function findUpwards(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, "tsconfig.json");
    if (existsSync(path)) return path;
    if (dirname(at) === at) return undefined;
  }
}

function readTsConfig(path: string): {config: TsConfig; files: string[]} {
  const ts = typescript();
  const file = ts.readJsonConfigFile(path, (name) => ts.sys.readFile(name));
  // The option `include` is of no interest, and looking for its files would take long.
  const host = {...ts.sys, readDirectory: () => []};
  const parsed = ts.parseJsonSourceFileConfigFileContent(file, host, dirname(path), {}, path);
  const {parseDiagnostics} = file as {parseDiagnostics?: readonly TypeScript.Diagnostic[]};
  const isBroken = (parseDiagnostics ?? []).length > 0;
  const errors = isBroken
    ? parseDiagnostics!
    : parsed.errors.filter(({code}) => !noFiles.has(code));
  const {configFile: _, configFilePath: __, ...options} = parsed.options;
  return {
    config: {path, options: isBroken ? {} : options, problems: errors.map(problemText)},
    files: [path, ...(file.extendedSourceFiles ?? [])],
  };
}

/** The errors "No inputs were found" and "the 'files' list is empty". */
const noFiles = new Set([18002, 18003]);

function problemText({file, start, messageText}: TypeScript.Diagnostic): string {
  const text = typescript().flattenDiagnosticMessageText(messageText, "\n");
  if (!file || start === undefined) return text;
  const {line, character} = file.getLineAndCharacterOfPosition(start);
  return `${file.fileName}:${line + 1}:${character + 1} - ${text}`;
}

function stampOf(files: readonly string[]): string {
  return files
    .map((path) => statSync(path, {throwIfNoEntry: false}))
    .map((stat) => (stat ? `${stat.mtimeMs} ${stat.size}` : "gone"))
    .join();
}
