// Makes pipes of the system, as pairs of file descriptors. Node has no call for that, and its
// `stdio: "pipe"` makes sockets, which a shell can't open as /dev/stderr. So pipes are made by
// name, opened at both ends, and lose their names at once: nothing is left when the process ends.

import {spawnSync} from "node:child_process";
import {constants, mkdtempSync, openSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

export interface Pipe {
  /** The end to read from. A read never waits: it throws EAGAIN when the pipe is empty. */
  readFd: number;
  /** The end to write to. A write waits while the pipe is full. */
  writeFd: number;
}

/** Makes `count` named pipes for as long as `use` runs. Throws when the system can't. */
export function withNamedPipes<T>(count: number, use: (paths: string[]) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "tasklab-pipes-"));
  try {
    const paths = Array.from({length: count}, (_, index) => join(folder, String(index)));
    const {error, status, stderr} = spawnSync("mkfifo", ["-m", "600", ...paths], {
      encoding: "utf8",
    });
    if (error || status !== 0) throw error ?? new Error(`mkfifo: ${stderr}`);
    return use(paths);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

/** Opens both ends of a named pipe: first the one to read from, because the other waits for it. */
export function openPipe(path: string): Pipe {
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return {readFd, writeFd: openSync(path, "w")};
}

/** So many pipes are made at once: making one costs as much as starting a process. */
const madeAtOnce = 16;

/** A stock of pipes, for one child after another. */
export class Pipes {
  #stock: Pipe[] = [];

  take(): Pipe {
    if (this.#stock.length === 0)
      this.#stock = withNamedPipes(madeAtOnce, (paths) => paths.map(openPipe));
    return this.#stock.pop()!;
  }
}
