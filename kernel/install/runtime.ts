// The runtime: a copy of all that the kernel needs, which stands on its own when npm's cache is
// cleaned.
import {constants, cp, mkdir, readFile, readdir, stat, writeFile} from "node:fs/promises";
import {createRequire} from "node:module";
import {basename, dirname, extname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {closureOf} from "./closure.js";

/**
 * The folder that this very program is run from: a package in npm's cache, a clone, or a runtime.
 */
export const ownProject = fileURLToPath(new URL("../../../", import.meta.url));
export const {version: ownVersion} = createRequire(import.meta.url)("tasklab/package.json") as {
  version: string;
};

/** What a runtime is made of, by path and size: so that `doctor` sees what is missing. */
interface Contents {
  files: Record<string, number>;
}

const CONTENTS = "contents.json";

export async function copyRuntime(project: string, target: string): Promise<void> {
  const {files} = JSON.parse(await readFile(join(project, "package.json"), "utf8")) as {
    files: string[];
  };
  const own = ["package.json", ...files.filter((pattern) => !pattern.startsWith("!"))];
  const pairs = [
    ...own.map((path) => [join(project, path), join(target, path)] as const),
    ...(await closureOf(project)).map((each) => [each.source, join(target, each.target)] as const),
  ];
  for (const [source, copy] of pairs) await copyFolder(source, copy);
  const contents: Contents = {files: await sizesIn(target)};
  await writeFile(join(target, CONTENTS), JSON.stringify(contents));
}

/** The files that a runtime should have and has not, or not whole. */
export async function missingFrom(runtime: string): Promise<{all: number; missing: string[]}> {
  const {files} = JSON.parse(await readFile(join(runtime, CONTENTS), "utf8")) as Contents;
  const sizes = await sizesIn(runtime);
  const missing = Object.keys(files).filter((path) => sizes[path] !== files[path]);
  return {all: Object.keys(files).length, missing};
}

/**
 * A package's own files, without its node_modules (`closure.ts`), and without what serves a clone
 * alone.
 */
export async function copyFolder(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), {recursive: true});
  await cp(source, target, {
    recursive: true,
    dereference: true,
    mode: constants.COPYFILE_FICLONE,
    filter: (path) =>
      path !== join(source, "node_modules") &&
      extname(path) !== ".map" &&
      basename(path) !== ".tasklab-stamp",
  });
}

async function sizesIn(folder: string): Promise<Record<string, number>> {
  const paths = await readdir(folder, {recursive: true});
  const sizes = paths.map(async (path) => [path, await stat(join(folder, path))] as const);
  return Object.fromEntries(
    (await Promise.all(sizes))
      .filter(([path, found]) => found.isFile() && path !== CONTENTS)
      .map(([path, {size}]) => [path, size]),
  );
}
