// What the kernel says of itself, in its terminal: from this thread, for main may be busy, and
// never waiting, for nobody may be reading. A flood of lines is cut to what a person could read.

import {write} from "node:fs";
import {terminal} from "../terminal.js";

/** Takes the text and says when it is written: at once, later or never. */
export type Writer = (text: string, done: () => void) => void;

/** Lines that are told in each window of time; how many more there were is told at its end. */
export const maxLines = 50;
export const windowMs = 1000;

export class Log {
  readonly #write: Writer;
  #lines: string[] = [];
  #told = 0;
  #leftOut = 0;
  #isWriting = false;
  #window: NodeJS.Timeout | null = null;

  constructor(write: Writer = toTerminal) {
    this.#write = write;
  }

  line(text: string): void {
    this.#window ??= setTimeout(() => this.#windowEnded(), windowMs).unref();
    if (this.#told++ < maxLines && this.#lines.length < maxLines) this.#add(text);
    else this.#leftOut++;
  }

  #windowEnded(): void {
    this.#window = null;
    this.#told = 0;
    if (this.#leftOut === 0 || this.#isWriting) return;
    this.#add(`… ${this.#leftOut} more lines left out …`);
    this.#leftOut = 0;
  }

  #add(text: string): void {
    this.#lines.push(`tasklab: ${text}\n`);
    if (!this.#isWriting) this.#writeAll();
  }

  #writeAll(): void {
    const text = this.#lines.join("");
    this.#lines = [];
    this.#isWriting = true;
    this.#write(text, () => {
      this.#isWriting = false;
      if (this.#lines.length > 0) this.#writeAll();
    });
  }
}

function toTerminal(text: string, done: () => void): void {
  write(terminal(), text, done);
}
