// Another process, to which tests ship functions and values: one for a whole test file. As to a
// worker, each piece of a function is sent once.

import {type ChildProcess, fork} from "node:child_process";
import {fileURLToPath} from "node:url";
import {methodCode, type Frames, type ShippedCode} from "../../../cluster/backend.js";
import {decodeError, decodeLoading, encode, loadingOfError} from "../../../cluster/codec/codec.js";
import {sizeOf} from "../../../cluster/packing/size.js";
import {BelievedCodes, type CodePiece} from "../../../cluster/io/agent/codes.js";
import {capture, withParts} from "../../../cluster/shipping/capture.js";
import {encodeWithSteps} from "../../../cluster/shipping/setup/needed.js";

export interface Call {
  id: number;
  /** The function's hash. */
  code: string;
  args: Frames;
  /** The code is a class: an instance of it answers the calls of methods from now on. */
  actor?: "made" | {method: string};
}
/** What is sent at once. */
export interface Batch {
  pieces: CodePiece[];
  calls: Call[];
}
export interface Answer {
  id: number;
  ok: boolean;
  frames: Frames;
}
export type AnyClass = new (...args: never[]) => object;
export type AnyFunction = (...args: never[]) => unknown;

export class Elsewhere {
  readonly pid: number;
  /** Pieces of functions, and their bytes, that were sent so far. */
  readonly sent = {pieces: 0, bytes: 0};
  readonly #child: ChildProcess;
  readonly #believed = new BelievedCodes();
  readonly #waiting = new Map<
    number,
    {answered: (answer: Answer) => void; lost: (error: Error) => void}
  >();
  #batch: Batch = {pieces: [], calls: []};
  #calls = 0;

  /** `folder`: of the notebook, where imports are looked up. */
  constructor(folder?: string) {
    const main = fileURLToPath(new URL("./elsewhere-main.js", import.meta.url));
    const execArgv = [...process.execArgv, "--expose-gc"];
    this.#child = fork(main, folder ? [folder] : [], {serialization: "advanced", execArgv});
    this.pid = this.#child.pid!;
    this.#child.on("message", (answers: Answer[]) => {
      for (const answer of answers) this.#waiting.get(answer.id)!.answered(answer);
    });
    this.#child.once("exit", () => {
      for (const {lost} of this.#waiting.values()) lost(new Error("the other process ended"));
    });
  }

  /** Ships `fn` and its arguments, runs it there, brings its result back. */
  async run(fn: AnyFunction, ...args: unknown[]): Promise<unknown> {
    return this.runShipped(capture(fn).code, ...args);
  }

  async runShipped(code: ShippedCode, ...args: unknown[]): Promise<unknown> {
    return this.#ask(code, {args: encode(args, "the arguments").frames});
  }

  /** Ships a class and makes an instance of it there, which stays. */
  async make(cls: AnyClass, ...args: unknown[]): Promise<void> {
    const {code} = capture(cls as never);
    await this.#ask(code, {args: encode(args, "the arguments").frames, actor: "made"});
  }
  /** Calls a method of that instance. */
  async call(method: string, ...args: unknown[]): Promise<unknown> {
    const {frames, parts} = encodeWithSteps(args, "the arguments");
    return this.#ask(withParts(methodCode, parts), {args: frames, actor: {method}});
  }

  /** What is asked in one turn goes as one message. */
  async #ask(code: ShippedCode, asked: Pick<Call, "args" | "actor">): Promise<unknown> {
    const id = ++this.#calls;
    if (this.#batch.calls.length === 0) queueMicrotask(() => this.#send());
    const pieces = this.#believed.missing(code);
    this.#believed.sent(code);
    this.#batch.pieces.push(...pieces);
    this.#batch.calls.push({id, code: code.hash, ...asked});
    const answer = await new Promise<Answer>((answered, lost) => {
      this.#waiting.set(id, {answered, lost});
    });
    this.#waiting.delete(id);
    if (!answer.ok) {
      await loadingOfError(answer.frames);
      throw decodeError(answer.frames);
    }
    return (await decodeLoading(answer.frames)).value;
  }
  #send(): void {
    const {pieces} = this.#batch;
    this.sent.pieces += pieces.length;
    for (const {frames} of pieces) this.sent.bytes += sizeOf(frames);
    this.#child.send(this.#batch);
    this.#batch = {pieces: [], calls: []};
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}
