// History that outlives the kernel: one JSON line for each cell, beside the connection files.

import {appendFile, readFileSync, writeFileSync} from "node:fs";
import type {Entry} from "./history.js";

/** Entries that a file is cut back to, when it has grown to twice as many. */
const capacity = 5000;

export class HistoryFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Everything kept so far, oldest first; a line that is no entry is left out. */
  read(): Entry[] {
    let text: string;
    try {
      text = readFileSync(this.#path, "utf8");
    } catch {
      return [];
    }
    const entries = text.split("\n").flatMap(entryOf);
    if (entries.length <= 2 * capacity) return entries;
    const kept = entries.slice(-capacity);
    try {
      writeFileSync(this.#path, kept.map(line).join(""), {mode: 0o600});
    } catch {
      // Then it is cut back another time.
    }
    return kept;
  }

  add(entry: Entry): void {
    // History is a comfort: a full or read-only disk must not disturb the cell.
    appendFile(this.#path, line(entry), {mode: 0o600}, () => {});
  }
}

function line({session, line, input, output}: Entry): string {
  return `${JSON.stringify([session, line, input, output])}\n`;
}

function entryOf(text: string): Entry[] {
  try {
    const [session, line, input, output] = JSON.parse(text) as unknown[];
    if (typeof session !== "number" || typeof line !== "number" || typeof input !== "string")
      return [];
    return [{session, line, input, output: typeof output === "string" ? output : null}];
  } catch {
    return [];
  }
}
