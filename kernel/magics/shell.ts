// `!command`: run by the shell; what it prints streams into the cell.

import {spawn} from "node:child_process";
import {MagicError, type Magic} from "./magic.js";

export const shell: Magic = {
  name: "!",
  kind: "line",
  summary: "run a shell command: !ls -l",
  help: "An interrupt of the cell ends the command and what it started.",
  options: {},
  raw: true,
  run: (context, args) =>
    new Promise<void>((resolve, reject) => {
      // A process group of its own, so that an interrupt reaches all of it.
      const child = spawn(args.raw, {
        shell: true,
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
      });
      const end = () => {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
      };
      context.signal.addEventListener("abort", end, {once: true});
      child.stdout.setEncoding("utf8").on("data", (text: string) => process.stdout.write(text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => process.stderr.write(text));
      child.on("error", reject);
      child.on("close", (code, signal) => {
        context.signal.removeEventListener("abort", end);
        if (code === 0) return resolve();
        const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
        reject(new MagicError(`!${args.raw} ${how}`));
      });
    }),
};
