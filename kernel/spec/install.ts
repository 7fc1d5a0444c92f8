// The kernelspec: how Jupyter finds and starts the kernel.
import {execFile} from "node:child_process";
import {copyFile, mkdir, writeFile} from "node:fs/promises";
import {join} from "node:path";
import {promisify} from "node:util";

export interface KernelPlace {
  /** The folder that holds `dist`. */
  readonly project: string;
  /** The Node that runs the kernel, by its absolute path: Jupyter's PATH may know none. */
  readonly nodePath: string;
  readonly version: string;
}

/** Flags that we want of Node, with the reason. A Node that has dropped one goes without. */
export const WANTED_FLAGS = [
  // An interrupt inside a timer's callback unwinds Node's hook stack. Without the flag, that aborts
  // the process.
  "--no-force-async-hooks-checks",
];

/** Nothing builds them: they stand where this file's source does. */
const logosUrl = new URL("../../../kernel/spec/", import.meta.url);
const LOGOS = ["logo-svg.svg", "logo-32x32.png", "logo-64x64.png"];

/** Writes kernel.json and the logos into `folder`, usually `…/share/jupyter/kernels/tasklab`. */
export async function installKernelspec(folder: string, place: KernelPlace): Promise<void> {
  await mkdir(folder, {recursive: true});
  const spec = kernelspec(place, await acceptedFlags(place.nodePath));
  await writeFile(join(folder, "kernel.json"), `${JSON.stringify(spec, null, 2)}\n`);
  for (const logo of LOGOS) {
    await copyFile(new URL(logo, logosUrl), join(folder, logo));
  }
}

export function kernelspec(place: KernelPlace, flags: readonly string[]) {
  const main = join(place.project, "dist", "kernel", "main.js");
  return {
    argv: [place.nodePath, ...flags, main, "{connection_file}"],
    display_name: "TypeScript (Tasklab)",
    language: "typescript",
    interrupt_mode: "message",
    kernel_protocol_version: "5.5",
    metadata: {
      debugger: true,
      // Clients may ask for encrypted sockets: their keys come in the connection file.
      supported_encryption: "curve",
      // What tells our kernelspec from another's of the same name.
      tasklab: {version: place.version},
    },
  };
}

/** The flags that this Node takes, found by asking it. */
export async function acceptedFlags(
  nodePath: string,
  wanted: readonly string[] = WANTED_FLAGS,
): Promise<string[]> {
  const answers = await Promise.all(wanted.map((flag) => isAccepted(nodePath, flag)));
  return wanted.filter((_, index) => answers[index]);
}

async function isAccepted(nodePath: string, flag: string): Promise<boolean> {
  try {
    await promisify(execFile)(nodePath, [flag, "--eval", "0"], {timeout: 20_000});
    return true;
  } catch {
    return false;
  }
}
