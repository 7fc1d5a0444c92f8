// `!command`: run by the shell; what it prints streams into the cell.

import {runChild} from "./child.js";
import type {Magic} from "./magic.js";

export const shell: Magic = {
  name: "!",
  kind: "line",
  summary: "run a shell command: !ls -l",
  help: "An interrupt of the cell ends the command and what it started.",
  options: {},
  raw: true,
  run: (context, {raw}) => runChild(context, raw, [], {written: `!${raw}`, shell: true}),
};
