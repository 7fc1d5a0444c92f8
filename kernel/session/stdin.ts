// `process.stdin` and `readline` ask the user in the notebook. A program that reads stdin makes the
// notebook ask for one line at a time. A readline interface on stdin makes it ask when the program
// waits for a line: for a question, after `prompt()`, or while something listens for lines. A
// terminal would be read from the beginning.

import {syncBuiltinESMExports} from "node:module";
import readline, {type Interface, type ReadLineOptions} from "node:readline";
import readlinePromises from "node:readline/promises";
import {PassThrough, Readable} from "node:stream";
import {promisify} from "node:util";
import {ambient} from "../../cluster/host.js";
import type {Host} from "./host.js";

type Asker = Pick<Host, "inputLater" | "whyNoInput">;
type Ask = (question: string) => Promise<string>;

export function installStdin(host: Asker): void {
  let current: CellStdin | null = null;
  const stdin = () => {
    const {cell} = ambient();
    if (current === null || current.cell !== cell || current.destroyed || current.readableEnded)
      current = new CellStdin(host, cell);
    return current;
  };
  Object.defineProperty(process, "stdin", {get: stdin, configurable: true, enumerable: true});
  for (const face of [readline, readlinePromises] as const) {
    const create = face.createInterface as (...args: unknown[]) => Interface;
    const isPromised = face === readlinePromises;
    const creating = (...args: unknown[]): Interface => {
      const options = optionsOf(args);
      if (!(options.input instanceof CellStdin)) return create(...args);
      return asking(options, create, isPromised, host);
    };
    Object.assign(face, {createInterface: creating});
  }
  syncBuiltinESMExports();
}

/** The stdin of one cell. Each cell has its own, so that no cell waits for another cell's input. */
class CellStdin extends Readable {
  readonly fd = 0;
  readonly isTTY = false;
  readonly cell: string;
  readonly #host: Asker;

  constructor(host: Asker, cell: string) {
    super();
    this.#host = host;
    this.cell = cell;
  }
  override _read(): void {
    const refusal = this.#host.whyNoInput(this.cell);
    if (refusal !== null) return void this.destroy(new Error(refusal));
    void this.#host.inputLater(this.cell, "").then((answer) => {
      if (answer.ok) this.push(`${answer.value}\n`);
      else this.destroy(new Error(answer.error));
    });
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

function optionsOf(args: unknown[]): ReadLineOptions {
  const [first, output] = args;
  if (first instanceof CellStdin) return {input: first, output: output as NodeJS.WritableStream};
  return (first ?? {}) as ReadLineOptions;
}

/** An interface whose lines are answers of the user. */
function asking(
  options: ReadLineOptions,
  create: (options: ReadLineOptions) => Interface,
  isPromised: boolean,
  host: Asker,
): Interface {
  const input = new PassThrough();
  const lines = create({...options, input, terminal: false});
  const checkInput = () => {
    const refusal = host.whyNoInput(ambient().cell);
    if (refusal !== null) throw new Error(refusal);
  };
  const ask: Ask = async (question) => {
    const answer = await host.inputLater(ambient().cell, question);
    if (!answer.ok) throw new Error(answer.error);
    return answer.value;
  };
  let isOpen = true;
  lines.once("close", () => (isOpen = false));
  replaceQuestion(lines, isPromised, () => isOpen, checkInput, ask);

  let isAsking = false;
  let prompt = "";
  const askNow = async () => {
    const question = prompt;
    prompt = "";
    try {
      const line = isOpen ? await ask(question) : "";
      isAsking = false;
      if (!isOpen) return;
      input.write(`${line}\n`);
      setImmediate(() => {
        const isWanted = isOpen && lines.listenerCount("line") > 0;
        if (isWanted && host.whyNoInput(ambient().cell) === null) askLine();
      });
    } catch (error) {
      lines.emit("error", error);
    }
  };
  const askLine = () => {
    if (isAsking) return;
    checkInput();
    isAsking = true;
    // `prompt()` may follow on the listener that wants the line.
    setImmediate(() => void askNow());
  };
  lines.on("newListener", (event) => {
    if (event === "line") askLine();
  });
  lines.prompt = () => {
    prompt = lines.getPrompt();
    askLine();
  };
  return lines;
}

type Question = (query: string, ...more: unknown[]) => unknown;

function replaceQuestion(
  lines: Interface,
  isPromised: boolean,
  isOpen: () => boolean,
  checkInput: () => void,
  ask: Ask,
): void {
  const original = lines.question.bind(lines) as Question;
  const promised: Question = async (query, options) => {
    checkInput();
    const {signal} = (options ?? {}) as {signal?: AbortSignal};
    return signal ? Promise.race([ask(query), aborted(signal)]) : ask(query);
  };
  const withCallback: Question = (query, ...more) => {
    if (!isOpen()) return original(query, ...more);
    checkInput();
    const done = more.at(-1) as (answer: string) => void;
    return void ask(query).then(done, (error: unknown) => lines.emit("error", error));
  };
  const question: Question = isPromised
    ? (query, ...more) => (isOpen() ? promised(query, ...more) : original(query, ...more))
    : Object.assign(withCallback, {[promisify.custom]: promised});
  Object.assign(lines, {question});
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, {once: true});
  });
}
