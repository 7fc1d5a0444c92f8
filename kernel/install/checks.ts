// What `tasklab doctor` looks at. Each check says what it found and, when that is not right, what
// mends it.
import {execFile} from "node:child_process";
import {existsSync} from "node:fs";
import {dirname, join} from "node:path";
import {fileURLToPath} from "node:url";
import {promisify, stripVTControlCharacters} from "node:util";
import {acceptedFlags, WANTED_FLAGS} from "../spec/install.js";
import type {Finding, Scene} from "./finding.js";
import {missingFrom, ownVersion} from "./runtime.js";

const TRIAL_LIMIT_MS = 90_000;
const trial = fileURLToPath(new URL("../../../kernel/install/trial.py", import.meta.url));

/** The Node that the kernelspec names; before there is one, this one. */
export async function checkNode({argv, install}: Scene): Promise<Finding> {
  const path = argv[0] ?? process.execPath;
  const version = await output(path, ["--version"]);
  if (version === undefined) {
    return bad(
      `the kernel's Node.js is gone or does not run: ${path}`,
      `${install}, with the Node.js that it shall use`,
    );
  }
  const flags = await acceptedFlags(path);
  if (argv.length > 0 && !flags.every((flag) => argv.includes(flag)))
    return bad(`${version} is started without ${flags.join(" ")}`, install);
  const unknown = WANTED_FLAGS.filter((flag) => !flags.includes(flag));
  const limits = [
    ...unknown.map((flag) => `it does not know ${flag}: an interrupt in a timer ends the kernel`),
    ...((await hasHookCounters(path)) ? [] : [HOOKS_LIMIT]),
  ];
  return good([`${version}, ${path}`, ...limits].join("\n              "));
}

/** What `cluster/context/cut-hooks.ts` cannot mend on this Node. */
const HOOKS_LIMIT =
  "an interrupt past an `await` ends the kernel once code has enabled a hook of async_hooks.createHook";

async function hasHookCounters(nodePath: string): Promise<boolean> {
  const expression = 'process.binding("async_wrap").async_hook_fields !== undefined';
  return (await output(nodePath, ["--no-deprecation", "--print", expression])) === "true";
}

export async function checkJupyter({jupyter}: Scene): Promise<Finding> {
  if (!jupyter) {
    return bad(
      "none was found",
      "python3 -m pip install jupyterlab; or name its Python: TASKLAB_PYTHON=/path/to/python npx tasklab doctor",
    );
  }
  const versions = Object.entries(jupyter.versions).map(([name, version]) => `${name} ${version}`);
  return good(`${versions.join(", ")}; Python ${jupyter.pythonVersion}, ${jupyter.python}`);
}

export async function checkKernelspec({jupyter, argv, install}: Scene): Promise<Finding> {
  if (!jupyter) return unchecked("not looked for: there is no Jupyter to find it");
  const spec = jupyter.kernelspec;
  if (spec === null)
    return bad(`this Jupyter finds none in ${jupyter.dataPaths.join(", ")}`, install);
  if ("broken" in spec) return bad(`it cannot be read: ${spec.broken}`, install);
  const version = spec.metadata.tasklab?.version;
  if (version === undefined)
    return bad(
      `${spec.folder} is another's kernel of our name`,
      "jupyter kernelspec remove tasklab",
    );
  const main = mainOf(argv);
  if (main === undefined || !existsSync(main))
    return bad(`${spec.folder} names a program that is gone: ${main}`, install);
  if (version !== ownVersion)
    return bad(`${spec.folder} is of version ${version}, this is ${ownVersion}`, install);
  return good(`${version}, ${spec.folder}`);
}

/** All files of the copied runtime; a clone has none to compare with. */
export async function checkRuntime({argv, install}: Scene): Promise<Finding> {
  const main = mainOf(argv);
  if (main === undefined) return unchecked("not looked for: no kernelspec names it");
  const runtime = dirname(dirname(dirname(main)));
  if (existsSync(join(runtime, "kernel", "main.ts")))
    return good(`${runtime}, a clone, which runs where it was built`);
  try {
    const {all, missing} = await missingFrom(runtime);
    if (missing.length === 0) return good(`${all} files in ${runtime}`);
    return bad(
      `${missing.length} of ${all} files are missing or cut short in ${runtime}, one is ${missing[0]}`,
      install,
    );
  } catch {
    return bad(`${runtime} is gone or was copied only in part`, install);
  }
}

export async function checkExtension({jupyter, install}: Scene): Promise<Finding> {
  const lab = jupyter?.versions.jupyterlab;
  if (!jupyter || lab === undefined)
    return unchecked("not looked for: no JupyterLab is here to show it");
  // JupyterLab itself says which extensions it finds and whether it takes them.
  const list = await output(jupyter.python, ["-m", "jupyterlab.labextensions", "list"]);
  const found = /^\s*tasklab-execution v(\S+) (\w+)\s+(OK|X)/m.exec(list ?? "");
  if (!found) return bad(`JupyterLab ${lab} does not find it`, install);
  const [, version, state, verdict] = found;
  if (version !== ownVersion)
    return bad(`it is of version ${version}, this is ${ownVersion}`, install);
  if (state !== "enabled")
    return bad("JupyterLab has it disabled", "jupyter labextension enable tasklab-execution");
  if (verdict !== "OK")
    return bad(
      `JupyterLab ${lab} refuses it: it is made for JupyterLab 4`,
      `${jupyter.python} -m pip install --upgrade jupyterlab`,
    );
  return good(`${version}, enabled in JupyterLab ${lab}`);
}

/** A kernel is started by this Jupyter's own client, and runs a cell. */
export async function checkTrial({jupyter, argv, install}: Scene): Promise<Finding> {
  if (!jupyter || argv.length === 0) return unchecked("not tried: Jupyter finds no kernel of ours");
  try {
    const limits = {timeout: TRIAL_LIMIT_MS, killSignal: "SIGKILL" as const};
    const {stdout} = await promisify(execFile)(jupyter.python, [trial, "tasklab"], limits);
    const {value, seconds} = JSON.parse(stdout) as {value: string; seconds: number};
    if (value === "2") return good(`1 + 1 is 2, ${seconds.toFixed(1)} s after the kernel's start`);
    return bad(`1 + 1 gave "${value}"`, install);
  } catch (error) {
    const lines = (error as {stderr?: string}).stderr?.trim().split("\n") ?? [];
    // The kernel's own words come before those of the client that missed it.
    const why = lines.find((line) => /^(tasklab: |\w*Error\b)/.test(line)) ?? lines.at(-1);
    return bad(
      `the kernel did not run 1 + 1: ${why || (error as Error).message}`,
      `${install}; then read what it says at: jupyter console --kernel tasklab`,
    );
  }
}

/** The kernel's program in its command line: what stands before the connection file. */
function mainOf(argv: readonly string[]): string | undefined {
  return argv.find((word) => word.endsWith(join("dist", "kernel", "main.js")));
}

/** What a command prints, colours left out; undefined when it fails. */
async function output(command: string, args: string[]): Promise<string | undefined> {
  try {
    const {stdout, stderr} = await promisify(execFile)(command, args, {timeout: 30_000});
    return stripVTControlCharacters(stdout + stderr).trimEnd();
  } catch {
    return undefined;
  }
}

const good = (text: string): Finding => ({isGood: true, text});
const bad = (text: string, mend: string): Finding => ({isGood: false, text, mend});
const unchecked = (text: string): Finding => ({isGood: null, text});
