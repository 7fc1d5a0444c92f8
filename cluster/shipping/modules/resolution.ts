// Finds the file that an import means where Node's own rules find none, or find TypeScript: the
// file that the checker and bundlers see. A subpath needs no ending, a folder stands for its index,
// x.js for the x.ts that it is made of, and packages may export TypeScript.

import {existsSync, realpathSync, statSync} from "node:fs";
import {createRequire} from "node:module";
import {dirname, extname, join} from "node:path";
import {maxCodeBytes} from "../../limits.js";
import {packageName, plainSpecifier} from "./packages.js";
import {tsConfigFor} from "./tsconfig.js";
import {isTypeScript} from "./typescript-files.js";
import {typescript} from "./typescript.js";
import {readText} from "./whole-file.js";

/** How a file asks for another. */
export type Way = "module" | "commonjs";

/** Finds what `import` of the notebook or of a local file means when Node has found nothing. */
export function codeFile(specifier: string, importer: string): string | undefined {
  return runnable(requiredFile(specifier, importer)) ?? bundledFile(specifier, importer);
}

/**
 * Finds TypeScript under a package's name: of a package that is linked into node_modules, as
 * workspaces are, or of the package that `importer` belongs to.
 */
export function sourceFile(specifier: string, importer: string, by?: Way): string | undefined {
  if (!isOfOurs(specifier, importer)) return undefined;
  const file = bundledFile(specifier, importer, by);
  return file !== undefined && isTypeScript(file) ? file : undefined;
}

/** Finds the file by TypeScript's rules for bundlers, with the tsconfig.json that holds there. */
export function bundledFile(
  wanted: string,
  importer: string,
  by: Way = "module",
): string | undefined {
  const specifier = plainSpecifier(wanted);
  const ts = typescript();
  const {ModuleKind, ModuleResolutionKind} = ts;
  const config = tsConfigFor(dirname(importer))?.options ?? {};
  const options = {
    ...config,
    module: ModuleKind.Preserve,
    moduleResolution: ModuleResolutionKind.Bundler,
    customConditions: ["node", ...(config.customConditions ?? [])],
    allowJs: true,
    resolveJsonModule: true,
  };
  const mode = by === "module" ? ModuleKind.ESNext : ModuleKind.CommonJS;
  // `noDtsResolution` is not in TypeScript's public types: declarations are passed over.
  const find = (more: {noDtsResolution?: true}) =>
    ts.resolveModuleName(
      ...([specifier, importer, {...options, ...more}, ts.sys, undefined, undefined] as const),
      mode,
    ).resolvedModule?.resolvedFileName;
  // A package that has not been built may be found by its declarations alone.
  return runnable(find({noDtsResolution: true})) ?? runnable(find({}));
}

function requiredFile(specifier: string, importer: string): string | undefined {
  try {
    return createRequire(importer).resolve(specifier);
  } catch {
    return undefined;
  }
}

/** Passes on what can be run. When a package ships a file and its source, that is the file. */
function runnable(path: string | undefined): string | undefined {
  if (path === undefined || /\.d\.[cm]?ts$/.test(path) || !existsSync(path)) return undefined;
  if (!isTypeScript(path)) return /^\.([cm]?js|json|node)$/.test(extname(path)) ? path : undefined;
  const built = path.replace(/\.([cm]?)[jt]sx?$/, ".$1js");
  return path.includes("/node_modules/") && existsSync(built) ? built : path;
}

/**
 * Tells whether `specifier` names a package whose files are worked on. As a rule, no other package
 * is TypeScript.
 */
function isOfOurs(specifier: string, importer: string): boolean {
  if (specifier.startsWith("#")) return true;
  const name = packageName(specifier);
  if (name === undefined) return false;
  for (const folder of upwards(dirname(importer))) {
    const installed = join(folder, "node_modules", name);
    if (statSync(installed, {throwIfNoEntry: false})?.isDirectory())
      return !realpathSync(installed).includes("/node_modules/");
    const own = nameOf(join(folder, "package.json"));
    if (own === name) return true;
  }
  return false;
}

function nameOf(path: string): unknown {
  try {
    return (JSON.parse(readText(path, maxCodeBytes)) as {name?: unknown}).name;
  } catch {
    return undefined;
  }
}

function* upwards(folder: string): Generator<string> {
  for (let at = folder; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}
