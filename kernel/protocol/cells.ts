// Cells on their way: one of each shell runs on the main thread, the others wait. This thread is
// the authority on every execute_reply: an interrupted cell is answered here, whatever main is
// doing.

import type {MessagePort} from "node:worker_threads";
import type {CellId, Outcome, ToMain} from "../threads.js";
import {
  executionOf,
  failure,
  interrupted,
  replyOf,
  type Execution,
  type Running,
} from "./execution.js";
import type {History} from "./history.js";
import type {Iopub} from "./iopub.js";
import type {Reply, Request} from "./request.js";
import {Shells, type Shell} from "./shells.js";

export interface CellsParts {
  iopub: Iopub;
  history: History;
  reply: Reply;
  toMain(message: ToMain): void;
  /** Stops main's JavaScript. */
  terminate(): Promise<void>;
  /** Resolves when no stop is on its way any more. */
  quiet(): Promise<void>;
  /** Signals child processes that were started in the last `sinceMs`. */
  signalChildren(signal: NodeJS.Signals, sinceMs: number): void;
  /** Takes in what main has posted so far. */
  drain(): void;
  /** The cell has its reply: what it asked for is void. */
  settled(cell: CellId): void;
  log(line: string): void;
}

/** A running cell and the shell that waits for its end, which may have been deleted meanwhile. */
type InShell = Running & {shell: Shell};

export class Cells {
  readonly shells = new Shells();
  readonly #parts: CellsParts;
  readonly #cancelPorts = new Set<MessagePort>();
  /** One for each shell at most, in the order in which they began. */
  readonly #running = new Map<CellId, InShell>();
  #isClosed = false;
  /** From an interrupt on, until main's event loop is known to be free. */
  #isStopping = false;
  #again: NodeJS.Timeout | null = null;
  /** Those who interrupt at the same time share one interrupt. */
  #interrupting: Promise<void> | null = null;
  #latest: CellId | null = null;
  #executionCount = 0;
  #uncounted = 0;

  constructor(parts: CellsParts) {
    this.#parts = parts;
  }

  /** The cell, while it runs. */
  running(cell: CellId): Readonly<Running> | undefined {
    return this.#running.get(cell);
  }

  /** All that run, in the order in which they began. */
  allRunning(): Readonly<Running>[] {
    return [...this.#running.values()];
  }

  /** The running cell that began last, or else the last that ran. Null: none has run. */
  latest(): CellId | null {
    return this.allRunning().at(-1)?.cell ?? this.#latest;
  }

  /** Ports on which others hear which cells were interrupted. */
  addCancelPort(port: MessagePort): void {
    this.#cancelPorts.add(port);
    // The port closes when its cluster is stopped, or is replaced after it has died.
    port.on("close", () => this.#cancelPorts.delete(port));
  }

  add(request: Request, shell: Shell): void {
    const execution = executionOf(request);
    if (typeof execution === "string") return this.#refuse(request, execution);
    const {cell} = execution;
    if (this.#running.has(cell) || this.shells.isWaiting(cell))
      return this.#parts.log(`execute_request dropped: it has come twice (${cell})`);
    const problem = this.shells.add(shell, execution);
    if (problem) return this.#refuse(request, problem);
    this.#next();
  }

  /** What waits in the subshell is aborted; a cell of it that runs goes on to its end. */
  deleteSubshell(id: unknown): void {
    this.#abort(this.shells.delete(id));
  }

  /** Main has finished a cell. What comes for a cell that was answered already is ignored. */
  ended(cell: CellId, outcome: Outcome): void {
    const running = this.#running.get(cell);
    if (running) this.#settle(running, outcome);
  }

  /**
   * At once, whatever runs: the cell ends with an error and keeps its variables. With subshells all
   * that run do, for they share one thread, and which of them holds it nobody can tell.
   */
  interrupt(): Promise<void> {
    // When nothing runs and main has not answered yet, it is being stopped again and again already.
    if (this.#again && this.#running.size === 0) return Promise.resolve();
    this.#interrupting ??= this.#interrupt().finally(() => (this.#interrupting = null));
    return this.#interrupting;
  }

  async #interrupt(): Promise<void> {
    const stopped = [...this.#running.values()];
    this.#isStopping = true;
    for (const running of stopped) running.isInterrupted = true;
    await this.#parts.terminate();
    this.#parts.drain();
    const left = stopped.filter(({cell}) => this.#running.has(cell));
    this.#free(
      left.map(({cell}) => cell),
      stopped[0]?.startedAtMs ?? performance.now(),
    );
    for (const running of left) this.#settle(running, interrupted);
  }

  /** Main says that its event loop is free: the next cells may come. */
  async freed(): Promise<void> {
    if (!this.#again) return;
    clearInterval(this.#again);
    this.#again = null;
    await this.#parts.quiet();
    this.#isStopping = false;
    this.#next();
  }

  /**
   * One stop may not be enough: a callback that calls itself again goes on as soon as it can. No
   * cell is sent before main answers, for a stop could hit the kernel's own code at the cell's
   * beginning. Main may also wait for a child process (`execSync`): one that does not heed is
   * stopped harder.
   */
  #free(cells: CellId[], startedAtMs: number): void {
    const {toMain, terminate, signalChildren} = this.#parts;
    const tell = () => toMain({kind: "interrupted", cells});
    tell();
    const interruptedAtMs = performance.now();
    const signals = [...childSignals];
    const again = () => {
      const passedMs = performance.now() - interruptedAtMs;
      if (passedMs < (signals[0]?.afterMs ?? Infinity)) return;
      signalChildren(signals.shift()!.signal, performance.now() - startedAtMs);
    };
    const hasChildren = cells.length > 0;
    if (hasChildren) again();
    if (this.#again) clearInterval(this.#again);
    this.#again = setInterval(() => {
      if (hasChildren) again();
      void terminate().then(tell);
    }, stopAgainMs);
  }

  /** The kernel ends: nothing more is started. */
  close(): void {
    this.#isClosed = true;
    if (this.#again) clearInterval(this.#again);
  }

  /**
   * A cell has called process.exit: it and all others have their replies before the kernel ends.
   */
  exit({cell, code, words}: {cell: CellId; code: number; words: string}): void {
    this.close();
    const ok: Outcome = {status: "ok", userExpressions: {}, payload: []};
    for (const running of [...this.#running.values()])
      this.#settle(
        running,
        running.cell === cell && code === 0 ? ok : failure("ProcessExit", words),
      );
    for (const shell of this.shells.all()) this.#abort(this.shells.takeAll(shell));
  }

  setResult(cell: CellId, text: string): void {
    const entry = this.#running.get(cell)?.entry;
    if (entry) entry.output = text;
  }

  /** Every shell that has nothing to do begins its next cell. */
  #next(): void {
    if (this.#isClosed || this.#isStopping) return;
    const atWork = new Set([...this.#running.values()].map(({shell}) => shell));
    for (const shell of this.shells.all()) {
      const next = atWork.has(shell) ? undefined : this.shells.take(shell);
      if (next) this.#begin(next, shell);
    }
  }

  #begin(execution: Execution, shell: Shell): void {
    const {iopub, history, toMain} = this.#parts;
    const {request, cell, code, silent, storeHistory, userExpressions, allowStdin} = execution;
    const {header, metadata} = request.message;
    const counts = !silent && storeHistory;
    if (counts) this.#executionCount++;
    // A cell that does not count tells the number of the one that will; but its code may outlive it
    // (in functions and their stacks), and so has a name that no other has.
    const executionCount = counts ? this.#executionCount : this.#executionCount + 1;
    const number = counts ? executionCount : --this.#uncounted;
    const entry = counts ? history.add(executionCount, code) : null;
    this.#running.set(cell, {
      ...execution,
      shell,
      executionCount,
      started: new Date().toISOString(),
      startedAtMs: performance.now(),
      entry,
      isInterrupted: false,
    });
    this.#latest = cell;
    iopub.remember(cell, header);
    iopub.cellBegins(header);
    if (!silent) iopub.publish("execute_input", {code, execution_count: executionCount}, header);
    const cellId = typeof metadata.cellId === "string" ? {cellId: metadata.cellId} : {};
    toMain({
      kind: "execute",
      ...{cell, code, executionCount: number, silent, storeHistory, userExpressions, allowStdin},
      ...cellId,
    });
  }

  #settle(running: InShell, outcome: Outcome): void {
    const {iopub, history, settled} = this.#parts;
    const {request, cell, started, executionCount, entry, shell} = running;
    const {header} = request.message;
    // Here, because main may be the first to tell that the cell was stopped.
    if (running.isInterrupted && outcome.status === "error")
      for (const port of this.#cancelPorts) port.postMessage({kind: "cancel-cell", cell});
    // Cells that came before the error's reply are aborted; whoever sends one after it wants it to
    // run.
    const stops = outcome.status === "error" && running.stopOnError && !running.silent;
    const aborted = stops ? this.shells.takeAll(shell) : [];
    if (entry) history.ended(entry);
    settled(cell);
    iopub.endStreams(cell);
    if (outcome.status === "error") {
      const {ename, evalue, traceback} = outcome;
      iopub.publish("error", {ename, evalue, traceback}, header);
    }
    this.#parts.reply(
      request,
      "execute_reply",
      {...replyOf(outcome), execution_count: executionCount},
      {started, dependencies_met: true, status: outcome.status},
    );
    this.#running.delete(cell);
    iopub.cellEnds(header);
    this.#abort(aborted);
    this.#next();
  }

  #refuse(request: Request, why: string): void {
    this.#parts.log(`execute_request refused: ${why}`);
    this.#answer(request, failure("MessageError", why), {});
  }

  #abort(waiting: readonly Execution[]): void {
    for (const {request} of waiting)
      this.#answer(request, {status: "aborted"}, {status: "aborted"});
  }

  #answer(request: Request, content: object, metadata: Record<string, unknown>): void {
    const {iopub, reply} = this.#parts;
    iopub.busy(request.message.header);
    reply(request, "execute_reply", {...content, execution_count: this.#executionCount}, metadata);
    iopub.idle(request.message.header);
  }
}

/**
 * What child processes of an interrupted cell get: the first always, the others while main waits
 * for one.
 */
const childSignals: readonly {afterMs: number; signal: NodeJS.Signals}[] = [
  {afterMs: 0, signal: "SIGINT"},
  {afterMs: 1000, signal: "SIGTERM"},
  {afterMs: 3000, signal: "SIGKILL"},
];
/** Much longer than main needs to say that it is free. */
const stopAgainMs = 60;
