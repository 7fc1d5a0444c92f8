import type {Magic} from "./magic.js";

export const lsmagic: Magic = {
  name: "lsmagic",
  kind: "line",
  summary: "list all magics",
  help: "`%name?` shows the help of one.",
  options: {},
  run(context) {
    for (const kind of ["line", "cell"] as const) {
      console.log(kind === "line" ? "Line magics:" : "\nCell magics (on a cell's first line):");
      for (const magic of context.magics.all().filter((magic) => magic.kind === kind)) {
        const sign = magic.name === "!" ? "!" : `${kind === "line" ? "%" : "%%"}${magic.name}`;
        console.log(`  ${sign.padEnd(16)} ${magic.summary}`);
      }
    }
  },
};
