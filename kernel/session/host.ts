// The main thread's end of the port to the I/O thread.
//
// No work is done inside the port's callback: an interrupt there would leave Node's task queue
// stuck. Nor inside an immediate: an interrupt there would drop the immediates behind it. Messages
// are taken in order, each in a tick that an immediate sets off.

import {receiveMessageOnPort, type MessagePort} from "node:worker_threads";
import type {TraceEvent} from "../../cluster/trace.js";
import {Spending} from "../credit.js";
import {noInput} from "../protocol/stdin.js";
import type {CellId, ToIo, ToMain} from "../threads.js";

export type Execute = Extract<ToMain, {kind: "execute"}>;
export type CommMessage = Extract<ToMain, {kind: "comm"}>;
type Display = Extract<ToIo, {kind: "display"}>;
export type Farewell = NonNullable<Extract<ToIo, {kind: "exit"}>["exit"]>;
export type Answer = Extract<ToMain, {kind: "input"}>["answer"];

/** What the main thread does when the I/O thread asks. */
export interface HostListener {
  execute(message: Execute): void;
  interrupted(cell: CellId): void;
  comm(message: CommMessage): void;
  shutdown(restart: boolean): void;
}

const {setImmediate: immediate} = globalThis;
const {nextTick} = process;
const later = (work: () => void) => immediate(() => nextTick(work));
/**
 * Limit of the wait at exit for the I/O thread, which sends the last output of cells and closes its
 * sockets. The limit is longer than the thread needs. Without the wait, Node would end the thread
 * inside of zmq, and abort the process.
 */
const exitWaitMs = 30_000;

export class Host {
  readonly #port: MessagePort;
  readonly #credit = new Spending();
  readonly #traces = new Map<number, (trace: {epoch: string; events: TraceEvent[]}) => void>();
  #traceRequests = 0;
  /** Cells that run, and whether their clients answer questions. */
  readonly #allowStdin = new Map<string, boolean>();
  readonly #questions = new Map<number, (answer: Answer) => void>();
  #lastQuestion = 0;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  listen(listener: HostListener): void {
    this.#port.on("message", (message: ToMain) => later(() => this.#take(message, listener)));
    this.#later = (message) => later(() => this.#take(message, listener));
    this.post({kind: "ready", passedOn: this.#credit.passedOn});
  }

  post(message: ToIo): void {
    if (message.kind === "outcome") this.#allowStdin.delete(message.cell);
    this.#port.postMessage(message);
    this.#credit.posted(message);
  }
  stream(cell: string, name: "stdout" | "stderr", text: string): void {
    this.post({kind: "stream", cell: cell as CellId, name, text});
  }
  display(display: Omit<Display, "kind">): void {
    this.post({kind: "display", ...display});
  }
  record(events: readonly TraceEvent[]): void {
    if (events.length > 0) this.post({kind: "trace", events: [...events]});
  }
  /** All events of the session that are kept, and the wall-clock time of its epoch. */
  trace(): Promise<{epoch: string; events: TraceEvent[]}> {
    const request = ++this.#traceRequests;
    return new Promise((resolve) => {
      this.#traces.set(request, resolve);
      this.post({kind: "trace-wanted", request});
    });
  }
  /** On it, `TraceEvent[]` are posted straight to the I/O thread. */
  sendTracePort(port: MessagePort): void {
    this.#port.postMessage({kind: "trace-port", port} satisfies ToIo, [port]);
  }
  /** On it, `{kind: "cancel-cell", cell}` comes when a cell is interrupted. */
  sendCancelPort(port: MessagePort): void {
    this.#port.postMessage({kind: "cancel-port", port} satisfies ToIo, [port]);
  }

  /** Asks the user and sleeps meanwhile, as `prompt()` does in a browser; an interrupt ends it. */
  input(cell: string, prompt: string, password: boolean): Answer {
    const {question, wake} = this.#ask(cell, prompt, password);
    Atomics.wait(wake, 0, 0);
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as {message: ToMain} | undefined;
      if (!received) return {ok: false, error: "no input came"};
      const {message} = received;
      if (message.kind !== "input") this.#later(message);
      else if (message.question === question) return message.answer;
      else this.#answered(message);
    }
  }
  /** Asks the user; never settles when the cell ends before. */
  inputLater(cell: string, prompt: string): Promise<Answer> {
    return new Promise((resolve) => {
      const {question} = this.#ask(cell, prompt, false);
      this.#questions.set(question, resolve);
    });
  }
  /** Why the cell can't ask its user now, or null. */
  whyNoInput(cell: string): string | null {
    const isAllowed = this.#allowStdin.get(cell);
    if (isAllowed === undefined) return noInput.ended;
    return isAllowed ? null : noInput.notAllowed;
  }
  #ask(cell: string, prompt: string, password: boolean) {
    const wake = new Int32Array(new SharedArrayBuffer(4));
    const question = ++this.#lastQuestion;
    this.post({
      ...{kind: "input-wanted", cell: cell as CellId, question},
      ...{prompt, password, wake},
    });
    return {question, wake};
  }
  /** Of a question whose cell was interrupted nobody waits for the answer. */
  #answered({question, answer}: Extract<ToMain, {kind: "input"}>): void {
    this.#questions.get(question)?.(answer);
    this.#questions.delete(question);
  }

  /** Before the process ends by the user's will: open sockets in another thread would abort it. */
  closeIo(exit: Farewell | null): void {
    const closed = new Int32Array(new SharedArrayBuffer(4));
    this.post({kind: "exit", exit, closed});
    Atomics.wait(closed, 0, 0, exitWaitMs);
  }

  #later: (message: ToMain) => void = () => {};

  #take(message: ToMain, listener: HostListener): void {
    switch (message.kind) {
      case "execute":
        this.#allowStdin.set(message.cell, message.allowStdin);
        return listener.execute(message);
      case "interrupted":
        for (const cell of message.cells) {
          this.#allowStdin.delete(cell);
          listener.interrupted(cell);
        }
        return this.post({kind: "interrupted"});
      case "comm":
        return listener.comm(message);
      case "trace":
        this.#traces.get(message.request)?.(message);
        this.#traces.delete(message.request);
        return;
      case "input":
        return this.#answered(message);
      case "shutdown":
        return listener.shutdown(message.restart);
      default:
        throw new Error(
          `unknown message of the I/O thread: ${(message satisfies never as ToMain).kind}`,
        );
    }
  }
}
