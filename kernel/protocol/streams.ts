// Printed text on its way out: joined into few messages, never reordered, bounded for each cell.

import type {CellId} from "../threads.js";

type Name = "stdout" | "stderr";

/** Text waits this long for more of the same kind. */
const batchMs = 25;
/** …or until this much has come. */
const batchChars = 256 * 1024;
/**
 * What one cell may print; beyond it, only the end is kept and one line says how much is not shown.
 */
export const maxCellChars = 4 * 1024 * 1024;
/** The end that is kept of a flood. */
export const keptTailChars = 64 * 1024;
/** Cells that have printed and whose accounts are kept. */
const rememberedCells = 1000;

interface Account {
  printed: number;
  tail: {name: Name; text: string}[];
  tailChars: number;
  foldedLines: number;
}

export class StreamBuffer {
  readonly #out: (cell: CellId, name: Name, text: string) => void;
  readonly #accounts = new Map<CellId, Account>();
  #cell: CellId | null = null;
  #name: Name = "stdout";
  #parts: string[] = [];
  #chars = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(out: (cell: CellId, name: Name, text: string) => void) {
    this.#out = out;
  }

  write(cell: CellId, name: Name, text: string): void {
    if (text === "") return;
    const account = this.#account(cell);
    account.printed += text.length;
    if (account.printed > maxCellChars) return this.#fold(account, name, text);
    this.#append(cell, name, text);
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#chars === 0 || this.#cell === null) return;
    const text = this.#parts.join("");
    this.#parts = [];
    this.#chars = 0;
    this.#out(this.#cell, this.#name, text);
  }

  /** Brings out the end of a flood; the cell may print as much again (from its timers). */
  end(cell: CellId): void {
    const account = this.#accounts.get(cell);
    this.#accounts.delete(cell);
    if (account && account.tailChars > 0) {
      if (account.foldedLines > 0) {
        const count = account.foldedLines.toLocaleString("en");
        this.#append(cell, "stderr", `… ${count} lines not shown (a cell shows 4 MiB) …\n`);
      }
      for (const {name, text} of account.tail) this.#append(cell, name, text);
    }
    this.flush();
  }

  #append(cell: CellId, name: Name, text: string): void {
    if (cell !== this.#cell || name !== this.#name) this.flush();
    this.#cell = cell;
    this.#name = name;
    this.#parts.push(text);
    this.#chars += text.length;
    if (this.#chars >= batchChars) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), batchMs);
  }

  #fold(account: Account, name: Name, text: string): void {
    account.tail.push({name, text: text.slice(-keptTailChars)});
    account.tailChars += Math.min(text.length, keptTailChars);
    while (account.tailChars > keptTailChars && account.tail.length > 1) {
      const dropped = account.tail.shift() as {text: string};
      account.tailChars -= dropped.text.length;
      account.foldedLines += dropped.text.split("\n").length - 1;
    }
  }

  #account(cell: CellId): Account {
    let account = this.#accounts.get(cell);
    if (!account) {
      account = {printed: 0, tail: [], tailChars: 0, foldedLines: 0};
      this.#accounts.set(cell, account);
      if (this.#accounts.size > rememberedCells) {
        const [oldest] = this.#accounts.keys();
        this.end(oldest as CellId);
      }
    }
    return account;
  }
}
