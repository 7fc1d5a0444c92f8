// Hooks for Node's loader of ES modules, which has four more things to know: where `tasklab` is,
// which version of a local file an import means now, the texts of shipped files, and which file a
// local module means by a name that Node does not find (resolution.ts). Node 20 runs the hooks in a
// thread of their own, and news comes by a port. Newer versions call them in the thread that
// imports.

import {fileURLToPath, pathToFileURL} from "node:url";
import {receiveMessageOnPort, type MessagePort} from "node:worker_threads";
import {codeFile} from "./resolution.js";
import {isTypeScript} from "./typescript-files.js";

export type LoaderNews =
  | {kind: "own"; urls: Record<string, string>}
  /** The file was loaded again. */
  | {kind: "version"; url: string; version: number}
  | {kind: "shipped"; url: string; file: ShippedSource}
  | {kind: "forgotten"; url: string};

/** A file that need not be on this machine's disk. */
export interface ShippedSource {
  format: "module" | "json";
  text: string;
  /** URLs of the files that it imports, by the names in its text. */
  imports: Record<string, string>;
}

let own: Record<string, string> = {};
const versions = new Map<string, number>();
const shipped = new Map<string, ShippedSource>();

export function learn(news: LoaderNews): void {
  switch (news.kind) {
    case "own":
      own = news.urls;
      return;
    case "version":
      versions.set(news.url, news.version);
      return;
    case "shipped":
      shipped.set(news.url, news.file);
      return;
    case "forgotten":
      shipped.delete(news.url);
      return;
  }
}

interface Context {
  conditions?: readonly string[];
  parentURL?: string;
}
interface Found {
  url: string;
  shortCircuit?: boolean;
}
type Next<R> = (request: string, context: object) => R;

/** Finds what is known without Node's rules. */
function findKnown(request: string, {parentURL = ""}: Context): string | undefined {
  if (Object.hasOwn(own, request)) return own[request];
  if (shipped.has(request)) return request;
  const imports = shipped.get(parentURL)?.imports ?? {};
  return Object.hasOwn(imports, request) ? imports[request] : undefined;
}

function inVersion(found: Found): Found {
  const version = versions.get(found.url);
  return version === undefined ? found : {...found, url: `${found.url}?v=${version}`};
}

/** Finds where packages are looked up that a shipped file's own folder does not lead to. */
function fromHere({parentURL = ""}: Context): string | undefined {
  return shipped.has(parentURL) ? pathToFileURL(`${process.cwd()}/notebook.js`).href : undefined;
}

/**
 * Finds what a local module means where Node finds nothing. TypeScript is loaded by `require`
 * alone.
 */
function maybeBundled(request: string, {parentURL = ""}: Context): Found | undefined {
  if (!parentURL.startsWith("file:") || parentURL.includes("/node_modules/")) return undefined;
  const file = codeFile(request, fileURLToPath(parentURL));
  if (file === undefined || isTypeScript(file)) return undefined;
  return {...inVersion({url: pathToFileURL(file).href}), shortCircuit: true};
}

function loadShipped(url: string): object | undefined {
  const file = shipped.get(url);
  return file && {format: file.format, source: file.text, shortCircuit: true};
}

/** The hooks for `registerHooks`, in the thread that imports. */
export const hooksAtOnce = {
  resolve(request: string, context: Context, next: Next<Found>): object {
    // The hooks hear of `require` too, which finds such a file by itself.
    if (context.conditions?.includes("require")) return next(request, context);
    const url = findKnown(request, context);
    if (url !== undefined) return {url, shortCircuit: true};
    const folder = fromHere(context);
    try {
      return inVersion(next(request, context));
    } catch (error) {
      const there = folder === undefined ? context : {...context, parentURL: folder};
      try {
        if (folder !== undefined) return next(request, there);
      } catch {
        // The first error tells more.
      }
      const bundled = maybeBundled(request, there);
      if (bundled) return bundled;
      throw error;
    }
  },
  load(url: string, context: object, next: Next<object>): object {
    return loadShipped(url) ?? next(url, context);
  },
};

// ---- for `register`, in a thread of its own ----

let port: MessagePort | undefined;
export function initialize(data: {port: MessagePort}): void {
  port = data.port;
}

/** Takes in the news that was posted before the import began. */
function catchUp(): void {
  for (let news; port && (news = receiveMessageOnPort(port));) learn(news.message as LoaderNews);
}

export async function resolve(
  request: string,
  context: Context,
  next: Next<Promise<Found>>,
): Promise<object> {
  catchUp();
  const url = findKnown(request, context);
  if (url !== undefined) return {url, shortCircuit: true};
  const folder = fromHere(context);
  try {
    return inVersion(await next(request, context));
  } catch (error) {
    const there = folder === undefined ? context : {...context, parentURL: folder};
    try {
      if (folder !== undefined) return await next(request, there);
    } catch {
      // The first error tells more.
    }
    const bundled = maybeBundled(request, there);
    if (bundled) return bundled;
    throw error;
  }
}

export function load(url: string, context: object, next: Next<object>): object {
  return loadShipped(url) ?? next(url, context);
}
