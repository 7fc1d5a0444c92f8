// The words after `npm start --`.
import {parseArgs} from "node:util";
import {SetupProblem} from "./problem.mjs";

export const USAGE = `npm start -- [options]
  --port N        the port to try first (8888); a taken one picks the next
  --no-browser    do not open a browser
  --help          this text`;

export function parseOptions(args) {
  let values;
  try {
    ({values} = parseArgs({
      args,
      options: {port: {type: "string"}, "no-browser": {type: "boolean"}, help: {type: "boolean"}},
    }));
  } catch (error) {
    throw new SetupProblem(`${error.message.split(". ")[0]}\n${USAGE}`);
  }
  const port = Number(values.port ?? 8888);
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new SetupProblem(`--port takes a number from 1 to 65535, not "${values.port}"`);
  }
  return {port, hasBrowser: values["no-browser"] !== true, isHelp: values.help === true};
}
