// The project's own sources as text, for the tests that look at how they are written.
import {readFile, readdir} from "node:fs/promises";
import {dirname, join, relative} from "node:path";
import {fileURLToPath} from "node:url";

export const PROJECT = fileURLToPath(new URL("../../..", import.meta.url));

const FOLDERS = ["kernel", "cluster", "extensions", "test", "notebooks", "docs", ".ci"];
const MADE = /(^|\/)(node_modules|lib|labextension|__pycache__|\.ipynb_checkpoints)(\/|$)/;

export interface Source {
  /** From the project's folder on: `cluster/core/head/scheduler.ts`. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  /** A path in the project, or the name of a package. */
  readonly target: string;
  readonly isPackage: boolean;
  /** Types alone: nothing is loaded. */
  readonly isType: boolean;
}

export async function readSources(endings: RegExp): Promise<Source[]> {
  const paths: string[] = [];
  for (const folder of FOLDERS) {
    for (const entry of await readdir(join(PROJECT, folder), {recursive: true})) {
      const path = join(folder, entry);
      if (endings.test(path) && !MADE.test(path)) paths.push(path);
    }
  }
  for (const entry of await readdir(PROJECT)) if (endings.test(entry)) paths.push(entry);
  const read = async (path: string) => ({path, text: await readFile(join(PROJECT, path), "utf8")});
  return Promise.all(paths.sort().map(read));
}

const STATEMENT =
  /^(?:import|export)\s+(type\s)?(?:[\w*{][^"';]*?\sfrom\s*)?"([^"]+)";?$|\bimport\("([^"]+)"\)|\brequire(?:\.resolve)?\("([^"]+)"\)/gm;

/** What a source imports: by statement, by `import()` and by `require`. */
export function importsOf({path, text}: Source): Import[] {
  return [...withoutComments(text).matchAll(STATEMENT)].map((match) => {
    const named = match[2] ?? match[3] ?? match[4] ?? "";
    const isType = match[1] !== undefined;
    if (!named.startsWith(".")) return {target: packageOf(named), isPackage: true, isType};
    const file = relative(PROJECT, join(PROJECT, dirname(path), named));
    return {target: file.replace(/\.js$/, ".ts"), isPackage: false, isType};
  });
}

/**
 * Returns the circles of imports among the sources, types included: each as its files, sorted. A
 * file that imports itself, as a library that names its own exports does, is no circle.
 */
export function circlesOf(sources: readonly Source[]): string[][] {
  const imports = new Map(
    sources.map((source) => [source.path, importsOf(source).map(({target}) => target)]),
  );
  const reached = new Map([...imports.keys()].map((path) => [path, reachedFrom(path, imports)]));
  const circles = [...imports.keys()]
    .filter((path) => reached.get(path)!.has(path))
    .map((path) => [...reached.get(path)!].filter((other) => reached.get(other)?.has(path)).sort());
  const once = new Map(circles.map((circle) => [circle.join(" "), circle]));
  return [...once.values()].filter(({length}) => length > 1);
}

/** Returns the paths that a file imports, directly or by way of others. */
function reachedFrom(path: string, imports: ReadonlyMap<string, string[]>): Set<string> {
  const reached = new Set<string>();
  const ahead = [...(imports.get(path) ?? [])];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    ahead.push(...(imports.get(next) ?? []));
  }
  return reached;
}

function packageOf(named: string): string {
  if (named.startsWith("node:")) return named;
  return named.split("/", named.startsWith("@") ? 2 : 1).join("/");
}

function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
}
