// Shells: the main one and its subshells (JEP 91). Each is a queue of cells of its own, so that a
// cell of one runs while another's awaits. All run on the one main thread: they interleave at
// `await`, and a synchronous loop holds up all of them. Everything but cells is answered at once,
// whatever its shell.

import {randomUUID} from "node:crypto";
import type {CellId} from "../threads.js";
import type {Execution} from "./execution.js";
import {maxWaitingCells, maxWaitingChars} from "./limits.js";
import type {Header} from "./message.js";
import {RequestError} from "./request.js";

/** Cells that wait for their turn, in order. */
export interface Shell {
  readonly waiting: Execution[];
}

/** Far more than one for each kind of widget; a client that forgets to delete them is told. */
export const maxSubshells = 1000;

/** A request about a subshell can't be met, by the client's mistake. */
export class SubshellError extends RequestError {
  override name = "SubshellError";
}

export class Shells {
  readonly #main: Shell = {waiting: []};
  readonly #subshells = new Map<string, Shell>();
  /** All cells that wait, whatever their shell. */
  readonly #waiting = new Set<CellId>();
  #waitingChars = 0;

  /** Gives the new subshell's id. */
  create(): string {
    if (this.#subshells.size >= maxSubshells)
      throw new SubshellError(`there are ${maxSubshells} subshells already; delete some`);
    const id = randomUUID();
    this.#subshells.set(id, {waiting: []});
    return id;
  }
  /** What waited in it is the caller's to answer. */
  delete(id: unknown): Execution[] {
    const shell = this.#subshells.get(id as string);
    if (!shell) throw unknown(id);
    this.#subshells.delete(id as string);
    return this.takeAll(shell);
  }
  ids(): string[] {
    return [...this.#subshells.keys()];
  }
  all(): Shell[] {
    return [this.#main, ...this.#subshells.values()];
  }

  isWaiting(cell: CellId): boolean {
    return this.#waiting.has(cell);
  }
  /** The cell waits from here on; or says why it can't. */
  add(shell: Shell, execution: Execution): string | undefined {
    if (this.#waiting.size >= maxWaitingCells)
      return `${maxWaitingCells} cells wait already; send more when some have ended`;
    if (this.#waitingChars + execution.code.length > maxWaitingChars)
      return `the cells that wait hold ${this.#waitingChars} characters of code already; send more when some have ended`;
    shell.waiting.push(execution);
    this.#waiting.add(execution.cell);
    this.#waitingChars += execution.code.length;
    return undefined;
  }
  take(shell: Shell): Execution | undefined {
    return this.#takeOut(shell, 1)[0];
  }
  takeAll(shell: Shell): Execution[] {
    return this.#takeOut(shell, shell.waiting.length);
  }

  /** Whose request it is; undefined: of a subshell that does not exist. */
  of({subshell_id: id}: Header): Shell | undefined {
    return id === undefined || id === null ? this.#main : this.#subshells.get(id);
  }
  /** Throws when the request's subshell does not exist. */
  check(header: Header): void {
    if (!this.of(header)) throw unknown(header.subshell_id);
  }

  #takeOut(shell: Shell, count: number): Execution[] {
    const taken = shell.waiting.splice(0, count);
    for (const {cell, code} of taken) {
      this.#waiting.delete(cell);
      this.#waitingChars -= code.length;
    }
    return taken;
  }
}

function unknown(id: unknown): SubshellError {
  return new SubshellError(`unknown subshell: ${JSON.stringify(id)}`);
}
