// An error as a notebook shows it: its frames in lines of cells, none of the kernel's own, and the
// line of the cell that it came from.

import {TaskError} from "../../cluster/index.js";
import {maxCodeBytes} from "../../cluster/limits.js";
import {packageName} from "../../cluster/shipping/modules/packages.js";
import {sources} from "../../cluster/shipping/source/thunk.js";
import {readText} from "../../cluster/shipping/modules/whole-file.js";
import type {CellDiagnostic} from "../threads.js";
import {thrownHere} from "../words/elsewhere.js";
import {installHint} from "../words/packages.js";
import {bounded, inspected} from "./text.js";

export interface Failure {
  status: "error";
  ename: string;
  evalue: string;
  traceback: string[];
}

/** A cell that TypeScript refuses. */
export class DiagnosticsError extends Error {
  override name = "TypeScriptError";
  readonly frames: string[];
  /** `source`: the cell's name, as `Cell In[3]`. */
  constructor(source: string, code: string, diagnostics: readonly CellDiagnostic[]) {
    const lines = diagnostics.map(
      ({line, column, code, message}) => `${source}:${line}:${column} - TS${code}: ${message}`,
    );
    super(lines[0] ?? "the cell has errors");
    this.frames = diagnostics.map(
      ({line, column, length}, index) =>
        `${lines[index]}\n${codeFrame(code, line, column, length)}`,
    );
  }
}

/** Errors whose message says it all: no stack is shown. */
const plainErrors = new Set(["MagicError", "InterruptedError"]);

/** What is told of an error's message; a traceback has its own limit. */
const maxMessageChars = 16 * 1024;

export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof Error) && !isErrorLike(thrown)) {
    const evalue = bounded(inspected(thrown, {depth: 3}), maxMessageChars);
    return {status: "error", ename: "Uncaught", evalue, traceback: [`Uncaught ${evalue}`]};
  }
  const ename = text(thrown.name) || "Error";
  const evalue = bounded(text(thrown.message), maxMessageChars);
  const traceback =
    thrown instanceof DiagnosticsError
      ? thrown.frames
      : plainErrors.has(ename)
        ? [`${ename}: ${evalue}`]
        : bounded(describe(thrown)).split("\n");
  return {status: "error", ename, evalue, traceback};
}

/**
 * The error with its stack (in cell lines already), its cause, its own fields and the place in the
 * cell.
 */
export function describe(thrown: unknown): string {
  const stack = withoutOwnFrames(inspected(thrown, {depth: 3}));
  const parts = [stack];
  if (thrown instanceof TaskError) {
    const {place, remoteStack} = thrown;
    parts.push(`in the task ${place.fn}, on ${place.node} (pid ${place.pid})`);
    const remote = withoutOwnFrames(remoteStack);
    if (!stack.includes(framesOf(remote))) parts.push(remote);
  }
  const missing = missingPackage(thrown);
  if (missing !== undefined) parts.push(installHint(missing));
  const here = wordFor(thrown, stack);
  if (here !== undefined) parts.push(here);
  const frame = userFrame(stack);
  return (frame ? [...parts, "", frame] : parts).join("\n");
}

/** What to write instead, of a name that is not there, or where a package looks for a page. */
function wordFor(thrown: unknown, stack: string): string | undefined {
  const {name, message} = thrown as {name: unknown; message: unknown};
  if (typeof name !== "string" || typeof message !== "string") return undefined;
  const [, place = ""] = /\n +at (.*)/.exec(stack) ?? [];
  return thrownHere(name, message, place.includes("/node_modules/"));
}

/** The package that an import did not find. */
function missingPackage(thrown: unknown): string | undefined {
  const {message, code} = thrown as Error & {code?: unknown};
  if (code !== "MODULE_NOT_FOUND" && code !== "ERR_MODULE_NOT_FOUND") return undefined;
  const [, specifier] = /^Cannot find (?:module|package) '([^']+)'/.exec(text(message)) ?? [];
  return specifier === undefined ? undefined : packageName(specifier);
}

const ownFolder = new URL("../../", import.meta.url).href;
const frame = /\n +at [^\n]*?( \{)?(?=\n|$)/g;

/**
 * Frames of the kernel, the cluster and Node's insides tell nothing to who wrote the cell, and
 * neither do built-in functions that stand between them.
 */
function withoutOwnFrames(stack: string): string {
  let isOwn = false;
  return stack.replace(frame, (line, brace: string | undefined) => {
    if (!(isOwn && /\(<anonymous>\)|async Promise\.\w+ \(index/.test(line)))
      isOwn = line.includes(ownFolder) || line.includes("node:internal");
    return isOwn ? (brace ?? "") : line;
  });
}

function framesOf(stack: string): string {
  const first = stack.indexOf("\n    at ");
  return first < 0 ? stack : stack.slice(first);
}

const place = /(?<=[\s(]|file:\/\/)(Cell In\[-?\d+\]|\/[^\n()]*?):(\d+):(\d+)/g;

/** The code at the first position in a cell, or in a local file, that a stack names. */
function userFrame(stack: string): string {
  for (const [, name, line, column] of stack.matchAll(place)) {
    const code = codeOf(name!);
    if (code === undefined) continue;
    const frame = codeFrame(code, Number(line), Number(column), 1);
    return name!.startsWith("Cell") ? frame : `${name}\n${frame}`;
  }
  return "";
}

function codeOf(name: string): string | undefined {
  const map = sources.get(name)?.map;
  if (map) {
    const {sourcesContent} = JSON.parse(map) as {sourcesContent?: (string | null)[]};
    return sourcesContent?.[0] ?? undefined;
  }
  if (name.startsWith("Cell") || name.includes("/node_modules/")) return undefined;
  try {
    return readText(name, maxCodeBytes);
  } catch {
    return undefined;
  }
}

/** The line with its neighbours, and a mark below the place. */
export function codeFrame(code: string, line: number, column: number, length: number): string {
  const lines = code.split("\n");
  const first = Math.max(1, line - 1);
  const last = Math.min(lines.length, line + 1);
  const width = String(last).length;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    const content = lines[number - 1] ?? "";
    const mark = number === line ? ">" : " ";
    shown.push(`${mark} ${String(number).padStart(width)} | ${content}`.trimEnd());
    if (number !== line) continue;
    const marks = "^".repeat(Math.max(1, Math.min(length, content.length - column + 1)));
    const before = " ".repeat(Math.max(0, Math.min(column - 1, content.length)));
    shown.push(`  ${" ".repeat(width)} | ${before}${marks}`);
  }
  return shown.join("\n");
}

/** Errors of another realm. */
function isErrorLike(value: unknown): value is Error {
  return Object.prototype.toString.call(value) === "[object Error]";
}

function text(value: unknown): string {
  return typeof value === "string" ? value : inspected(value, {depth: 3});
}
