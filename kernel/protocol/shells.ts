// Shells: the main one and its subshells (JEP 91). Each is a queue of cells of its own, so that a cell of
// one runs while another's awaits. All run on the one main thread: they interleave at `await`, and a
// synchronous loop holds up all of them. Everything but cells is answered at once, whatever its shell.

import {randomUUID} from "node:crypto";
import type {Execution} from "./execution.js";
import type {Header} from "./message.js";

/** Cells that wait for their turn, in order. */
export interface Shell {
  waiting: Execution[];
}

/** Far more than one for each kind of widget; a client that forgets to delete them is told. */
export const maxSubshells = 1000;

/** A request about a subshell can't be met, by the client's mistake. */
export class SubshellError extends Error {
  override name = "SubshellError";
}

export class Shells {
  readonly #main: Shell = {waiting: []};
  readonly #subshells = new Map<string, Shell>();

  /** Gives the new subshell's id. */
  create(): string {
    if (this.#subshells.size >= maxSubshells)
      throw new SubshellError(`there are ${maxSubshells} subshells already; delete some`);
    const id = randomUUID();
    this.#subshells.set(id, {waiting: []});
    return id;
  }
  /** What waited in it is the caller's to answer. */
  delete(id: unknown): Shell {
    const shell = this.#subshells.get(id as string);
    if (!shell) throw unknown(id);
    this.#subshells.delete(id as string);
    return shell;
  }
  ids(): string[] {
    return [...this.#subshells.keys()];
  }
  all(): Shell[] {
    return [this.#main, ...this.#subshells.values()];
  }

  /** Whose request it is; undefined: of a subshell that does not exist. */
  of({subshell_id: id}: Header): Shell | undefined {
    return id === undefined || id === null ? this.#main : this.#subshells.get(id);
  }
  /** Throws when the request's subshell does not exist. */
  check(header: Header): void {
    if (!this.of(header)) throw unknown(header.subshell_id);
  }
}

function unknown(id: unknown): SubshellError {
  return new SubshellError(`unknown subshell: ${JSON.stringify(id)}`);
}
