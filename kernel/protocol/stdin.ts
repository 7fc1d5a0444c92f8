// Input for a running cell: asked of the client that sent the cell, and of no other.

import type {CellId, ToIo, ToMain} from "../threads.js";
import type {Running} from "./execution.js";
import type {Message, Signer} from "./message.js";

type Wanted = Extract<ToIo, {kind: "input-wanted"}>;
type Answer = Extract<ToMain, {kind: "input"}>["answer"];

/** Why a cell gets no input. */
export const noInput = {
  ended: "input can be asked for only while its cell runs",
  notAllowed: "this client gives no input (allow_stdin is false)",
};

interface Question {
  wanted: Wanted;
  /** The `input_request`'s. */
  id: string;
  /** The client that was asked. */
  client: Buffer[];
}

export class Stdin {
  readonly #signer: Signer;
  readonly #send: (frames: (Buffer | Uint8Array)[]) => void;
  readonly #toMain: (message: ToMain) => void;
  #questions: Question[] = [];

  constructor(
    signer: Signer,
    send: (frames: (Buffer | Uint8Array)[]) => void,
    toMain: (message: ToMain) => void,
  ) {
    this.#signer = signer;
    this.#send = send;
    this.#toMain = toMain;
  }

  /** `running`: the cell that asks, unless it has ended. */
  wanted(wanted: Wanted, running: Readonly<Running> | undefined): void {
    if (!running) return this.#answer(wanted, no(noInput.ended));
    if (!running.allowStdin) return this.#answer(wanted, no(noInput.notAllowed));
    const {identities, header: parent_header} = running.request.message;
    const header = this.#signer.header("input_request");
    const content = {prompt: wanted.prompt, password: wanted.password};
    this.#questions.push({wanted, id: header.msg_id, client: identities});
    this.#send(
      this.#signer.encode({identities, header, parent_header, metadata: {}, content, buffers: []}),
    );
  }

  /** An `input_reply` has come. Says why it is dropped, if it is. */
  received(message: Message): string | undefined {
    const question = this.#questions.find((one) => isAnswer(message, one));
    if (!question) return "an input_reply that answers no open question";
    this.#questions = this.#questions.filter((one) => one !== question);
    const {value} = message.content;
    this.#answer(question.wanted, {ok: true, value: typeof value === "string" ? value : ""});
    return undefined;
  }

  /** The cell has ended: its questions are void. */
  forget(cell: CellId): void {
    this.#questions = this.#questions.filter(({wanted}) => wanted.cell !== cell);
  }

  #answer({cell, question, wake}: Wanted, answer: Answer): void {
    this.#toMain({kind: "input", cell, question, answer});
    Atomics.store(wake, 0, 1);
    Atomics.notify(wake, 0);
  }
}

/** Some clients name the question as the reply's parent, some the cell, and some nothing. */
function isAnswer({identities, parent_header: {msg_id: parent}}: Message, question: Question) {
  const isFromClient =
    identities.length === question.client.length &&
    identities.every((frame, index) => frame.equals(question.client[index]!));
  const isOfQuestion =
    parent === undefined || parent === question.id || parent === question.wanted.cell;
  return isFromClient && isOfQuestion;
}

function no(error: string): Answer {
  return {ok: false, error};
}
