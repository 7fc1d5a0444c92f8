// A notebook's session: `run` takes a cell from its text to its outcome.
//
//   split off magics → compile (compiler thread) → evaluate (REPL mode) → the last value → display
//
// A cell may be interrupted at any moment. Then nothing here goes on: the I/O thread has answered
// for it, and the next cell begins afresh. So nothing that outlives a cell is kept half-changed.

import {types} from "node:util";
import {ambient, inContext, restoreAmbient} from "../../cluster/host.js";
import {setShippingHost} from "../../cluster/shipping/names/host.js";
import {setupsEnded} from "../../cluster/shipping/setup/setups.js";
import {cellBegins} from "../../cluster/shipping/modules/watched.js";
import {lookAtEnvironment} from "../../cluster/shipping/setup/surroundings.js";
import {sources} from "../../cluster/shipping/source/thunk.js";
import {isDisplay} from "../../cluster/show/show.js";
import {debuggee} from "../debugger/debuggee.js";
import {shownOf} from "../display/bundle.js";
import {DiagnosticsError, failureOf} from "../display/traceback.js";
import {helpWanted, type HelpWanted} from "../magics/help.js";
import {inPlace, splitCell, replaceMagics, type MagicLine} from "../magics/lines.js";
import {parseArguments, type MagicContext, type Result, type RunOptions} from "../magics/magic.js";
import type {CellId, Compiled, CompileOptions, Outcome} from "../threads.js";
import {InterruptedError, Thrown} from "./evaluate.js";
import {isFarewell} from "./exit.js";
import {helpPage} from "./help.js";
import type {Execute} from "./host.js";
import {LineMagics, LineResult} from "./line-magics.js";
import {magicContext} from "./magic-context.js";
import {NotebookFolder} from "./notebook-folder.js";
import {OneByOne, orAborted} from "./one-by-one.js";
import {Payload} from "./payload.js";
import type {RunningCell, SessionParts} from "./parts.js";
import {beginCell, cancelTasksHere} from "./runs.js";
import {armStops} from "./stops.js";

/**
 * From a cell with such a word on, each `.remote()` looks at the environment; before, the first of
 * a turn does.
 */
const mentionsEnvironment = /env/i;

/** The result of what has none. */
const nothing: Result = {value: undefined};

export class Session {
  readonly #parts: SessionParts;
  readonly #names = new Set<string>();
  /** Several with subshells: they interleave at their awaits. */
  readonly #running = new Map<CellId, RunningCell>();
  readonly #lineMagics = new LineMagics();
  /** Cells compile one after another: each is checked against what those before it declare. */
  readonly #compiling = new OneByOne();
  readonly #folder = new NotebookFolder();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    setShippingHost({cellKey: () => this.#running.get(ambient().cell as CellId)?.cellId ?? ""});
    // Emitted code sets it: for the cell whose code it is.
    Object.defineProperty(parts.runtime, "last", {
      set: (value) => {
        const running = this.#running.get(ambient().cell as CellId);
        if (running) running.last = LineResult.valueOf(value);
      },
    });
  }

  /** Is at most one cell under way? */
  get isAlone(): boolean {
    return this.#running.size <= 1;
  }

  /** Runs the cell and tells the I/O thread how it ended. */
  async execute(message: Execute): Promise<void> {
    const {cell} = message;
    const outcome = await this.run(message);
    this.#parts.cellEnded(cell);
    this.#parts.host.post({kind: "outcome", cell, outcome});
  }

  async run(message: Execute): Promise<Outcome> {
    const {cell, executionCount} = message;
    const controller = new AbortController();
    const {signal} = controller;
    const payload = new Payload();
    const {cellId = ""} = message;
    const running = {cell, cellId, executionCount, controller, signal, last: undefined, payload};
    this.#running.set(cell, running);
    const {context, ended} = beginCell(cell, executionCount, (events) =>
      this.#parts.host.record(events),
    );
    this.#folder.whyLost();
    const work = () => this.#work(running, message);
    cellBegins();
    try {
      const outcome = await inContext(context, work);
      ended("finished");
      return outcome;
    } catch (error) {
      ended(error instanceof InterruptedError ? "interrupted" : "failed");
      const lost = this.#folder.whyLost();
      if (lost !== null) this.#parts.host.stream(cell, "stderr", `${lost}\n`);
      return failureOf(error);
    } finally {
      this.#running.delete(cell);
    }
  }

  async #work(
    running: RunningCell,
    {cell, code, silent, userExpressions, cellId = ""}: Execute,
  ): Promise<Outcome> {
    if (isFarewell(code, this.#names)) {
      const payload = [{source: "ask_exit", keepkernel: false}];
      return {status: "ok", userExpressions: {}, payload};
    }
    const {value} = await this.#runCode(running, code, {});
    setupsEnded(cellId, cell);
    const isHidden = silent || isDisplay(value);
    const shown = isHidden
      ? null
      : await orAborted(Promise.resolve(shownOf(value)), running.signal);
    if (shown) this.#parts.host.display({cell, type: "execute_result", ...shown});
    const expressions = await this.#evaluateAll(running, userExpressions);
    return {status: "ok", userExpressions: expressions, payload: running.payload.list()};
  }

  /** The I/O thread has stopped the cell and answered for it. */
  interrupted(cell: CellId): void {
    this.#running.get(cell)?.controller.abort(new InterruptedError());
    cancelTasksHere(cell);
  }

  async #runCode(running: RunningCell, code: string, options: RunOptions): Promise<Result> {
    const help = helpWanted(code);
    if (help) return this.#help(running, help);
    const {cellMagic, body, lineMagics} = splitCell(code);
    const {written = code} = options;
    if (cellMagic) {
      options.begun?.();
      return this.#runMagic(running, cellMagic, body, written);
    }
    const done = await this.#runHead(running, code, lineMagics);
    const numbers: number[] = [];
    const typescript = replaceMagics(code, lineMagics, (magic) => {
      if (done.has(magic)) return " ".repeat(magic.end - magic.start);
      const {number, code} = this.#lineMagics.add(() =>
        this.#aside(running, () => this.#runMagic(running, magic, "", written)),
      );
      numbers.push(number);
      return code;
    });
    try {
      return await this.#runTypeScript(running, typescript, options, written);
    } finally {
      for (const number of numbers) this.#lineMagics.forget(number);
    }
  }

  /** What the rest of the cell may need to be compiled: `%npm install`, `%tsconfig` at its head. */
  async #runHead(
    running: RunningCell,
    code: string,
    lineMagics: readonly MagicLine[],
  ): Promise<ReadonlySet<MagicLine>> {
    const done = new Set<MagicLine>();
    let end = 0;
    for (const magic of lineMagics) {
      const isAtHead = /^(\s|\/\/.*\n)*$/.test(code.slice(end, magic.start));
      if (!isAtHead || !this.#parts.magics.isForCompiler(magic.name)) break;
      await this.#runMagic(running, magic, "", code);
      done.add(magic);
      end = magic.end;
    }
    return done;
  }

  async #runTypeScript(
    running: RunningCell,
    code: string,
    {begun, written: _, ...options}: RunOptions,
    /** The same, line for line, as the user wrote it: with its magics. */
    written: string,
  ): Promise<Result> {
    const {cell, executionCount, signal} = running;
    const {host} = this.#parts;
    const source = `Cell In[${executionCount}]`;
    const context = ambient();
    const result = await this.#compile(running, code, options);
    for (const notice of result.notices) host.stream(cell, "stderr", `${notice}\n`);
    if (!result.ok) throw new DiagnosticsError(source, written, result.diagnostics);
    const map = written === code ? result.map : withContent(result.map, written);
    sources.set(source, {code: result.code, map});
    if (mentionsEnvironment.test(code)) lookAtEnvironment(Infinity);
    for (const name of result.names) {
      this.#names.delete(name);
      this.#names.add(name);
    }
    for (const {line, column, message} of result.warnings)
      host.stream(cell, "stderr", `${source}:${line}:${column} - ${message}\n`);
    running.last = undefined;
    if (result.hasStops) {
      armStops();
      host.post({kind: "stops", cell});
    }
    await this.#evaluate(result.code, signal, () => {
      restoreAmbient(context);
      begun?.();
    });
    const value = running.last;
    running.last = undefined;
    // A promise as a cell's last value is waited for: the cell is done when its work is.
    // Not by instanceof, which would spring a trap of a proxy.
    return {value: types.isPromise(value) ? await orAborted(value, signal) : value};
  }

  async #compile(
    {executionCount, signal}: RunningCell,
    code: string,
    options: CompileOptions,
  ): Promise<Compiled> {
    const {compiler} = this.#parts;
    const compile = async () => {
      const {isAttached: isDebugged} = debuggee;
      const {result} = await compiler.request({
        ...{kind: "compile", code, executionCount},
        options: {...options, isDebugged},
      });
      // Answered before anything that is asked later: nobody has to wait for it.
      if (result.ok && !signal.aborted)
        compiler.request({kind: "commit", executionCount}).catch(() => {});
      return result;
    };
    return this.#compiling.run(compile, signal);
  }

  /** Throws what the code throws. */
  async #evaluate(code: string, signal: AbortSignal, entering: () => void): Promise<void> {
    try {
      await this.#parts.evaluator.run(code, signal, entering);
    } catch (error) {
      throw error instanceof Thrown ? error.thrown : error;
    }
  }

  /** For what runs in the midst of a cell: its code must not end up as the cell's own. */
  async #aside<T>({executionCount}: RunningCell, work: () => Promise<T>): Promise<T> {
    const source = `Cell In[${executionCount}]`;
    const before = sources.get(source);
    try {
      return await work();
    } catch (error) {
      // V8 makes a stack when it is asked for, and this one's lines are of the code that ran here.
      if (error instanceof Error) void error.stack;
      throw error;
    } finally {
      if (before) sources.set(source, before);
    }
  }

  async #runMagic(
    running: RunningCell,
    line: MagicLine,
    body: string,
    /** The cell whose line it is. */
    written: string,
  ): Promise<Result> {
    const {magics} = this.#parts;
    if (line.help) return this.#help(running, {name: `%${line.name}`, detail: 0});
    const magic = magics.find(line.kind, line.name);
    const args = parseArguments(magic, line.args);
    const context = this.#magicContext(running, line, written);
    const work = Promise.resolve(magic.run(context, args, body));
    return (await orAborted(work, running.signal)) ?? nothing;
  }

  async #help({payload, signal}: RunningCell, wanted: HelpWanted): Promise<Result> {
    const {compiler, magics} = this.#parts;
    const page = await orAborted(helpPage(wanted, magics, compiler), signal);
    if (page) payload.show(page);
    else console.log(`Nothing is known of \`${wanted.name}\`.`);
    return nothing;
  }

  #magicContext(running: RunningCell, line: MagicLine, written: string): MagicContext {
    return magicContext(this.#parts, running, {
      run: (body, options = {}) => {
        const {code, ...place} = inPlace(body, line, written);
        return this.#runCode(running, code, {...place, ...options});
      },
      names: () => [...this.#names],
      value: (name) => this.#valueOf(running, name),
    });
  }

  async #valueOf(running: RunningCell, expression: string): Promise<Result> {
    const context = ambient();
    // Brackets would be wrong: an expression with a comment at its end must not swallow them.
    const code = `__tasklab.last = ${expression}\n`;
    await this.#evaluate(code, running.signal, () => restoreAmbient(context));
    const value = running.last;
    running.last = undefined;
    return {value};
  }

  async #evaluateAll(
    running: RunningCell,
    expressions: Record<string, string>,
  ): Promise<Record<string, unknown>> {
    const answers: Record<string, unknown> = {};
    for (const [key, expression] of Object.entries(expressions)) {
      try {
        const {value} = await this.#valueOf(running, expression);
        const shown = await orAborted(Promise.resolve(shownOf(value)), running.signal);
        const ofUndefined = {data: {"text/plain": "undefined"}, metadata: {}};
        answers[key] = {status: "ok", ...(shown ?? ofUndefined)};
      } catch (error) {
        if (error instanceof InterruptedError) throw error;
        answers[key] = failureOf(error);
      }
    }
    return answers;
  }
}

/** The same source map, of a text with the same lines. */
function withContent(map: string, content: string): string {
  return JSON.stringify({...(JSON.parse(map) as object), sourcesContent: [content]});
}
