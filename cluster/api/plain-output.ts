import type {TaskOutput} from "../backend.js";

/** Workers' output in a plain program: on its own console, each line after who wrote it. */
export function printOutput({fn, pid, name, text}: TaskOutput): void {
  const lines = text.replace(/\n$/, "").split("\n");
  process[name].write(lines.map((line) => `(${fn} pid=${pid}) ${line}\n`).join(""));
}
