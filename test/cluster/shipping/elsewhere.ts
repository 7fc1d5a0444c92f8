// Another process, to which tests ship functions and values: one for a whole test file.

import {type ChildProcess, fork} from "node:child_process";
import {fileURLToPath} from "node:url";
import {methodCode, type Frames, type ShippedCode} from "../../../cluster/backend.js";
import {decode, decodeError, encode} from "../../../cluster/codec.js";
import {capture, withParts} from "../../../cluster/shipping/capture.js";

export interface Call {
  id: number;
  code: ShippedCode;
  args: Frames;
  /** The code is a class: an instance of it answers the calls of methods from now on. */
  actor?: "made" | {method: string};
}
export interface Answer {
  id: number;
  ok: boolean;
  frames: Frames;
}
export type AnyClass = new (...args: never[]) => object;
type AnyFunction = (...args: never[]) => unknown;

export class Elsewhere {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #calls = 0;

  /** `folder`: of the notebook, where imports are looked up. */
  constructor(folder?: string) {
    const main = fileURLToPath(new URL("./elsewhere-main.js", import.meta.url));
    this.#child = fork(main, folder ? [folder] : [], {serialization: "advanced"});
    this.pid = this.#child.pid!;
    this.#child.on("message", (answer: Answer) => this.#waiting.get(answer.id)!(answer));
  }

  /** Ships `fn` and its arguments, runs it there, brings its result back. */
  async run(fn: AnyFunction, ...args: unknown[]): Promise<unknown> {
    return this.runShipped(capture(fn).code, ...args);
  }

  async runShipped(code: ShippedCode, ...args: unknown[]): Promise<unknown> {
    return this.#ask({code, args: encode(args, "the arguments").frames});
  }

  /** Ships a class and makes an instance of it there, which stays. */
  async make(cls: AnyClass, ...args: unknown[]): Promise<void> {
    const {code} = capture(cls as never);
    await this.#ask({code, args: encode(args, "the arguments").frames, actor: "made"});
  }
  /** Calls a method of that instance. */
  async call(method: string, ...args: unknown[]): Promise<unknown> {
    const {frames, parts} = encode(args, "the arguments");
    return this.#ask({code: withParts(methodCode, parts), args: frames, actor: {method}});
  }

  async #ask(asked: Omit<Call, "id">): Promise<unknown> {
    const id = ++this.#calls;
    const call: Call = {id, ...asked};
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(id, resolve);
      this.#child.once("exit", () => reject(new Error("the other process ended")));
      this.#child.send(call);
    });
    this.#waiting.delete(id);
    this.#child.removeAllListeners("exit");
    if (!answer.ok) throw decodeError(answer.frames);
    return decode(answer.frames);
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}
