// Shows the lines that workers print in the cell that submitted the task, each behind a prefix such
// as `(multiply pid=123)`.
// A line that repeats is shown once, its repetitions are counted and told together.

import type {TaskOutput} from "../../cluster/backend.js";

/** Repetitions are told after this time, or when the cell ends. */
const tellAfterMs = 1000;
/** Different lines that are remembered per cell; beyond it the oldest is forgotten. */
const rememberedLines = 1000;

export interface CellWriter {
  (cell: string, name: "stdout" | "stderr", text: string): void;
}

interface Line {
  output: TaskOutput;
  text: string;
  repeated: number;
}

export class WorkerOutput {
  readonly #write: CellWriter;
  readonly #cells = new Map<string, Map<string, Line>>();
  #timer: NodeJS.Timeout | null = null;

  constructor(write: CellWriter) {
    this.#write = write;
  }

  add(output: TaskOutput): void {
    const lines = this.#cells.get(output.cell) ?? new Map<string, Line>();
    this.#cells.set(output.cell, lines);
    for (const text of output.text.replace(/\n$/, "").split("\n")) {
      const key = `${output.name} ${output.fn} ${text}`;
      const known = lines.get(key);
      if (known) {
        known.repeated++;
        this.#timer ??= setTimeout(() => this.#tellAll(), tellAfterMs).unref();
        continue;
      }
      if (lines.size >= rememberedLines) this.#forgetOldest(lines);
      lines.set(key, {output, text, repeated: 0});
      this.#write(output.cell, output.name, `${prefix(output)} ${text}\n`);
    }
  }

  /** The cell ends: nothing stays untold, and a later cell begins afresh. */
  end(cell: string): void {
    const lines = this.#cells.get(cell);
    if (!lines) return;
    this.#tell(lines);
    this.#cells.delete(cell);
  }

  #tellAll(): void {
    this.#timer = null;
    for (const lines of this.#cells.values()) this.#tell(lines);
  }

  #tell(lines: Map<string, Line>): void {
    for (const line of lines.values()) this.#tellLine(line);
  }

  #tellLine(line: Line): void {
    if (line.repeated === 0) return;
    const {cell, name, fn} = line.output;
    this.#write(
      cell,
      name,
      `(${fn}) ${line.text} [repeated ${line.repeated} more ${line.repeated === 1 ? "time" : "times"}]\n`,
    );
    line.repeated = 0;
  }

  #forgetOldest(lines: Map<string, Line>): void {
    const [key, line] = lines.entries().next().value!;
    this.#tellLine(line);
    lines.delete(key);
  }
}

function prefix(output: TaskOutput): string {
  return `(${output.fn} pid=${output.pid})`;
}
