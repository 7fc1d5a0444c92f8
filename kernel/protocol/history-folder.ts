// History that outlives the kernel: a folder beside the connection files, a file for each session,
// a JSON line for each cell. The file's name is the session's number: whoever makes it has it, so
// two kernels never get the same, and none writes into another's.

import {appendFile, mkdirSync, readdirSync, rmSync, statSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {readText} from "../../cluster/shipping/modules/whole-file.js";
import type {Entry} from "./history.js";

/** Sessions that are kept; the oldest go first. */
const keptSessions = 200;
/** What is read of them, the newest first. */
const readBytes = 16 * 1024 * 1024;
/** A longer cell is no use in a history. */
const longestChars = 1024 * 1024;

interface Read {
  /** When the file was changed last, and how long it was then. */
  changedMs: number;
  bytes: number;
  entries: Entry[];
}

/**
 * Null, and nothing is kept, when the connection file is in the folder that the machine's programs
 * share: nbconvert puts it there, whose runs are no use in a history.
 */
export function historyBeside(connectionFile: string): string | null {
  const folder = dirname(connectionFile);
  return folder === tmpdir() ? null : join(folder, "tasklab-history");
}

export class HistoryFolder {
  readonly #path: string | null;
  #own: number | null = null;
  /** Other sessions, by number. */
  readonly #others = new Map<number, Read>();

  constructor(path: string | null) {
    this.#path = path;
  }

  /**
   * This session's number: claimed by the first cell, so that a kernel without cells takes none.
   */
  session(): number {
    return (this.#own ??= this.#claim());
  }
  /** The number that it has, or would get. */
  sessionSoFar(): number {
    return this.#own ?? (this.#numbers().at(-1) ?? 0) + 1;
  }

  /**
   * What all other sessions have kept so far, oldest first, those of kernels that run beside this
   * one too.
   */
  others(): Entry[] {
    let left = readBytes;
    const sessions: Entry[][] = [];
    for (const session of this.#numbers().reverse()) {
      if (session === this.#own) continue;
      const {bytes, entries} = this.#read(session);
      left -= bytes;
      if (left < 0) break;
      sessions.push(entries);
    }
    return sessions.reverse().flat();
  }

  add({session, line, input, output}: Entry): void {
    const text = `${JSON.stringify([line, input, output])}\n`;
    if (this.#path === null || text.length > longestChars) return;
    // History is a comfort: a full or read-only disk must not disturb the cell.
    appendFile(this.#file(session), text, {mode: 0o600}, () => {});
  }

  #claim(): number {
    if (this.#path === null) return 1;
    try {
      mkdirSync(this.#path, {recursive: true, mode: 0o700});
    } catch {
      return this.sessionSoFar();
    }
    const numbers = this.#numbers();
    for (const old of numbers.slice(0, -keptSessions)) rmSync(this.#file(old), {force: true});
    for (let number = (numbers.at(-1) ?? 0) + 1; ; number++) {
      try {
        writeFileSync(this.#file(number), "", {flag: "wx", mode: 0o600});
        return number;
      } catch (error) {
        // Another kernel was faster; anything else means that nothing is kept.
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") return number;
      }
    }
  }

  #read(session: number): Read {
    try {
      const {size: bytes, mtimeMs: changedMs} = statSync(this.#file(session));
      const before = this.#others.get(session);
      if (before?.changedMs === changedMs && before.bytes === bytes) return before;
      const isTooMuch = bytes > readBytes;
      const lines = isTooMuch ? [] : readText(this.#file(session), readBytes).split("\n");
      const entries = lines.flatMap((text) => entryOf(session, text));
      const read = {changedMs, bytes, entries};
      this.#others.set(session, read);
      return read;
    } catch {
      return {changedMs: 0, bytes: 0, entries: []};
    }
  }

  /** Of all sessions that have a file, in order. */
  #numbers(): number[] {
    if (this.#path === null) return [];
    let names: string[];
    try {
      names = readdirSync(this.#path);
    } catch {
      return [];
    }
    return names
      .flatMap((name) => /^(\d{1,9})\.jsonl$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }
  #file(session: number): string {
    return join(this.#path!, `${session}.jsonl`);
  }
}

/** A line that is no entry is left out: its kernel may have been killed while it wrote. */
function entryOf(session: number, text: string): Entry[] {
  try {
    const [line, input, output] = JSON.parse(text) as unknown[];
    if (typeof line !== "number" || typeof input !== "string") return [];
    return [{session, line, input, output: typeof output === "string" ? output : null}];
  } catch {
    return [];
  }
}
