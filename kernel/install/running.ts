// Who runs from a folder right now: what is in use is not taken away without a word.
import {execFile} from "node:child_process";
import {readFile, readdir} from "node:fs/promises";
import {platform} from "node:os";
import {sep} from "node:path";
import {promisify} from "node:util";

const LIMIT_MS = 10_000;

/** How many kernels run from below the folder; undefined when this machine does not tell. */
export async function kernelsFrom(folder: string): Promise<number | undefined> {
  try {
    const lines = platform() === "linux" ? await commandsOfProc() : await commandsOfPs();
    const main = ["dist", "kernel", "main.js"].join(sep);
    return lines.filter((line) => line.includes(folder + sep) && line.includes(main)).length;
  } catch {
    return undefined;
  }
}

/** Small images have no `ps`. */
async function commandsOfProc(): Promise<string[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // A process may end between our two looks.
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "")));
}

async function commandsOfPs(): Promise<string[]> {
  const {stdout} = await promisify(execFile)("ps", ["-A", "-ww", "-o", "args="], {
    timeout: LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.split("\n");
}
