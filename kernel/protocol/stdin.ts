// Input for a running cell: asked of the client that sent the cell, and of no other.

import type {CellId, ToIo, ToMain} from "../threads.js";
import type {Message, Signer} from "./message.js";

type Wanted = Extract<ToIo, {kind: "input-wanted"}>;
type Answer = Extract<ToMain, {kind: "input"}>["answer"];

/** The cell that asks, as the queue knows it. */
export interface Asking {
  cell: CellId;
  allowStdin: boolean;
  request: {message: Message};
}

export class Stdin {
  readonly #signer: Signer;
  readonly #send: (frames: (Buffer | Uint8Array)[]) => void;
  readonly #toMain: (message: ToMain) => void;
  #pending: Wanted[] = [];

  constructor(
    signer: Signer,
    send: (frames: (Buffer | Uint8Array)[]) => void,
    toMain: (message: ToMain) => void,
  ) {
    this.#signer = signer;
    this.#send = send;
    this.#toMain = toMain;
  }

  wanted(wanted: Wanted, running: Asking | null): void {
    if (running?.cell !== wanted.cell)
      return this.#answer(wanted, no("input can be asked for only while its cell runs"));
    if (!running.allowStdin)
      return this.#answer(wanted, no("this client gives no input (allow_stdin is false)"));
    this.#pending.push(wanted);
    const {identities, header} = running.request.message;
    this.#send(
      this.#signer.encode({
        identities,
        header: this.#signer.header("input_request"),
        parent_header: header,
        metadata: {},
        content: {prompt: wanted.prompt, password: wanted.password},
        buffers: [],
      }),
    );
  }

  /** An `input_reply` has come: it answers the oldest question. */
  received(message: Message): void {
    const wanted = this.#pending.shift();
    const {value} = message.content;
    if (wanted) this.#answer(wanted, {ok: true, value: typeof value === "string" ? value : ""});
  }

  /** The cell has ended: its questions are void. */
  forget(cell: CellId): void {
    this.#pending = this.#pending.filter((wanted) => wanted.cell !== cell);
  }

  #answer(wanted: Wanted, answer: Answer): void {
    this.#toMain({kind: "input", cell: wanted.cell, answer});
    if (!wanted.wake) return;
    Atomics.store(wanted.wake, 0, 1);
    Atomics.notify(wanted.wake, 0);
  }
}

function no(error: string): Answer {
  return {ok: false, error};
}
