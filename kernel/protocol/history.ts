// What was run, for the clients' search: tail, range and search of the protocol.

export interface Entry {
  session: number;
  line: number;
  input: string;
  output: string | null;
}

/** Inputs that are kept. */
const capacity = 10_000;

export class History {
  readonly #entries: Entry[];
  readonly #session: number;

  readonly #keep: (entry: Entry) => void;

  /** `earlier`: entries of sessions before this one, oldest first. `keep` gets each that is complete. */
  constructor(earlier: readonly Entry[] = [], keep: (entry: Entry) => void = () => {}) {
    this.#entries = [...earlier];
    this.#session = earlier.reduce((most, {session}) => Math.max(most, session), 0) + 1;
    this.#keep = keep;
  }

  add(line: number, input: string): Entry {
    const entry: Entry = {session: this.#session, line, input, output: null};
    this.#entries.push(entry);
    if (this.#entries.length > capacity) this.#entries.shift();
    return entry;
  }

  /** The cell has ended: its entry has its output, if it has one. */
  ended(entry: Entry): void {
    this.#keep(entry);
  }

  /** Answers a `history_request`. */
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
        return last(this.#entries, request.n);
      case "range":
        return this.#range(request);
      case "search": {
        const matches = glob(typeof request.pattern === "string" ? request.pattern : "*");
        let found = this.#entries.filter((entry) => matches.test(entry.input));
        if (request.unique === true) found = latestOfEach(found);
        return last(found, request.n);
      }
      default:
        return [];
    }
  }

  /** Session 0 is this one, −1 the one before; `stop` is not included. */
  #range({session, start, stop}: Record<string, unknown>): Entry[] {
    const wanted = typeof session === "number" ? session : 0;
    const number = wanted <= 0 ? this.#session + wanted : wanted;
    const from = typeof start === "number" ? start : 1;
    const to = typeof stop === "number" ? stop : Infinity;
    return this.#entries.filter(
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

/** `*` and `?` as in file names; the whole input must match. */
function glob(pattern: string): RegExp {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*+/g, "[^]*").replace(/\?/g, "[^]")}$`);
}
