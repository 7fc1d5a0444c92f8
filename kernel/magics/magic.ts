// What a magic is, and how its line becomes arguments.
//
// A *line magic* (`%cluster start --workers 4`) stands on a line of its own among TypeScript lines.
// A *cell magic* (`%%sequential naive`) is the first line of a cell; the rest is its body.
// `%name?` shows help; an unknown name or option is refused with the nearest one that exists.

import type {CellId, CompileOptions, MimeBundle, SettingsReport} from "../threads.js";
import type {TraceBundle, TraceEvent} from "../../cluster/trace.js";
import type {CompilerClient} from "../compiler/compiler-client.js";
import {magicHere} from "../words/elsewhere.js";
import {nearest} from "../../cluster/nearest.js";

export interface Magic {
  /** Without its percent signs; "!" is the shell's. */
  name: string;
  kind: "line" | "cell";
  /** One line for `%lsmagic`. */
  summary: string;
  /** Shown by `%name?` below the summary and the options: usage and examples. */
  help: string;
  /** Options by their name without dashes: `{"max-workers": {…}}`. */
  options: Readonly<Record<string, Option>>;
  /** The rest of the line, behind options of the magic, is not taken apart: it is `args.raw`. */
  raw?: boolean;
  /** The rest of its line is TypeScript. */
  isCode?: boolean;
  /** At the head of a cell it runs before the rest is compiled. */
  isForCompiler?: boolean;
  /** What may stand in the place of a word that is being written. */
  complete?(word: string, compiler: CompilerClient): Promise<string[]>;
  /** Its value is shown as the cell's result when the magic is the last thing in the cell. */
  run(context: MagicContext, args: Arguments, body: string): MaybeResult | Promise<MaybeResult>;
}

/**
 * A value in a box: a promise of the value itself would ask it for its `then`, and a proxy may
 * answer.
 */
export interface Result {
  value: unknown;
}
type MaybeResult = Result | undefined | void;

export interface RunOptions extends CompileOptions {
  /** The code as the user wrote it, line for line, for errors. */
  written?: string;
  /** Called when the code has been compiled and begins to run. */
  begun?(): void;
}

export interface Option {
  /** A "flag" takes no value; a "list" may be given more than once. */
  type: "flag" | "number" | "text" | "list";
  /** Its other name, behind one dash: `-n 10`. */
  letter?: string;
  summary: string;
  /** Says what is wrong with a value ("must be 0 or more"), or nothing. */
  check?(value: string | number): string | undefined;
}

export interface Arguments {
  /** All of the line behind the magic's name; of a raw magic, behind its options. */
  raw: string;
  /** Words that are no options, in order. */
  words: string[];
  flags: ReadonlySet<string>;
  numbers: Readonly<Record<string, number | undefined>>;
  texts: Readonly<Record<string, string | undefined>>;
  lists: Readonly<Record<string, readonly string[] | undefined>>;
}

/** All that was recorded in a session. */
export interface SessionTrace {
  /** The wall-clock time of the events' zero. */
  epoch: string;
  events: TraceEvent[];
}

/** The services for a magic, besides `console` and the value that it returns. */
export interface MagicContext {
  readonly cell: CellId;
  readonly executionCount: number;
  /** Aborted when the cell is interrupted. */
  readonly signal: AbortSignal;
  /**
   * Runs TypeScript as part of this cell; gives the value of its last expression, throws its error.
   */
  run(body: string, options?: RunOptions): Promise<Result>;
  /** Shows a bundle under the cell, without it being the result. */
  show(data: MimeBundle, options?: ShowOptions): void;
  clearOutput(options?: {wait?: boolean}): void;
  /** Puts `text` into the cell, where the client can. */
  replaceInput(text: string): void;
  /** Adds events to the session's trace. */
  record(events: readonly TraceEvent[]): void;
  trace(): Promise<SessionTrace>;
  /** The notebook's folder, where imports are looked up. */
  readonly folder: string;
  /** Packages may have come, gone or changed. */
  forgetPackages(): Promise<void>;
  /** Changes TypeScript's options for cells as the words say, and tells what holds then. */
  configure(words: string[]): Promise<SettingsReport>;
  /** SVG and summing-up sentence of a bundle, drawn off the main thread. */
  draw(bundle: TraceBundle): Promise<{svg: string; text: string}>;
  /** Top-level names that cells have declared, in order of declaration. */
  names(): readonly string[];
  /** The value that a name has in the session. */
  value(name: string): Promise<Result>;
  /** All magics, for `%lsmagic`. */
  readonly magics: MagicTable;
}

export interface ShowOptions {
  metadata?: Record<string, unknown>;
  /** A later `show` with `update` replaces what was shown under this id. */
  displayId?: string;
  update?: boolean;
}

/** A magic's line can't be right: shown without a stack. */
export class MagicError extends Error {
  override name = "MagicError";
}

/** All magics of a session; a line and a cell magic may share a name. */
export class MagicTable {
  readonly #magics = new Map<string, Magic>();

  constructor(magics: Iterable<Magic> = []) {
    for (const magic of magics) this.add(magic);
  }
  add(magic: Magic): void {
    this.#magics.set(sign(magic.kind, magic.name), magic);
  }
  all(): Magic[] {
    return [...this.#magics.values()];
  }
  isForCompiler(name: string): boolean {
    return this.#magics.get(sign("line", name))?.isForCompiler ?? false;
  }
  find(kind: Magic["kind"], name: string): Magic {
    const found = this.#magics.get(sign(kind, name));
    if (found) return found;
    const here = magicHere(name);
    if (here !== undefined) throw new MagicError(`no magic ${sign(kind, name)} here: ${here}`);
    const near = nearest(sign(kind, name), this.#magics.keys());
    throw new MagicError(
      `unknown magic: ${sign(kind, name)}${near ? `; did you mean ${near}?` : ""} (%lsmagic lists all)`,
    );
  }
  /** Help of `%name?`: of both kinds when both exist. */
  help(name: string): string {
    const signs = new Set([sign("line", name), sign("cell", name)]);
    const found = [...signs].flatMap((each) => this.#magics.get(each) ?? []);
    if (found.length === 0) found.push(this.find("line", name));
    return found.map(helpText).join("\n\n");
  }
}

/** Takes the rest of a magic's line apart, as its options say. */
export function parseArguments(magic: Magic, line: string): Arguments {
  const all = line.trim();
  const options = magic.raw ? optionsBefore(magic, all) : all;
  const raw = magic.raw ? all.slice(options.length) : all;
  const words: string[] = [];
  const flags = new Set<string>();
  const numbers: Record<string, number> = {};
  const texts: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  const parts = wordsOf(options).map((part) => longName(magic, part));
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] as string;
    if (!part.startsWith("--")) {
      words.push(part);
      continue;
    }
    const equals = part.indexOf("=");
    const name = part.slice(2, equals < 0 ? undefined : equals);
    const option = optionOf(magic, name);
    if (option.type === "flag") {
      if (equals >= 0) throw usage(magic, `--${name} takes no value`);
      flags.add(name);
      continue;
    }
    const value = equals >= 0 ? part.slice(equals + 1) : parts[++index];
    if (value === undefined || (equals < 0 && value.startsWith("--")))
      throw usage(magic, `--${name} needs a value`);
    const number = Number(value);
    if (option.type === "number" && (value === "" || !Number.isFinite(number)))
      throw usage(magic, `--${name} ${value}: not a number`);
    const wrong = option.check?.(option.type === "number" ? number : value);
    if (wrong) throw usage(magic, `--${name} ${value}: ${wrong}`);
    if (option.type === "number") numbers[name] = number;
    else if (option.type === "text") texts[name] = value;
    else (lists[name] ??= []).push(value);
  }
  return {raw, words, flags, numbers, texts, lists};
}

/** What of a raw magic's line are its options (with values): `--count` may be the user's code. */
function optionsBefore(magic: Magic, line: string): string {
  const names = Object.entries(magic.options)
    .flatMap(([name, {letter}]) => (letter ? [`--${name}`, `-${letter}`] : [`--${name}`]))
    .join("|");
  if (names === "") return "";
  return new RegExp(`^(?:(?:${names})(?:=|\\s+)\\S+\\s*)*`).exec(line)![0];
}

function longName({options}: Magic, part: string): string {
  const found = Object.entries(options).find(([, {letter}]) => letter && part === `-${letter}`);
  return found ? `--${found[0]}` : part;
}

function optionOf(magic: Magic, name: string): Option {
  const option = Object.hasOwn(magic.options, name) ? magic.options[name] : undefined;
  if (option) return option;
  const near = nearest(name, Object.keys(magic.options));
  throw usage(magic, `unknown option: --${name}${near ? `; did you mean --${near}?` : ""}`);
}

function usage(magic: Magic, wrong: string): MagicError {
  const name = sign(magic.kind, magic.name);
  return new MagicError(`${name}: ${wrong} (${name}? shows its help)`);
}

function helpText(magic: Magic): string {
  const lines = [`${sign(magic.kind, magic.name)}: ${magic.summary}`];
  for (const [name, option] of Object.entries(magic.options)) {
    const long = option.letter ? `-${option.letter}, --${name}` : `--${name}`;
    const form = option.type === "flag" ? long : `${long} ${option.type.toUpperCase()}`;
    lines.push(`  ${form.padEnd(24)} ${option.summary}`);
  }
  return magic.help ? `${lines.join("\n")}\n\n${magic.help}` : lines.join("\n");
}

/** Words as a shell splits them: spaces separate, quotes hold together. */
export function wordsOf(line: string): string[] {
  const words = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

function sign(kind: Magic["kind"], name: string): string {
  if (name === "!") return "!";
  return `${kind === "line" ? "%" : "%%"}${name}`;
}
