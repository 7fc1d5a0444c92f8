// `%%setup`: a cell that runs once in each worker before its next task.

import {splitCell} from "./lines.js";
import {MagicError, type Magic} from "./magic.js";

export const setupCell: Magic = {
  name: "setup",
  kind: "cell",
  summary: "run the cell once in each worker before its next task",
  help: `%%setup
import Decimal from "decimal.js";
Decimal.set({precision: 50});

%%setup database                 // by a name: a later %%setup of that name takes its place
const {Pool} = await import("pg");
globalThis.pool = new Pool();    // tasks find it there; names that are declared here are the setup's own

It runs in the workers that are there, in those that come later and in actors' processes, and with %%sequential
in this process; --local: here too, at once. Imports of the cell are made here as well. Several setups run in the
order of their first runs. The cell run again replaces what it was: workers that are there run the new one
too. An error is told by the tasks that come after it. In code: cluster.setup(() => { … }).`,
  options: {local: {type: "flag", summary: "run it in the kernel as well"}},
  async run(context, {words, flags}, body) {
    const [name, ...more] = words;
    if (more.length > 0)
      throw new MagicError(`%%setup takes one name, got ${words.length}: ${words.join(" ")}`);
    if (body.trim() === "") throw new MagicError("%%setup: the cell is empty");
    const [magic] = splitCell(body).lineMagics;
    if (magic)
      throw new MagicError(
        `%%setup: ${magic.name === "!" ? "!" : `%${magic.name}`} is no TypeScript, which is all that workers run; give it a cell of its own`,
      );
    const {value} = await context.run(body, {setup: name === undefined ? {} : {name}});
    if (flags.has("local")) await (value as () => Promise<void>)();
    console.log("each worker runs this before its next task");
  },
};
