// How the process ends, and what does not end it.

import {ambient, contextBehind, inContext} from "../../cluster/host.js";
import type {CellId} from "../threads.js";
import type {Farewell, Host} from "./host.js";

type Failed = (error: unknown) => void;

/**
 * Makes `process.exit` in a cell end the kernel in order. An error that nobody caught is shown in
 * the cell that caused the error, and the kernel lives.
 */
export function installExits(host: Host, failed: Failed): void {
  const exit = process.exit.bind(process);
  process.exit = ((code?: number) => {
    host.closeIo(farewell(host, code));
    return exit(code ?? process.exitCode);
  }) as typeof process.exit;
  const fail = (error: unknown, promise?: Promise<unknown>) =>
    inContext(contextBehind(error, promise), () => failed(error));
  process.on("uncaughtException", (error) => fail(error));
  process.on("unhandledRejection", fail);
}

/** What is told to the cell that ends the process. Null: the kernel ends by itself. */
function farewell(host: Host, given: unknown): Farewell | null {
  const cell = ambient().cell as CellId;
  if (cell === "") return null;
  const code = Number(given ?? process.exitCode ?? 0);
  const call = `process.exit(${given === undefined ? "" : String(given)})`;
  const words = `${call} has ended the kernel, and its variables are gone: start it again to go on`;
  if (code === 0) host.stream(cell, "stderr", `${words}\n`);
  return {cell, code, words};
}

/** Writes an uncaught error to the stderr of the cell in whose context it came up. */
export function reporter(host: Host, describe: (error: unknown) => string): Failed {
  return (error) => host.stream(ambient().cell, "stderr", `Uncaught ${describe(error)}\n`);
}

/** Whether a cell is a console's word for leaving, and no name of the user's own. */
export function isFarewell(code: string, names: ReadonlySet<string>): boolean {
  const [, word] = /^\s*(exit|quit)(?:\(\))?;?\s*$/.exec(code) ?? [];
  return word !== undefined && !names.has(word);
}
