// Local files in the notebook's world: TypeScript is transpiled as it is loaded (Node 20 can't run
// it), and `import "tasklab"` in such a file gives this process's own instance.

import * as nodeModule from "node:module";
import {MessageChannel} from "node:worker_threads";
import {hooksAtOnce, learn, type LoaderNews} from "./esm-hooks.js";
import {bundledFile} from "./resolution.js";
import {isTypeScript} from "./typescript-files.js";

/**
 * A module of this process that has no other instance: its exports, and the URL that they are
 * loaded from.
 */
export interface OwnModule {
  exports: object;
  url: string;
}

interface Loader {
  _cache: Record<string, unknown>;
  _resolveFilename(
    request: string,
    parent: {filename?: string} | undefined,
    ...rest: unknown[]
  ): string;
}
const loader = nodeModule.Module as unknown as Loader;
const bound = new Map<string, OwnModule>();

/** Has `require` of `specifier`, in any module of this process, give `own`. */
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
      const importer = parent?.filename ?? "";
      if (!isTypeScript(importer)) throw error;
      const found = bundledFile(request, importer, "commonjs") ?? bundledFile(request, importer);
      if (found === undefined) throw error;
      return resolve.call(this, found, parent, ...rest);
    }
  };
}

let tell: ((news: LoaderNews) => void) | undefined;

/** Sends news to Node's loader of ES modules, which has them before the next import. */
export function tellLoader(news: LoaderNews): void {
  bindEsmImports();
  tell!(news);
}

/**
 * Gives ES modules `tasklab`, and the versions of local modules. Takes 30 ms on Node 20, so it is
 * called when the first local module is loaded.
 */
export function bindEsmImports(): void {
  if (tell) return;
  const {registerHooks, register} = nodeModule as unknown as {
    registerHooks?: (hooks: typeof hooksAtOnce) => void;
    register: (module: string, base: string, options: object) => void;
  };
  if (registerHooks) {
    registerHooks(hooksAtOnce);
    tell = learn;
  } else {
    const {port1, port2} = new MessageChannel();
    register("./esm-hooks.js", import.meta.url, {data: {port: port2}, transferList: [port2]});
    port1.unref();
    tell = (news) => port1.postMessage(news);
  }
  const urls = [...bound].map(([specifier, {url}]): [string, string] => [specifier, url]);
  tell({kind: "own", urls: Object.fromEntries(urls)});
}
