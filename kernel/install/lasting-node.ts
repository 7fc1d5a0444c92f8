// The path by which a Node is still there after an upgrade or a cleaned cache: the kernelspec names
// it for long.
import {existsSync} from "node:fs";
import {InstallProblem} from "./problem.js";

export function lastingNode(path: string, isThere: (path: string) => boolean = existsSync): string {
  if (/[\\/]_npx[\\/]/.test(path)) {
    throw new InstallProblem(
      `This Node.js lies in npm's cache, which may be cleaned at any time: ${path}. ` +
        "Install Node.js (https://nodejs.org, or: nvm install 22), then run the same command with it",
    );
  }
  // Homebrew removes a version's folder with the next one, and has a link to the newest.
  const linked = path.replace(/\/Cellar\/([^/]+)\/[^/]+\/bin\/node$/, "/opt/$1/bin/node");
  return isThere(linked) ? linked : path;
}
