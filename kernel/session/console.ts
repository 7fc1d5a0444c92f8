// Sends the output of user code to the cell that caused it. The cell is part of the ambient
// context, which follows everything that a cell sets off (cluster/context/carry.ts).

import {Console} from "node:console";
import {ambient, contextOfNow} from "../../cluster/host.js";
import {redirectChildren} from "../../cluster/descriptors/children.js";
import {redirectWrites} from "../../cluster/descriptors/files.js";
import {writtenText} from "../../cluster/descriptors/written.js";
import {clearOutput} from "../../cluster/show/show.js";
import type {CellId} from "../threads.js";
import type {Host} from "./host.js";

type Write = (cell: string, name: "stdout" | "stderr", text: string) => void;

/** Sends stdout and stderr of this process to `write`. */
export function captureOutput(write: Write): void {
  for (const name of ["stdout", "stderr"] as const) capture(process[name], name, write);
  replaceConsole();
}

/** What children of cells print, and what is written to descriptors, goes to the cell as well. */
export function captureDescriptors(host: Host): void {
  const isWanted = () => ambient().cell !== "";
  redirectWrites(isWanted);
  redirectChildren({
    isWanted,
    carry: contextOfNow,
    read: (fd, name) => host.post({kind: "child-pipe", cell: ambient().cell as CellId, name, fd}),
    catchUp: (fds) => host.post({kind: "catch-up", fds}),
  });
}

/**
 * Replaces Node's own console. That one reports each call to the inspector as well, which keeps the
 * printed values alive, and guards each write against a broken pipe. The two take twice the time of
 * all other work.
 */
function replaceConsole(): void {
  const {stdout, stderr} = process;
  const own = new Console({stdout, stderr, ignoreErrors: false});
  own.clear = () => clearOutput();
  const isMethod = (name: string) => typeof own[name as keyof Console] === "function";
  for (const name of Object.keys(own).filter(isMethod))
    Object.assign(console, {[name]: own[name as keyof Console]});
}

function capture(stream: NodeJS.WriteStream, name: "stdout" | "stderr", write: Write): void {
  const textOf = writtenText();
  stream.write = ((
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ): boolean => {
    const ended = typeof encoding === "function" ? encoding : done;
    write(ambient().cell, name, textOf(chunk, encoding));
    if (ended) process.nextTick(ended, null);
    return true;
  }) as typeof stream.write;
}
