// The process's descriptors 1 and 2, below `process.stdout`: what native code and other threads
// write there is for the running cell. Both become pipes that the I/O thread reads.
//
//   descriptor 1 ──┐                    ┌── the running cell
//                  ├── I/O thread ──────┤
//   descriptor 2 ──┘                    └── terminal (what came by descriptor 2)
//
//   the kernel's own words ── terminal ── relay ── the stderr that the kernel was started with
//
// The relay, a shell's `cat`, holds the stderr that the kernel was started with, which Node can't
// keep in this process. It has a process group of its own and ends when the kernel has ended.
// Before, it passes on what nobody has read from descriptor 2: the last words of a process that was
// aborted.

import {spawn} from "node:child_process";
import {closeSync, constants, openSync} from "node:fs";
import {openPipe, withNamedPipes} from "../cluster/descriptors/pipes.js";
import {setTerminal} from "./terminal.js";

/** What the I/O thread reads, and the descriptor of the terminal, which never waits. */
export interface TakenDescriptors {
  stdout: number;
  stderr: number;
  terminal: number;
}

// The second `cat` finds a descriptor that never waits: it ends as soon as the pipe is empty.
const relay = "cat >&2; cat <&3 >&2 2>/dev/null";

/**
 * Must come before anything that touches `process.stdout` and before any other thread starts: an
 * opened file gets the lowest free number, and so the one that was just closed. Null when the
 * system makes no pipes: then all stays as it was.
 */
export function takeDescriptors(): TakenDescriptors | null {
  try {
    return withNamedPipes(3, ([outPath, errPath, terminalPath]) => {
      const [out, err] = [openPipe(outPath!), openPipe(errPath!)];
      const terminal = openPipe(terminalPath!);
      const noWait = openSync(terminalPath!, constants.O_WRONLY | constants.O_NONBLOCK);
      const child = spawn("sh", ["-c", relay], {
        stdio: [terminal.readFd, 1, 2, err.readFd],
        detached: true,
        cwd: "/",
      });
      if (child.pid === undefined) throw new Error("no shell");
      child.unref();
      closeSync(terminal.readFd);
      replace(1, "stdout", outPath!);
      replace(2, "stderr", errPath!);
      closeSync(out.writeFd);
      closeSync(err.writeFd);
      setTerminal(terminal.writeFd);
      return {stdout: out.readFd, stderr: err.readFd, terminal: noWait};
    });
  } catch {
    return null;
  }
}

/**
 * Opened twice: the stream that Node makes for the descriptor sets it to never wait, and what is
 * written by others would be lost while the pipe is full. The second opening knows nothing of that.
 */
function replace(fd: number, name: "stdout" | "stderr", path: string): void {
  for (let opened = 0; opened < 2; opened++) {
    closeSync(fd);
    const got = openSync(path, "w");
    if (got !== fd) throw new Error(`descriptor ${got} was opened instead of ${fd}`);
    void process[name];
  }
}
