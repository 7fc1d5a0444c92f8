// Imports as a notebook sees them: looked up from its folder, ESM and CommonJS alike, local
// TypeScript too. Every imported value is remembered with its name, so that capture can send the
// name instead of the value. The kernel and its workers use the same importer, with the same
// folder.

import {existsSync, realpathSync, statSync} from "node:fs";
import * as nodeModule from "node:module";
import {isAbsolute, join} from "node:path";
import {fileURLToPath, pathToFileURL} from "node:url";
import {Script} from "node:vm";
import {host} from "../names/host.js";
import type {ImportedName} from "../names/imported-names.js";
import {ImportedNames} from "../names/imported-names.js";
import {provideModule, provideVersion} from "./imports.js";
import {bindEsmImports, bindModule, type OwnModule, tellLoader} from "./local-modules.js";
import {localModule} from "./local-files.js";
import {currentUrl, forgetChanged, rememberLoaded, type ModuleCache} from "./local-reload.js";
import {type Namespace, namespaceOf} from "./namespaces.js";
import {nodesImport, quietly} from "../functions/dynamic-imports.js";
import {notePackage, plainSpecifier, requireFace} from "./packages.js";
import {codeFile, sourceFile} from "./resolution.js";
import {watchPackage} from "./watched.js";
import type {CellRuntime} from "../source/thunk.js";
import {isTypeScript, prepareTypeScript} from "./typescript-files.js";

export interface Importer {
  /**
   * `import(specifier)`, and static imports. `names` that the module does not export are told to
   * the user.
   */
  import(
    specifier: string,
    options?: ImportCallOptions,
    names?: readonly string[],
  ): Promise<Namespace>;
  require: NodeJS.Require;
  meta: CellRuntime["meta"];
  /** The import that `value` came from. */
  describe(value: unknown): ImportedName | undefined;
}

/**
 * Makes an importer. `root`: the notebook's folder. `own`: modules by specifier, "tasklab" above
 * all.
 */
export function createImporter(root: string, own: Record<string, OwnModule> = {}): Importer {
  const notebook = join(root, "notebook.js");
  const require = nodeModule.createRequire(notebook);
  const names = new ImportedNames();
  const importNatively = nativeImport(notebook);
  prepareTypeScript();
  for (const [specifier, module] of Object.entries(own)) bindModule(specifier, module);

  const cache = require.cache as ModuleCache;
  const requireLocal = (file: string): unknown => {
    forgetChanged(file, cache);
    const exports: unknown = require(file);
    rememberLoaded(file, cache);
    return exports;
  };

  /** Remembers the texts that were loaded, for workers, while the same texts are on the disk. */
  function remember(
    specifier: string,
    file: string,
    namespace: Namespace,
    by: "module" | "commonjs",
  ): void {
    const module = localModule(file, by, cache);
    names.remember(specifier, namespace, module);
    provideVersion(module, namespace);
  }

  async function load(
    specifier: string,
    file: string | undefined,
    options?: ImportCallOptions,
  ): Promise<Namespace> {
    if (!file && isLocal(specifier)) throw notFound(specifier, root);
    if (file && isTypeScript(file)) return namespaceOf(requireLocal(file));
    if (/\.json$/.test(file ?? specifier))
      return jsonNamespace(file ? requireLocal(file) : require(specifier));
    if (!file) return loadPackage(specifier, options);
    bindEsmImports();
    forgetChanged(file, cache);
    const url = currentUrl(file, cache, (changed, version) =>
      tellLoader({kind: "version", url: changed, version}),
    );
    const namespace = await importNatively(url, options);
    rememberLoaded(file, cache);
    return complete(namespace, file, require);
  }

  /**
   * Loads a package by Node's rules. Where these find nothing that can be run, the checker's rules
   * hold.
   */
  async function loadPackage(specifier: string, options?: ImportCallOptions): Promise<Namespace> {
    try {
      return complete(await importNatively(specifier, options), specifier, require);
    } catch (error) {
      const file = isUnresolved(error, notebook) ? codeFile(specifier, notebook) : undefined;
      if (file === undefined) throw error;
      if (isTypeScript(file) || /\.(json|node)$/.test(file)) {
        const exports: unknown = require(file);
        return file.endsWith(".json") ? jsonNamespace(exports) : namespaceOf(exports);
      }
      const url = pathToFileURL(file).href;
      return complete(await importNatively(url, options), file, require);
    }
  }

  return {
    async import(wanted, options, expected = []) {
      const specifier = plainSpecifier(String(wanted));
      const ownModule = own[specifier];
      if (ownModule) return {...ownModule.exports};
      const file = localFile(specifier, root) ?? sourceFile(specifier, notebook);
      const namespace = await load(specifier, file, options);
      if (file) remember(specifier, file, namespace, "module");
      else {
        names.remember(specifier, namespace);
        provideModule(specifier, namespace);
        watchPackage(specifier, namespace);
      }
      notePackage(specifier);
      const absent = expected.filter((name) => !(name in namespace));
      if (absent.length > 0) host.note(absentText(specifier, absent, namespace));
      return namespace;
    },
    require: requireAsNotebook({require, requireLocal, root, own, names, remember}),
    meta: {
      url: pathToFileURL(notebook).href,
      dirname: root,
      filename: notebook,
      resolve(specifier) {
        const found =
          own[specifier]?.url ??
          localFile(specifier, root) ??
          sourceFile(specifier, notebook) ??
          codeFile(specifier, notebook) ??
          require.resolve(specifier);
        return isAbsolute(found) ? pathToFileURL(found).href : found;
      },
    },
    describe: (value) => names.find(value),
  };
}

/** Says which exports a package lacks. Its types, of another version, may say that it has them. */
function absentText(specifier: string, absent: readonly string[], namespace: Namespace): string {
  const whole = namespace.default as Namespace | null | undefined;
  const isObject = (typeof whole === "object" && whole !== null) || typeof whole === "function";
  const isInDefault = isObject && absent.every((name) => name in whole);
  const way = isInDefault
    ? "; its default export has what you want"
    : absent.includes("default")
      ? `; \`import * as name from "${specifier}"\` imports all that it has`
      : "";
  const list = absent.map((name) => `\`${name}\``).join(", ");
  return `"${specifier}" as installed has no export ${list}, whatever its types say${way}`;
}

/**
 * Gives the exports of JSON as bundlers and the checker see them: the value, and its members by
 * name.
 */
function jsonNamespace(value: unknown): Namespace {
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return isRecord ? {...value, default: value} : {default: value};
}

type Import = (specifier: string, options?: ImportCallOptions) => Promise<Namespace>;

/** Makes `import(…)` as a file at `path` would have it, with Node's own rules. */
function nativeImport(path: string): Import {
  const script = new Script("(specifier, options) => import(specifier, options)", {
    filename: path,
    ...nodesImport,
  });
  const importAt = script.runInThisContext() as Import;
  return (specifier, options) => quietly(() => importAt(specifier, options));
}

function isLocal(specifier: string): boolean {
  return specifier.startsWith("file:") || isAbsolute(specifier) || /^\.\.?(\/|$)/.test(specifier);
}

function notFound(specifier: string, root: string): Error {
  const error = new Error(`Cannot find module '${specifier}' in ${root}`);
  return Object.assign(error, {code: "ERR_MODULE_NOT_FOUND"});
}

/**
 * Tells whether Node found nothing that it can run for an import of `importer` itself, by the words
 * of Node's error. A vain import inside of a package that was found is another matter.
 */
function isUnresolved(thrown: unknown, importer: string): boolean {
  const {code, message = ""} = (thrown ?? {}) as NodeJS.ErrnoException;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") return true;
  if (code === "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING") return true;
  return unresolved.has(code ?? "") && message.includes(`imported from ${importer}`);
}
const unresolved = new Set([
  "ERR_MODULE_NOT_FOUND",
  "ERR_PACKAGE_PATH_NOT_EXPORTED",
  "ERR_PACKAGE_IMPORT_NOT_DEFINED",
  "ERR_UNSUPPORTED_DIR_IMPORT",
]);

/**
 * Finds the file of a relative or absolute specifier; undefined for packages, built-ins and missing
 * files.
 */
function localFile(specifier: string, root: string): string | undefined {
  if (!isLocal(specifier)) return undefined;
  const given = specifier.startsWith("file:") ? fileURLToPath(specifier) : specifier;
  const path = isAbsolute(given) ? given : join(root, given);
  const candidates = [path];
  // TypeScript lets one write the name of the file that a source becomes.
  if (/\.[cm]?js$/.test(path))
    candidates.push(path.replace(/js$/, "ts"), path.replace(/js$/, "tsx"));
  const endings = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"];
  candidates.push(...endings.map((ending) => path + ending));
  candidates.push(...endings.map((ending) => join(path, `index${ending}`)));
  const found = candidates.find((file) => existsSync(file) && statSync(file).isFile());
  // Node knows modules by their real paths.
  return found && realpathSync(found);
}

/**
 * Completes the exports of a CommonJS module: names that Node did not find by reading the text, and
 * the module's own `default` when it was made from an ES module. TypeScript's types count on both.
 */
function complete(namespace: Namespace, specifier: string, require: NodeJS.Require): Namespace {
  const exports = namespace.default as Namespace | undefined;
  const canHaveNames = typeof exports === "object" || typeof exports === "function";
  if (!canHaveNames || exports === null || !isCommonJs(specifier, exports, require))
    return namespace;
  const missing = Object.keys(exports).filter((name) => !(name in namespace));
  const isTranspiled = exports.__esModule === true && "default" in exports;
  if (missing.length === 0 && !isTranspiled) return namespace;
  return namespaceOf(exports, namespace);
}

function isCommonJs(specifier: string, exports: unknown, require: NodeJS.Require): boolean {
  try {
    return require.cache[require.resolve(specifier)]?.exports === exports;
  } catch {
    return false;
  }
}

interface NotebookRequire {
  require: NodeJS.Require;
  requireLocal(file: string): unknown;
  root: string;
  own: Record<string, OwnModule>;
  names: ImportedNames;
  remember(specifier: string, file: string, namespace: Namespace, by: "commonjs"): void;
}

function requireAsNotebook(parts: NotebookRequire): NodeJS.Require {
  const {require, requireLocal, root, own, names, remember} = parts;
  const load = (wanted: string): unknown => {
    const specifier = plainSpecifier(wanted);
    const ownModule = own[specifier];
    if (ownModule) return ownModule.exports;
    const file =
      localFile(specifier, root) ?? sourceFile(specifier, join(root, "notebook.js"), "commonjs");
    const exports: unknown = file ? requireLocal(file) : require(specifier);
    if (!file) {
      const name = nodeModule.isBuiltin(specifier) ? specifier : requireFace + specifier;
      const namespace = {default: exports};
      names.remember(name, namespace);
      provideModule(name, namespace);
      watchPackage(name, namespace);
    } else if (typeof exports === "object" || typeof exports === "function")
      remember(specifier, file, namespaceOf(exports ?? {}), "commonjs");
    notePackage(specifier);
    return exports;
  };
  return Object.assign(load, require);
}
