// Another process, to which tests ship functions and values: one for a whole test file.

import {type ChildProcess, fork} from "node:child_process";
import {fileURLToPath} from "node:url";
import type {Frames, ShippedCode} from "../../../cluster/backend.js";
import {decode, decodeError, encode} from "../../../cluster/codec.js";
import {capture} from "../../../cluster/shipping/capture.js";

export interface Call {
  id: number;
  code: ShippedCode;
  args: Frames;
}
export interface Answer {
  id: number;
  ok: boolean;
  frames: Frames;
}
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
    const id = ++this.#calls;
    const call: Call = {id, code, args: encode(args, "the arguments").frames};
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
