// `!command`: run by the shell; what it prints streams into the cell.

import {runChild} from "./child.js";
import {MagicError, type Magic} from "./magic.js";

export const shell: Magic = {
  name: "!",
  kind: "line",
  summary: "run a shell command: !ls -l",
  help: "An interrupt of the cell ends the command and what it started.",
  options: {},
  raw: true,
  async run(context, {raw}) {
    try {
      await runChild(context, raw, [], {written: `!${raw}`, shell: true});
    } catch (error) {
      const [word = ""] = /^[\w$]+/.exec(raw) ?? [];
      if (!context.names().includes(word)) throw error;
      throw new MagicError(`${(error as Error).message}; to negate ${word}, write (!${raw})`);
    } finally {
      if (packageTool.test(raw)) await context.forgetPackages();
    }
  },
};

/** Commands that may install something. */
const packageTool = /\b(npm|npx|pnpm|yarn|bun)\b/;
