// What was run, for the clients' search: tail, range and search of the protocol, as IPython answers
// them.

import {glob} from "./glob.js";

export interface Entry {
  session: number;
  line: number;
  input: string;
  output: string | null;
}

/** Where sessions are kept (`HistoryFolder`), or nowhere. */
export interface Keeper {
  /** This session's number, claimed now; and what it is or would be. */
  session(): number;
  sessionSoFar(): number;
  /** Entries of all other sessions, oldest first. */
  others(): Entry[];
  add(entry: Entry): void;
}

/** Inputs of this session that are kept. */
const capacity = 10_000;
/** What a `tail` without a number gets, as from IPython. */
const tailLength = 10;

export class History {
  readonly #entries: Entry[] = [];
  readonly #keeper: Keeper;

  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  add(line: number, input: string): Entry {
    const entry: Entry = {session: this.#keeper.session(), line, input, output: null};
    this.#entries.push(entry);
    if (this.#entries.length > capacity) this.#entries.shift();
    return entry;
  }

  /** What ran in this session under that number. */
  input(line: number): string | undefined {
    return this.#entries.findLast((entry) => entry.line === line)?.input;
  }

  /** The cell has ended: its entry has its output, if it has one. */
  ended(entry: Entry): void {
    this.#keeper.add(entry);
  }

  /**
   * Answers a `history_request`. Cells are kept as they were written: `raw` makes no difference.
   */
  answer(request: Record<string, unknown>): unknown[] {
    const withOutput = request.output === true;
    return this.#find(request).map(({session, line, input, output}) => [
      session,
      line,
      withOutput ? [input, output] : input,
    ]);
  }

  #find(request: Record<string, unknown>): Entry[] {
    switch (request.hist_access_type) {
      case "tail":
        return last(this.#all(), request.n ?? tailLength);
      case "range":
        return this.#range(request);
      case "search": {
        const matches = glob(typeof request.pattern === "string" ? request.pattern : "*");
        let found = this.#all().filter((entry) => matches(entry.input));
        if (request.unique === true) found = latestOfEach(found);
        return last(found, request.n);
      }
      default:
        return [];
    }
  }

  /** This session's come last, whichever session began later. */
  #all(): Entry[] {
    return [...this.#keeper.others(), ...this.#entries];
  }

  /** Session 0 is this one, −1 the one before; `stop` is not included, and 0 is none. */
  #range({session, start, stop}: Record<string, unknown>): Entry[] {
    const wanted = typeof session === "number" ? session : 0;
    const number = wanted <= 0 ? this.#keeper.sessionSoFar() + wanted : wanted;
    const from = typeof start === "number" ? start : 0;
    const to = typeof stop === "number" && stop !== 0 ? stop : Infinity;
    return this.#all().filter(
      (entry) => entry.session === number && entry.line >= from && entry.line < to,
    );
  }
}

function last(entries: Entry[], count: unknown): Entry[] {
  return typeof count === "number" ? entries.slice(Math.max(0, entries.length - count)) : entries;
}

/** Of equal inputs only the latest stays. */
function latestOfEach(entries: Entry[]): Entry[] {
  const latest = new Map(entries.map((entry) => [entry.input, entry]));
  return entries.filter((entry) => latest.get(entry.input) === entry);
}
