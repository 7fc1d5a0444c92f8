// The words after `tasklab`.
import {parseArgs} from "node:util";
import {InstallProblem} from "./problem.js";

export const USAGE = `tasklab: a Jupyter kernel for TypeScript with a cluster built in

  tasklab install      puts the kernel and the JupyterLab extension where Jupyter finds them
  tasklab uninstall    takes them away again
  tasklab doctor       checks the whole chain, from Node.js to a first cell, and names the mend

Where install puts them, and uninstall looks for them:
  --user               for all of your Jupyters (this is the default)
  --sys-prefix [WHERE] into one Python environment: its folder or its python;
                       without WHERE the one that the command "jupyter" belongs to
  --prefix PATH        below PATH/share/jupyter

  --help               this text
  --version            the version of Tasklab

Afterwards choose "TypeScript (Tasklab)" in JupyterLab or VS Code, or run:
  jupyter console --kernel tasklab`;

const COMMANDS = ["install", "uninstall", "doctor", "help", "version"] as const;

/** Where the command works: `user`, the environment of a Python, or a prefix. */
export type Where =
  | {kind: "user"; isExplicit: boolean}
  | {kind: "sys-prefix"; of?: string}
  | {kind: "prefix"; path: string};

export interface Options {
  command: (typeof COMMANDS)[number];
  where: Where;
}

export function parseOptions(args: readonly string[]): Options {
  const {values, positionals} = readWords(args);
  if (values.help) return {command: "help", where: user(false)};
  if (values.version) return {command: "version", where: user(false)};
  const [word = "help", ...rest] = positionals;
  const command = COMMANDS.find((each) => each === word);
  if (command === undefined) throw wrong(`unknown command: ${word}`);

  const places = ["user", "sys-prefix", "prefix"] as const;
  const chosen = places.filter((name) => values[name] !== undefined);
  if (chosen.length > 1) throw wrong(`one place at a time, not --${chosen.join(" and --")}`);
  if (chosen.length > 0 && command !== "install" && command !== "uninstall")
    throw wrong(`${command} takes no --${chosen[0]}`);

  // `--sys-prefix` may stand alone: what it is about is then the word after it.
  const of = values["sys-prefix"] ? rest.shift() : undefined;
  if (rest.length > 0) throw wrong(`unexpected: ${rest.join(" ")}`);
  if (values["sys-prefix"]) return {command, where: {kind: "sys-prefix", ...(of ? {of} : {})}};
  if (values.prefix !== undefined) return {command, where: {kind: "prefix", path: values.prefix}};
  return {command, where: user(values.user === true)};
}

function readWords(args: readonly string[]) {
  try {
    return parseArgs({
      args: args.flatMap((arg) => arg.replace(/^--sys-prefix=/, "--sys-prefix\0").split("\0")),
      allowPositionals: true,
      options: {
        user: {type: "boolean"},
        "sys-prefix": {type: "boolean"},
        prefix: {type: "string"},
        help: {type: "boolean", short: "h"},
        version: {type: "boolean", short: "v"},
      },
    });
  } catch (error) {
    throw wrong((error as Error).message.split(". ")[0]!);
  }
}

function user(isExplicit: boolean): Where {
  return {kind: "user", isExplicit};
}

function wrong(what: string): InstallProblem {
  return new InstallProblem(`${what}\n\n${USAGE}`);
}
