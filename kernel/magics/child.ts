// A child process of a magic: what it prints streams into the cell, and an interrupt of the cell
// ends it and all that it started.

import {spawn} from "node:child_process";
import {existsSync} from "node:fs";
import {ambient, inContext} from "../../cluster/host.js";
import {MagicError, type MagicContext} from "./magic.js";

export interface ChildOptions {
  /** As the user wrote it, for the error. */
  written: string;
  shell?: boolean;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Rejects with a MagicError when it fails. */
export async function runChild(
  {signal}: MagicContext,
  command: string,
  args: readonly string[],
  {written, ...options}: ChildOptions,
): Promise<void> {
  const {cwd} = options;
  if (cwd !== undefined && !existsSync(cwd))
    throw new MagicError(`${written}: the folder ${cwd} is gone; make it again`);
  return new Promise((resolve, reject) => {
    // A process group of its own, so that an interrupt reaches all of it.
    const child = spawn(command, args, {
      ...options,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const end = () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
    };
    signal.addEventListener("abort", end, {once: true});
    process.once("exit", end);
    // Callbacks of streams run in no context of their own: what is printed is this cell's.
    const context = ambient();
    const printTo = (stream: NodeJS.WriteStream) => (text: string) =>
      inContext(context, () => stream.write(text));
    child.stdout.setEncoding("utf8").on("data", printTo(process.stdout));
    child.stderr.setEncoding("utf8").on("data", printTo(process.stderr));
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      process.off("exit", end);
      signal.removeEventListener("abort", end);
      if (code === 0) return resolve();
      const how = killedBy ? `was ended by ${killedBy}` : `exited with code ${code}`;
      reject(new MagicError(`${written} ${how}`));
    });
  });
}
