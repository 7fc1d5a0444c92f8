// `tasklab install` and `uninstall`. Everything is made whole in a folder beside its place and then
// moved there, the kernelspec last: at any moment Jupyter sees either the earlier installation or
// this one.
import {
  access,
  constants,
  lstat,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  rmdir,
} from "node:fs/promises";
import {dirname, join} from "node:path";
import {installKernelspec} from "../spec/install.js";
import {foldersIn, type Folders} from "./folders.js";
import {InstallProblem} from "./problem.js";
import {kernelsFrom} from "./running.js";
import {copyFolder, copyRuntime} from "./runtime.js";

export interface Installation {
  /** The folder of the package to install, and its version. */
  project: string;
  version: string;
  nodePath: string;
}

/**
 * Installs into Jupyter's data folder, over whatever stands there. Resolves with what was left
 * behind.
 */
export async function install(data: string, {project, version, nodePath}: Installation) {
  const folders = foldersIn(data);
  await checkWritable(data);
  await checkOurs(folders);
  const runtime = join(folders.runtimes, version);
  const making = join(folders.runtimes, `.${process.pid}`);
  try {
    await mkdir(making, {recursive: true});
    const made = (name: string) => join(making, name);
    await copyRuntime(project, made("runtime"));
    await copyFolder(join(project, "extensions/execution/labextension"), made("extension"));
    await installKernelspec(made("kernelspec"), {project: runtime, nodePath, version});
    await replace(runtime, made("runtime"));
    await replace(folders.extension, made("extension"));
    await replace(folders.kernelspec, made("kernelspec"));
  } finally {
    await rm(making, {recursive: true, force: true});
    await removeEmpty(folders);
  }
  return {runtime, kept: await removeOthers(folders.runtimes, version)};
}

/** Takes everything away; resolves with what was there, and how many kernels still run from it. */
export async function uninstall(data: string) {
  const folders = foldersIn(data);
  await checkOurs(folders);
  const running = await kernelsFrom(folders.runtimes);
  const removed: string[] = [];
  for (const folder of [folders.kernelspec, folders.extension, folders.runtimes]) {
    if (await isThere(folder)) removed.push(folder);
    await rm(folder, {recursive: true, force: true});
  }
  await removeEmpty(folders);
  return {removed, running: running ?? 0};
}

/**
 * On a read-only disk the making of several folders at once fails with words about something else.
 */
async function checkWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await checkWritable(dirname(folder));
  }
}

/**
 * Another's kernel of our name stays; a kernelspec that nobody can read is nobody's, and is mended.
 */
async function checkOurs({kernelspec}: Folders): Promise<void> {
  let spec: {metadata?: {tasklab?: unknown}; display_name?: string};
  try {
    spec = JSON.parse(await readFile(join(kernelspec, "kernel.json"), "utf8")) as typeof spec;
  } catch {
    return;
  }
  if (spec?.metadata?.tasklab !== undefined) return;
  throw new InstallProblem(
    `${kernelspec} holds another kernel, "${spec?.display_name ?? "without a name"}". If nobody needs it: ` +
      "jupyter kernelspec remove tasklab; else choose another place with --prefix PATH",
  );
}

/** Moves what was made to its place; what stood there is laid beside it, and goes with it. */
async function replace(place: string, made: string): Promise<void> {
  await mkdir(dirname(place), {recursive: true});
  if (await isThere(place)) await rename(place, `${made}-before`);
  await rename(made, place);
}

/**
 * Other versions go, unless a kernel still runs from them; so do the remains of installs that were
 * cut off.
 */
async function removeOthers(runtimes: string, version: string): Promise<string[]> {
  const kept: string[] = [];
  for (const name of await readdir(runtimes)) {
    const folder = join(runtimes, name);
    if (name === version || isBeingMade(name)) continue;
    if (!name.startsWith(".") && (await kernelsFrom(folder)) !== 0) kept.push(folder);
    else await rm(folder, {recursive: true, force: true});
  }
  return kept;
}

function isBeingMade(name: string): boolean {
  if (!/^\.\d+$/.test(name)) return false;
  try {
    process.kill(Number(name.slice(1)), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Folders that are Jupyter's go when nothing is left in them. */
async function removeEmpty({data, kernelspec, extension, runtimes}: Folders): Promise<void> {
  for (const folder of [runtimes, dirname(kernelspec), dirname(extension), data])
    await rmdir(folder).catch(() => {});
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
