// Pipes of child processes that tasks have started: what a child prints is its task's, line by
// line.

import {PipeReader} from "../../descriptors/reader.js";
import type {TaskOutput} from "../../backend.js";
import type {UserReport} from "../threads/ports.js";

type ChildPipe = UserReport & {kind: "child-pipe"};

/** A line that is longer is told in pieces. */
const maxLineChars = 64 * 1024;
/** What one pipe tells; beyond it only the end is kept, and told with the child's. */
export const maxPipeChars = 4 * 1024 * 1024;
export const keptTailChars = 64 * 1024;

export class ChildPipes {
  readonly #tell: (output: TaskOutput) => void;
  readonly #pipes = new Map<number, {reader: PipeReader; lines: Lines}>();

  constructor(tell: (output: TaskOutput) => void) {
    this.#tell = tell;
  }

  add({fd, output}: ChildPipe): void {
    const lines = new Lines((text) => this.#tell({...output, text}));
    const ended = () => {
      this.#pipes.delete(fd);
      lines.end();
    };
    this.#pipes.set(fd, {reader: new PipeReader(fd, (text) => lines.add(text), ended), lines});
  }

  /** A child has ended or spoken: what it has printed so far comes before what follows. */
  catchUp(fds: readonly number[]): void {
    for (const fd of fds) {
      const pipe = this.#pipes.get(fd);
      if (pipe?.reader.catchUp()) pipe.lines.end();
      else pipe?.lines.flush();
    }
  }
}

/** Cuts text into whole lines, and bounds a flood of them. */
export class Lines {
  readonly #tell: (text: string) => void;
  #rest = "";
  #told = 0;
  #tail = "";
  #leftOut = 0;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  add(text: string): void {
    if (this.#told > maxPipeChars) return this.#keep(text);
    const all = this.#rest + text;
    const lastLine = all.lastIndexOf("\n") + 1;
    const end = all.length - lastLine > maxLineChars ? all.length : lastLine;
    this.#rest = all.slice(end);
    this.#out(all.slice(0, end));
  }

  /** Text without an end of line is told as it is. */
  flush(): void {
    const rest = this.#rest;
    this.#rest = "";
    this.#out(rest);
  }

  end(): void {
    this.flush();
    if (this.#leftOut > 0)
      this.#tell(`… ${this.#leftOut.toLocaleString("en")} lines not shown …\n`);
    if (this.#tail !== "") this.#tell(this.#tail);
    this.#tail = "";
    this.#leftOut = 0;
  }

  #out(text: string): void {
    if (text === "") return;
    this.#told += text.length;
    this.#tell(text);
  }

  #keep(text: string): void {
    this.#tail += text;
    if (this.#tail.length <= 2 * keptTailChars) return;
    const dropped = this.#tail.length - keptTailChars;
    this.#leftOut += this.#tail.slice(0, dropped).split("\n").length - 1;
    this.#tail = this.#tail.slice(dropped);
  }
}
