// `npx tasklab …`: reads the words, does the command, says what happened in lines that a newcomer
// can act on.
import {doctor} from "./doctor.js";
import {findData, foldersIn, noJupyter} from "./folders.js";
import {install, uninstall} from "./install.js";
import type {Jupyter} from "./jupyter.js";
import {lastingNode} from "./lasting-node.js";
import {parseOptions, USAGE, type Options, type Where} from "./options.js";
import {explain} from "./problem.js";
import {ownProject, ownVersion} from "./runtime.js";

const say = (line: string) => console.log(line);

/** The exit code is 0, or 1 after a line that says what to do. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    if (!(await run(parseOptions(args)))) process.exitCode = 1;
  } catch (error) {
    console.error(explain(error));
    process.exitCode = 1;
  }
}

async function run({command, where}: Options): Promise<boolean> {
  switch (command) {
    case "install":
      await installAt(where);
      return true;
    case "uninstall":
      await uninstallAt(where);
      return true;
    case "doctor":
      return doctor({say});
    case "help":
      say(USAGE);
      return true;
    case "version":
      say(ownVersion);
      return true;
    default:
      throw new Error(`unknown command: ${command satisfies never}`);
  }
}

async function installAt(where: Where): Promise<void> {
  const {data, jupyter} = await findData(where);
  if (!jupyter && where.kind === "user" && !where.isExplicit) {
    throw noJupyter("to install for a later one, say so: npx tasklab install --user");
  }
  const nodePath = lastingNode(process.execPath);
  const {runtime, kept} = await install(data, {
    project: ownProject,
    version: ownVersion,
    nodePath,
  });
  const {kernelspec, extension} = foldersIn(data);
  say(`Tasklab ${ownVersion} is installed:`);
  say(`  kernel     ${kernelspec}`);
  say(`  extension  ${extension}`);
  say(`  runtime    ${runtime}`);
  say(`  Node.js    ${process.version}, ${nodePath}`);
  for (const folder of kept)
    say(`A kernel still runs from ${folder}: the next install removes it.`);
  sayWhoSeesIt(data, jupyter);
}

function sayWhoSeesIt(data: string, jupyter: Jupyter | undefined): void {
  if (!jupyter) {
    say("No Jupyter was found; one that is installed later finds the kernel there.");
  } else if (jupyter.dataPaths.includes(data)) {
    say(
      'Choose "TypeScript (Tasklab)" in JupyterLab (reload an open one), or run: npx tasklab doctor',
    );
  } else {
    say(
      `The Jupyter of ${jupyter.python} does not look there. Tell it: export JUPYTER_PATH=${data}`,
    );
  }
}

async function uninstallAt(where: Where): Promise<void> {
  const {data, jupyter} = await findData(where);
  const {removed, running} = await uninstall(data);
  for (const folder of removed) say(`removed ${folder}`);
  if (running > 0) say(`${running} kernels were running from it: shut them down.`);
  if (removed.length > 0) return;
  say(`Nothing of Tasklab is in ${data}.`);
  const other = jupyter?.kernelspec;
  if (other && "folder" in other)
    say(`Jupyter finds a kernel of that name in ${other.folder}: see --sys-prefix and --prefix.`);
}
