// The queue of cells: one runs on the main thread, the others wait. This thread is the authority on
// every execute_reply: an interrupted cell is answered here, whatever main is doing.

import type {MessagePort} from "node:worker_threads";
import type {CellId, Outcome, ToMain} from "../threads.js";
import type {Entry, History} from "./history.js";
import type {Iopub} from "./iopub.js";
import type {Reply, Request} from "./request.js";

type Failure = Extract<Outcome, {status: "error"}>;

interface Execution {
  request: Request;
  cell: CellId;
  code: string;
  silent: boolean;
  storeHistory: boolean;
  stopOnError: boolean;
  allowStdin: boolean;
  userExpressions: Record<string, string>;
}

interface Running extends Execution {
  executionCount: number;
  started: string;
  startedAtMs: number;
  entry: Entry | null;
  /** An interrupt came while it ran, whoever answers it then. */
  isInterrupted: boolean;
}

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
  log(line: string): void;
}

export class Cells {
  readonly #parts: CellsParts;
  readonly #cancelPorts: MessagePort[] = [];
  #queue: Execution[] = [];
  #running: Running | null = null;
  #isClosed = false;
  /** From an interrupt on, until main's event loop is known to be free. */
  #isStopping = false;
  #again: NodeJS.Timeout | null = null;
  #executionCount = 0;

  constructor(parts: CellsParts) {
    this.#parts = parts;
  }

  get running(): Readonly<Running> | null {
    return this.#running;
  }

  /** Ports on which others hear which cells were interrupted. */
  addCancelPort(port: MessagePort): void {
    this.#cancelPorts.push(port);
  }

  add(request: Request): void {
    const execution = executionOf(request);
    if (typeof execution === "string") {
      this.#parts.log(`execute_request refused: ${execution}`);
      return this.#answer(request, {status: "error", ...bad(execution)}, {});
    }
    if ([this.#running, ...this.#queue].some((other) => other?.cell === execution.cell))
      return this.#parts.log(`execute_request dropped: it has come twice (${execution.cell})`);
    this.#queue.push(execution);
    this.#next();
  }

  /** Main has finished a cell. What comes for a cell that was answered already is ignored. */
  ended(cell: CellId, outcome: Outcome): void {
    if (this.#running?.cell === cell) this.#settle(this.#running, outcome);
  }

  /** At once, whatever runs: the cell ends with an error and keeps its variables. */
  async interrupt(): Promise<void> {
    const running = this.#running;
    this.#isStopping = true;
    if (running) running.isInterrupted = true;
    await this.#parts.terminate();
    this.#parts.drain();
    const cell = running && this.#running === running ? running.cell : null;
    this.#free(cell, running?.startedAtMs ?? performance.now());
    if (running && cell !== null) this.#settle(running, interrupted);
  }

  /** Main says that its event loop is free: the next cell may come. */
  async freed(): Promise<void> {
    if (!this.#again) return;
    clearInterval(this.#again);
    this.#again = null;
    await this.#parts.quiet();
    this.#isStopping = false;
    this.#next();
  }

  /**
   * One stop may not be enough: a callback that calls itself again goes on as soon as it can. No cell
   * is sent before main answers, for a stop could hit the kernel's own code at the cell's beginning.
   * Main may also wait for a child process (`execSync`): one that does not heed is stopped harder.
   */
  #free(cell: CellId | null, startedAtMs: number): void {
    const {toMain, terminate, signalChildren} = this.#parts;
    const tell = () => toMain({kind: "interrupted", cell});
    tell();
    const interruptedAtMs = performance.now();
    const signals = [...childSignals];
    const again = () => {
      const passedMs = performance.now() - interruptedAtMs;
      if (passedMs < (signals[0]?.afterMs ?? Infinity)) return;
      signalChildren(signals.shift()!.signal, performance.now() - startedAtMs);
    };
    if (cell !== null) again();
    if (this.#again) clearInterval(this.#again);
    this.#again = setInterval(() => {
      if (cell !== null) again();
      void terminate().then(tell);
    }, stopAgainMs);
  }

  /** The kernel ends: nothing more is started. */
  close(): void {
    this.#queue = [];
    this.#isClosed = true;
    if (this.#again) clearInterval(this.#again);
  }

  setResult(cell: CellId, text: string): void {
    if (this.#running?.cell === cell && this.#running.entry) this.#running.entry.output = text;
  }

  #next(): void {
    if (this.#running || this.#isClosed || this.#isStopping) return;
    const execution = this.#queue.shift();
    if (!execution) return;
    const {iopub, history, toMain} = this.#parts;
    const {request, cell, code, silent, storeHistory, userExpressions} = execution;
    const {header, metadata} = request.message;
    const counts = !silent && storeHistory;
    if (counts) this.#executionCount++;
    // A cell that does not count goes by the number of the one that will.
    const executionCount = counts ? this.#executionCount : this.#executionCount + 1;
    const entry = counts ? history.add(executionCount, code) : null;
    this.#running = {
      ...execution,
      executionCount,
      started: new Date().toISOString(),
      startedAtMs: performance.now(),
      entry,
      isInterrupted: false,
    };
    iopub.remember(cell, header);
    iopub.running = header;
    iopub.busy(header);
    if (!silent) iopub.publish("execute_input", {code, execution_count: executionCount}, header);
    const cellId = typeof metadata.cellId === "string" ? {cellId: metadata.cellId} : {};
    toMain({
      kind: "execute",
      ...{cell, code, executionCount, silent, storeHistory, userExpressions},
      ...cellId,
    });
  }

  #settle(running: Running, outcome: Outcome): void {
    const {iopub, history} = this.#parts;
    const {request, cell, started, executionCount, entry} = running;
    const {header} = request.message;
    // Here, because main may be the first to tell that the cell was stopped.
    if (running.isInterrupted && outcome.status === "error")
      for (const port of this.#cancelPorts) port.postMessage({kind: "cancel-cell", cell});
    // Cells that came before the error's reply are aborted; whoever sends one after it wants it to run.
    const stops = outcome.status === "error" && running.stopOnError && !running.silent;
    const aborted = stops ? this.#queue.splice(0) : [];
    if (entry) history.ended(entry);
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
    this.#running = null;
    iopub.running = null;
    iopub.idle(header);
    for (const {request: waiting} of aborted)
      this.#answer(waiting, {status: "aborted"}, {status: "aborted"});
    this.#next();
  }

  #answer(request: Request, content: object, metadata: Record<string, unknown>): void {
    const {iopub, reply} = this.#parts;
    iopub.busy(request.message.header);
    reply(request, "execute_reply", {...content, execution_count: this.#executionCount}, metadata);
    iopub.idle(request.message.header);
  }
}

/** What child processes of an interrupted cell get: the first always, the others while main waits for one. */
const childSignals: readonly {afterMs: number; signal: NodeJS.Signals}[] = [
  {afterMs: 0, signal: "SIGINT"},
  {afterMs: 1000, signal: "SIGTERM"},
  {afterMs: 3000, signal: "SIGKILL"},
];
/** Much longer than main needs to say that it is free. */
const stopAgainMs = 60;

const interrupted: Failure = {
  status: "error",
  ename: "InterruptedError",
  evalue: "the cell was interrupted; its variables are kept",
  traceback: ["InterruptedError: the cell was interrupted; its variables are kept"],
};

function bad(evalue: string): Omit<Failure, "status"> {
  return {ename: "MessageError", evalue, traceback: [`MessageError: ${evalue}`]};
}

function replyOf(outcome: Outcome): object {
  if (outcome.status === "error") {
    const {ename, evalue, traceback} = outcome;
    return {status: "error", ename, evalue, traceback};
  }
  return {status: "ok", user_expressions: outcome.userExpressions, payload: outcome.payload};
}

/** What the request asks for, or what is wrong with it. */
function executionOf(request: Request): Execution | string {
  const {content, header} = request.message;
  const {code, silent, store_history, stop_on_error, allow_stdin, user_expressions} = content;
  if (typeof code !== "string")
    return `its code is ${code === undefined ? "missing" : "no string"}`;
  const expressions = Object.entries(
    typeof user_expressions === "object" && user_expressions !== null ? user_expressions : {},
  ).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return {
    request,
    cell: header.msg_id as CellId,
    code,
    silent: silent === true,
    storeHistory: store_history !== false,
    stopOnError: stop_on_error !== false,
    allowStdin: allow_stdin !== false,
    userExpressions: Object.fromEntries(expressions),
  };
}
