// Local files in the notebook's world: TypeScript is transpiled as it is loaded (Node 20 can't), and
// `import "tasklab"` in them gives this process's own instance.

import {readFileSync} from "node:fs";
import * as nodeModule from "node:module";
import type * as TypeScript from "typescript";
import type {OwnModule} from "./modules.js";
import {sources} from "./thunk.js";

interface Loader {
  _extensions: Record<
    string,
    (module: {_compile(code: string, file: string): void}, file: string) => void
  >;
  _cache: Record<string, unknown>;
  _resolveFilename(
    request: string,
    parent: {filename?: string} | undefined,
    ...rest: unknown[]
  ): string;
}
const loader = nodeModule.Module as unknown as Loader;
const bound = new Map<string, OwnModule>();

/** Loads a TypeScript file with its imports, at once; cached as every module is. */
export function loadTypeScript(file: string, require: NodeJS.Require): unknown {
  prepare();
  return require(file);
}

/** `require` of `specifier`, in any module of this process, gives `own`. */
export function bindModule(specifier: string, own: OwnModule): void {
  if (bound.has(specifier)) return;
  bound.set(specifier, own);
  loader._cache[keyOf(specifier)] = {
    ...{id: specifier, filename: keyOf(specifier), loaded: true, children: [], paths: []},
    exports: own.exports,
  };
  bindResolution();
}

function keyOf(specifier: string): string {
  return `tasklab-own:${specifier}`;
}

let isBound = false;
function bindResolution(): void {
  if (isBound) return;
  isBound = true;
  const resolve = loader._resolveFilename;
  loader._resolveFilename = function (request, parent, ...rest) {
    if (bound.has(request)) return keyOf(request);
    try {
      return resolve.call(this, request, parent, ...rest);
    } catch (error) {
      // `./x.js` in TypeScript names the file that x.ts would become.
      const isTypeScript = /\.[cm]?ts$/.test(parent?.filename ?? "");
      if (!isTypeScript || !/^\.{1,2}\/.*\.[cm]?js$/.test(request)) throw error;
      return resolve.call(this, request.replace(/js$/, "ts"), parent, ...rest);
    }
  };
}

type ResolveHook = (
  specifier: string,
  context: {conditions?: readonly string[]},
  next: (specifier: string, context: object) => object,
) => object;

let isEsmBound = false;

/** The same for `import` in ES modules. Takes 30 ms on Node 20: called when the first local one is loaded. */
export function bindEsmImports(): void {
  if (isEsmBound) return;
  isEsmBound = true;
  const urls = Object.fromEntries([...bound].map(([specifier, {url}]) => [specifier, url]));
  const {registerHooks, register} = nodeModule as unknown as {
    registerHooks?: (hooks: {resolve: ResolveHook}) => void;
    register: (module: string) => void;
  };
  if (registerHooks) {
    registerHooks({
      resolve(request, context, next) {
        // These hooks hear of `require` too, which has an answer of its own.
        const url = context.conditions?.includes("require") ? undefined : urls[request];
        return url ? {url, shortCircuit: true} : next(request, context);
      },
    });
    return;
  }
  const hook = `const urls = ${JSON.stringify(urls)};
    export async function resolve(request, context, next) {
      const url = urls[request];
      return url ? {url, shortCircuit: true} : next(request, context);
    }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
}

let isReady = false;
function prepare(): void {
  if (isReady) return;
  isReady = true;
  const require = nodeModule.createRequire(import.meta.url);
  const ts = require("typescript") as typeof TypeScript;
  for (const ending of [".ts", ".mts", ".cts"]) {
    loader._extensions[ending] = (module, file) => {
      const {outputText, sourceMapText = ""} = ts.transpileModule(readFileSync(file, "utf8"), {
        fileName: file,
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.CommonJS,
          esModuleInterop: true,
          sourceMap: true,
        },
      });
      const map = {...(JSON.parse(sourceMapText) as object), sources: [file]};
      sources.set(file, {code: outputText, map: JSON.stringify(map)});
      module._compile(outputText, file);
    };
  }
}
