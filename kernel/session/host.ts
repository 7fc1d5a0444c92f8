// The main thread's end of the port to the I/O thread.
//
// Nothing is worked on inside the port's callback: what is cut off there by an interrupt would leave
// Node's task queue stuck; nor inside an immediate, which would take those behind it along. Messages are
// taken in order, each in a tick that an immediate sets off.

import {receiveMessageOnPort, type MessagePort} from "node:worker_threads";
import type {TraceEvent} from "../../cluster/trace.js";
import {Spending} from "../credit.js";
import type {CellId, ToIo, ToMain} from "../threads.js";

export type Execute = Extract<ToMain, {kind: "execute"}>;
export type CommMessage = Extract<ToMain, {kind: "comm"}>;
type Display = Extract<ToIo, {kind: "display"}>;
type Answer = Extract<ToMain, {kind: "input"}>["answer"];

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

  constructor(port: MessagePort) {
    this.#port = port;
  }

  listen(listener: HostListener): void {
    this.#port.on("message", (message: ToMain) => later(() => this.#take(message, listener)));
    this.#later = (message) => later(() => this.#take(message, listener));
    this.post({kind: "ready", passedOn: this.#credit.passedOn});
  }

  post(message: ToIo): void {
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
    const wake = new Int32Array(new SharedArrayBuffer(4));
    this.post({kind: "input-wanted", cell: cell as CellId, prompt, password, wake});
    Atomics.wait(wake, 0, 0);
    for (;;) {
      const received = receiveMessageOnPort(this.#port) as {message: ToMain} | undefined;
      if (!received) return {ok: false, error: "no input came"};
      const {message} = received;
      if (message.kind !== "input") this.#later(message);
      // Not an answer to a question of a cell that was interrupted.
      else if (message.cell === cell) return message.answer;
    }
  }

  /** Before the process ends by the user's will: open sockets in another thread would abort it. */
  closeIo(): void {
    const closed = new Int32Array(new SharedArrayBuffer(4));
    this.post({kind: "exit", closed});
    Atomics.wait(closed, 0, 0, exitWaitMs);
  }

  #later: (message: ToMain) => void = () => {};

  #take(message: ToMain, listener: HostListener): void {
    switch (message.kind) {
      case "execute":
        return listener.execute(message);
      case "interrupted":
        for (const cell of message.cells) listener.interrupted(cell);
        return this.post({kind: "interrupted"});
      case "comm":
        return listener.comm(message);
      case "trace":
        this.#traces.get(message.request)?.(message);
        this.#traces.delete(message.request);
        return;
      case "input":
        // Whoever asked was interrupted.
        return;
      case "shutdown":
        return listener.shutdown(message.restart);
      default:
        throw new Error(
          `unknown message of the I/O thread: ${(message satisfies never as ToMain).kind}`,
        );
    }
  }
}
