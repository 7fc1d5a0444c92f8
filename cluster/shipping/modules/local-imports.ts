// One local file: its JavaScript as this process has loaded it, and the local files that it
// imports.

import {createHash} from "node:crypto";
import {realpathSync, statSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, extname, isAbsolute} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";
import {parse, type AnyNode, type Program} from "acorn";
import {maxCodeBytes} from "../../limits.js";
import {loadedText, type ModuleCache} from "./local-reload.js";
import {sourceFile, type Way} from "./resolution.js";
import {childrenOf, isClosure} from "../source/scopes.js";
import {sources} from "../source/thunk.js";
import {fileByPaths, tsConfigFor} from "./tsconfig.js";
import {isTypeScript, javaScriptOf} from "./typescript-files.js";
import {readText} from "./whole-file.js";

type LocalImport = [specifier: string, path: string, by: Way];

export type Form = "module" | "commonjs" | "json";

export interface Analyzed {
  /** Form and path, since a file may be loaded in two forms. */
  id: string;
  path: string;
  form: Form;
  text: string;
  map: string;
  hash: string;
  /** Local files by the names that this file has for them. */
  imports: LocalImport[];
  /** The imported files by their ids, once these are known. */
  targets: [specifier: string, id: string, by: Way][];
  names: string[];
}

/** Analyses a file. `wanted`: whether it is imported or required, for files that can be both. */
export function analyze(path: string, wanted: Way, cache: ModuleCache): Analyzed {
  const written = writtenText(path, cache);
  const key = `${wanted} ${path}`;
  let known = analyzed.get(key);
  if (known?.written !== written || !known.file.imports.every(([, target]) => isFile(target))) {
    known = {written, file: analyzeText(path, written, wanted)};
    analyzed.set(key, known);
  }
  const {file} = known;
  if (file.form !== "commonjs") return {...file};
  const exported = cache[path]?.exports ?? {};
  return {...file, names: [...new Set([...file.names, ...Object.keys(exported)])]};
}

const analyzed = new Map<string, {written: string; file: Analyzed}>();

/** Gives the emitted text of TypeScript that was loaded, and the own text of any other file. */
function writtenText(path: string, cache: ModuleCache): string {
  if (isTypeScript(path)) {
    const loaded = sources.get(path)?.code;
    if (loaded !== undefined) return loaded;
  }
  return loadedText(path, cache) ?? readText(path, maxCodeBytes);
}

function analyzeText(path: string, written: string, wanted: Way): Analyzed {
  const made = (form: Form, text: string, map: string, program: Program | null): Analyzed => ({
    ...{id: `${form} ${path}`, path, form, text, map},
    hash: createHash("sha1").update(text).update(map).digest("hex"),
    imports: program ? localImports(program, path, form) : [],
    targets: [],
    names: program && form === "commonjs" ? exportedNames(program) : [],
  });
  if (extname(path) === ".json") return made("json", written, "", null);
  if (isTypeScript(path)) {
    const {code, map} = sources.get(path) ?? javaScriptOf(path, written);
    return made("commonjs", code, map, maybeParse(code));
  }
  const program = maybeParse(written);
  if (!program || !isEsModule(path, program)) return made("commonjs", written, "", program);
  if (wanted === "module") return made("module", written, "", program);
  const {code, map} = javaScriptOf(path, written);
  return made("commonjs", code, map, maybeParse(code));
}

/** Parses a text. One that can't be read says so itself when it is loaded. */
function maybeParse(text: string): Program | null {
  const options = {ecmaVersion: "latest", allowHashBang: true} as const;
  try {
    return parse(text, {...options, sourceType: "module"});
  } catch {
    try {
      return parse(text, {...options, sourceType: "script", allowReturnOutsideFunction: true});
    } catch {
      return null;
    }
  }
}

function isEsModule(path: string, program: Program): boolean {
  if (path.endsWith(".mjs")) return true;
  if (path.endsWith(".cjs")) return false;
  return (
    program.body.some((statement) => /^(Import|Export)/.test(statement.type)) || awaits(program)
  );
}

/** Tells whether the node is an `await` at the top level, or an `import.meta`. */
function awaits(node: AnyNode): boolean {
  if (node.type === "AwaitExpression" || node.type === "MetaProperty") return true;
  if (node.type === "ForOfStatement" && node.await) return true;
  return childrenOf(node).some((child) => !isClosure(child) && awaits(child));
}

function localImports(program: Program, path: string, form: Form): LocalImport[] {
  const found = new Map<string, LocalImport>();
  const visit = (node: AnyNode): void => {
    const name = importedBy(node);
    if (name?.type === "Literal" && typeof name.value === "string") {
      const by = node.type === "CallExpression" ? "commonjs" : "module";
      const file = localFileOf(name.value, path, form);
      if (file !== undefined) found.set(`${by} ${name.value}`, [name.value, file, by]);
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program);
  return [...found.values()];
}

function importedBy(node: AnyNode): AnyNode | null | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
    case "ImportExpression":
      return node.source;
    case "CallExpression":
      return node.callee.type === "Identifier" && node.callee.name === "require"
        ? node.arguments[0]
        : undefined;
    default:
      return undefined;
  }
}

/** Finds a local file. Packages go by name, and the import of a missing file says so itself. */
function localFileOf(specifier: string, importer: string, form: Form): string | undefined {
  const isByPath = /^(\.{1,2}(\/|$)|\/|file:|#)/.test(specifier);
  try {
    if (isByPath && form === "module" && !specifier.startsWith("#"))
      return checkLocal(realpathSync(fileURLToPath(new URL(specifier, pathToFileURL(importer)))));
    if (isByPath) return checkLocal(createRequire(importer).resolve(specifier));
    const source = sourceFile(specifier, importer, form === "module" ? "module" : "commonjs");
    if (source !== undefined || !isTypeScript(importer)) return checkLocal(source ?? "");
    const options = tsConfigFor(dirname(importer))?.options ?? {};
    return checkLocal(fileByPaths(specifier, importer, options) ?? "");
  } catch {
    return undefined;
  }
}

const texts = new Set([".js", ".mjs", ".cjs", ".json"]);

function checkLocal(file: string): string | undefined {
  const isText = texts.has(extname(file)) || isTypeScript(file);
  return isText && isAbsolute(file) && !file.includes("/node_modules/") && isFile(file)
    ? file
    : undefined;
}

function isFile(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isFile() ?? false;
}

/** Finds the names that a CommonJS text gives to `exports`, as far as can be seen. */
function exportedNames(program: Program): string[] {
  const names = new Set<string>();
  const visit = (node: AnyNode): void => {
    if (node.type === "AssignmentExpression" && node.left.type === "MemberExpression") {
      const {object, property, computed} = node.left;
      const isExports =
        (object.type === "Identifier" && object.name === "exports") ||
        (object.type === "MemberExpression" &&
          object.property.type === "Identifier" &&
          object.property.name === "exports");
      if (isExports && !computed && property.type === "Identifier") names.add(property.name);
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program);
  return [...names];
}
