// The working folder of this process. Users may delete it while the process lives: then no process
// or thread of Node can start in it ("ENOENT … uv_cwd"). A folder that was made again under the
// same name is another folder to the system, though not to its user. A moved folder is still the
// process's own, but files are not found by the old path.

import {readlinkSync, statSync} from "node:fs";
import {tmpdir} from "node:os";
import {ClusterError} from "./errors.js";

/**
 * Makes sure that this process's folder is there before a cluster starts in it. Enters the new
 * folder when the folder was made again. Throws a ClusterError that says what to do when there is
 * none.
 */
export function checkFolder(): void {
  const lost = enterFolder();
  if (lost === null) return;
  throw new ClusterError(
    `${lost}, and no process can start in it: ` +
      "make it again, or enter another one with process.chdir(…) (%cd)",
  );
}

/**
 * Enters this process's folder again when it was made again. When there is none, returns words that
 * say so, with the place to which the folder was moved if the system can tell.
 */
export function enterFolder(): string | null {
  switch (folderState()) {
    case "there":
      return null;
    case "made anew":
      process.chdir(currentFolder());
      return null;
    case "gone":
      return `the folder ${currentFolder()} is gone${movedTo()}`;
  }
}

function movedTo(): string {
  try {
    const now = readlinkSync("/proc/self/cwd");
    return maybeStat(now) ? ` (it was moved to ${now})` : "";
  } catch {
    // Only Linux can tell where the folder is.
    return "";
  }
}

/**
 * Finds a folder where a child process can start; without `cwd`, this process's own folder. `note`
 * says in words that this process's folder is gone and another one is used.
 */
export function folderForChild(): {cwd?: string; note?: string} {
  switch (folderState()) {
    case "there":
      return {};
    case "made anew":
      return {cwd: currentFolder()};
    case "gone":
      return {
        cwd: tmpdir(),
        note: `the folder ${currentFolder()} is gone: this process works in ${tmpdir()}`,
      };
  }
}

/** The path of this process's folder, also when the folder is gone. */
export function currentFolder(): string {
  try {
    return (known = process.cwd());
  } catch {
    return known;
  }
}
let known = "(whose name is not known)";
currentFolder();

function folderState(): "there" | "made anew" | "gone" {
  const named = maybeStat(currentFolder());
  if (!named?.isDirectory()) return "gone";
  const own = maybeStat(".");
  return own?.ino === named.ino && own.dev === named.dev ? "there" : "made anew";
}

function maybeStat(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
