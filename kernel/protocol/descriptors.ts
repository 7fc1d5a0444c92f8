// What comes from below `process.stdout`: from child processes of cells, each by pipes of its own,
// and by the process's own descriptors 1 and 2, of which nobody can tell who wrote: it is for the
// cell that runs, or ran last.

import {writeSync} from "node:fs";
import {PipeReader} from "../../cluster/descriptors/reader.js";
import type {TakenDescriptors} from "../descriptors.js";
import type {CellId, ToIo} from "../threads.js";

type Name = "stdout" | "stderr";
type ChildPipe = Extract<ToIo, {kind: "child-pipe"}>;

export interface DescriptorsParts {
  stream(cell: CellId, name: Name, text: string): void;
  /** The cell that began last and runs, or else the one that began last. */
  latestCell(): CellId | null;
}

export class Descriptors {
  readonly #parts: DescriptorsParts;
  readonly #own: PipeReader[] = [];
  readonly #children = new Map<number, PipeReader>();

  constructor(parts: DescriptorsParts, taken: TakenDescriptors | null) {
    this.#parts = parts;
    if (taken === null) return;
    const {stdout, stderr, terminal} = taken;
    const own = (name: Name, text: string) => {
      const cell = this.#parts.latestCell();
      // What Node says in its last moment may reach no client any more.
      if (name === "stderr" || cell === null) sayIfRoom(terminal, text);
      if (cell !== null) this.#parts.stream(cell, name, text);
    };
    this.#own.push(new PipeReader(stdout, (text) => own("stdout", text)));
    this.#own.push(new PipeReader(stderr, (text) => own("stderr", text)));
  }

  childPipe({fd, cell, name}: ChildPipe): void {
    const reader = new PipeReader(
      fd,
      (text) => this.#parts.stream(cell, name, text),
      () => this.#children.delete(fd),
    );
    this.#children.set(fd, reader);
  }

  /** What lies in these pipes comes before whatever follows. */
  catchUp(fds: readonly number[]): void {
    for (const fd of fds) this.#children.get(fd)?.catchUp();
  }

  /** A cell ends: what has been written by now is its own, or of one that ended before. */
  catchUpAll(): void {
    for (const reader of this.#own) reader.catchUp();
    for (const reader of this.#children.values()) reader.catchUp();
  }
}

function sayIfRoom(terminal: number, text: string): void {
  try {
    writeSync(terminal, text);
  } catch {
    // Nobody reads it, and this thread waits for nobody.
  }
}
