// Reads a pipe on a thread that user code can't block, so that a process that writes to the pipe
// never waits for a cell or a task.

import {readSync} from "node:fs";
import {Socket} from "node:net";
import {StringDecoder} from "node:string_decoder";

const chunkBytes = 64 * 1024;
/** A catch-up ends after so many chunks, because the writer may be as fast as the reader. */
const maxChunks = 64;

export class PipeReader {
  readonly #fd: number;
  readonly #socket: Socket;
  readonly #decoder = new StringDecoder("utf8");
  readonly #heard: (text: string) => void;
  #hasEnded = false;

  /**
   * Begins to read. `ended` is called when nobody can write to the pipe any more. The reader owns
   * `fd` and closes it.
   */
  constructor(fd: number, heard: (text: string) => void, ended: () => void = () => {}) {
    this.#fd = fd;
    this.#heard = heard;
    const socket = new Socket({fd, readable: true, writable: false});
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => {
      // "close" follows.
    });
    socket.on("close", () => {
      this.#hasEnded = true;
      const rest = this.#decoder.end();
      if (rest !== "") heard(rest);
      ended();
    });
    socket.unref();
    this.#socket = socket;
  }

  /** Reads what lies in the pipe now. Returns true when nobody can write to the pipe any more. */
  catchUp(): boolean {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (let chunks = 0; chunks < maxChunks && !this.#hasEnded; chunks++) {
      const count = this.#readNow(buffer);
      if (count === null) return false;
      if (count === 0) return true;
      this.#take(buffer.subarray(0, count));
    }
    return this.#hasEnded;
  }

  /** Reads once, and gives the number of bytes; null when the pipe is empty now. */
  #readNow(buffer: Buffer): number | null {
    if (this.#socket.destroyed) return 0;
    const {stackTraceLimit} = Error;
    // An empty pipe makes Node throw an error, whose stack nobody reads.
    Error.stackTraceLimit = 0;
    try {
      return readSync(this.#fd, buffer);
    } catch {
      return null;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  #take(chunk: Buffer): void {
    const text = this.#decoder.write(chunk);
    if (text !== "") this.#heard(text);
  }
}
