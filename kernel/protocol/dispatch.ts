// Request → reply. Every request on shell and control has its busy and idle round it; all but cells
// are answered at once, whatever the main thread is doing.

import type {Debugger} from "../debugger/debugger.js";
import type {CellId} from "../threads.js";
import type {Cells} from "./cells.js";
import type {CommType, Comms} from "./comms.js";
import type {History} from "./history.js";
import type {Iopub} from "./iopub.js";
import {kernelInfo} from "./kernel-info.js";
import type {Language} from "./language.js";
import type {Message, Rejected, Signer} from "./message.js";
import {RequestError, type Reply, type Request} from "./request.js";
import type {Requests} from "./sockets.js";
import type {Stdin} from "./stdin.js";
import {Usage} from "./usage.js";

export interface DispatchParts {
  signer: Signer;
  iopub: Iopub;
  cells: Cells;
  comms: Comms;
  history: History;
  language: Language;
  debugging: Debugger;
  stdin: Stdin;
  reply: Reply;
  /** The kernel ends, after what has been sent so far. */
  shutdown(restart: boolean): void;
  log(line: string): void;
}

export class Dispatch {
  readonly #parts: DispatchParts;
  /** Comm messages that the main thread works on: they are idle when it is done. */
  readonly #withMain = new Map<CellId, Request>();
  readonly #usage = new Usage();

  constructor(parts: DispatchParts) {
    this.#parts = parts;
  }

  /** Frames of a client. What is not a signed, whole message is dropped and logged. */
  received(channel: Requests, frames: Buffer[]): void {
    try {
      this.#take(channel, frames);
    } catch (error) {
      // A defect of ours costs the message that met it, not the kernel.
      this.#parts.log(`message on ${channel} failed: ${(error as Error).stack}`);
    }
  }

  #take(channel: Requests, frames: Buffer[]): void {
    const {signer, stdin, log} = this.#parts;
    const message = signer.decode(frames);
    if ("rejected" in message) return this.#reject(channel, message);
    if (channel !== "stdin") return this.#handle({channel, message});
    const {msg_type: type} = message.header;
    const dropped = type === "input_reply" ? stdin.received(message) : `unknown type ${type}`;
    if (dropped) log(`message on stdin dropped: ${dropped}`);
  }

  /** Main is done with a comm message. */
  commEnded(cell: CellId): void {
    const request = this.#withMain.get(cell);
    this.#withMain.delete(cell);
    if (request) this.#parts.iopub.idle(request.message.header);
  }

  #handle(request: Request): void {
    const {iopub, cells} = this.#parts;
    const {header} = request.message;
    const shell = header.msg_type === "execute_request" && cells.shells.of(header);
    if (shell) return cells.add(request, shell);
    iopub.busy(header);
    this.#answer(request)
      .catch((error: unknown) => this.#fail(request, error as Error))
      .then((later) => {
        if (later !== "later") iopub.idle(header);
      })
      .catch((error: unknown) => this.#parts.log(`${header.msg_type}: ${String(error)}`));
  }

  /** "later": its idle comes when the main thread has done its part. */
  async #answer(request: Request): Promise<"later" | void> {
    const {cells, comms, history, language, reply} = this.#parts;
    const {content, header, buffers} = request.message;
    // A comm's messages do not wait for their shell, and their last may come when it is deleted.
    if (header.msg_type.endsWith("_request")) cells.shells.check(header);
    switch (header.msg_type) {
      case "kernel_info_request":
        return reply(request, "kernel_info_reply", kernelInfo());
      case "complete_request":
        return reply(request, "complete_reply", await language.complete(content));
      case "inspect_request":
        return reply(request, "inspect_reply", await language.inspect(content));
      case "is_complete_request":
        return reply(request, "is_complete_reply", await language.isComplete(content));
      case "history_request":
        return reply(request, "history_reply", {status: "ok", history: history.answer(content)});
      case "comm_info_request":
        return reply(request, "comm_info_reply", {
          status: "ok",
          comms: comms.list(content.target_name),
        });
      case "comm_open":
      case "comm_msg":
      case "comm_close":
        if (!comms.received(header.msg_type as CommType, header, content, buffers)) return;
        this.#withMain.set(header.msg_id as CellId, request);
        return "later";
      case "interrupt_request":
        await cells.interrupt();
        for (const cell of [...this.#withMain.keys()]) this.commEnded(cell);
        return reply(request, "interrupt_reply", {status: "ok"});
      case "create_subshell_request":
        return reply(request, "create_subshell_reply", {
          status: "ok",
          subshell_id: cells.shells.create(),
        });
      case "delete_subshell_request":
        cells.deleteSubshell(content.subshell_id);
        return reply(request, "delete_subshell_reply", {status: "ok"});
      case "list_subshell_request":
        return reply(request, "list_subshell_reply", {
          status: "ok",
          subshell_id: cells.shells.ids(),
        });
      case "debug_request":
        return reply(request, "debug_reply", await this.#parts.debugging.answer(content));
      case "usage_request":
        return reply(request, "usage_reply", this.#usage.read());
      case "shutdown_request":
        return this.#shutdown(request);
      default:
        this.#parts.log(`unknown request on ${request.channel}: ${header.msg_type}`);
    }
  }

  /** A whole header is enough for an answer. */
  #reject(channel: Requests, {rejected, request: message}: Rejected): void {
    const {iopub, log} = this.#parts;
    if (!message || channel === "stdin") return log(`message on ${channel} dropped: ${rejected}`);
    iopub.busy(message.header);
    this.#fail({channel, message}, new RequestError(rejected));
    iopub.idle(message.header);
  }

  #shutdown(request: Request): void {
    const {iopub, reply} = this.#parts;
    const restart = request.message.content.restart === true;
    const content = {status: "ok", restart};
    reply(request, "shutdown_reply", content);
    iopub.publish("shutdown_reply", content, request.message.header);
    // After the idle that closes this round.
    setImmediate(() => this.#parts.shutdown(restart));
  }

  /** The client's mistake, or a defect of ours: there is an answer all the same. */
  #fail(request: Request, error: Error): void {
    const {header} = request.message;
    const why = error instanceof RequestError ? error.message : (error.stack ?? error.message);
    this.#parts.log(`${header.msg_type} failed: ${why}`);
    const type = header.msg_type.replace(/_request$/, "_reply");
    if (type === header.msg_type) return;
    const {name, message} = error;
    this.#parts.reply(request, type, {
      status: "error",
      ename: name,
      evalue: message,
      traceback: [`${name}: ${message}`],
    });
  }
}

/** How a reply goes out: on the socket of its request, with the request as its parent. */
export function replier(
  signer: Signer,
  send: (channel: Requests, frames: (Buffer | Uint8Array)[]) => void,
): Reply {
  return ({channel, message}, type, content, metadata = {}) => {
    const reply: Message<object> = {
      identities: message.identities,
      header: signer.header(type),
      parent_header: message.header,
      metadata,
      content,
      buffers: [],
    };
    send(channel, signer.encode(reply));
  };
}
