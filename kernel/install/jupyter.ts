// The Jupyter of this machine: found, and asked about itself.
import {execFile} from "node:child_process";
import {readFile} from "node:fs/promises";
import {delimiter, join} from "node:path";
import {fileURLToPath} from "node:url";
import {promisify} from "node:util";

/** What `probe.py` says. */
export interface Jupyter {
  python: string;
  pythonVersion: string;
  /** The environment that it lives in. */
  prefix: string;
  /** The user's own folder, and all folders where it looks for kernels and extensions. */
  userData: string;
  dataPaths: string[];
  versions: Partial<Record<"jupyterlab" | "notebook" | "jupyter_client" | "nbclient", string>>;
  /** What it finds under our name. */
  kernelspec:
    | {folder: string; argv: string[]; metadata: {tasklab?: {version: string}}}
    | {broken: string}
    | null;
}

const probe = fileURLToPath(new URL("../../../kernel/install/probe.py", import.meta.url));
const PROBE_LIMIT_MS = 30_000;

/**
 * The Jupyter that a user of this shell means: `TASKLAB_PYTHON`'s if set, else that of the command
 * `jupyter`, of the active environment, or of a Python on the path.
 */
export async function findJupyter(
  env: NodeJS.ProcessEnv = process.env,
): Promise<Jupyter | undefined> {
  for (const python of await candidates(env)) {
    const jupyter = await askPython(python, env);
    if (jupyter) return jupyter;
  }
  return undefined;
}

/** The Jupyter of one Python; undefined when it has none or is no Python. */
async function askPython(python: string, env: NodeJS.ProcessEnv): Promise<Jupyter | undefined> {
  return (await answer(python, [probe], env)) as Jupyter | undefined;
}

/** `sys.prefix` of a Python, with or without Jupyter. */
export async function prefixOf(python: string): Promise<string | undefined> {
  const script = "import json, sys; print(json.dumps(sys.prefix))";
  return (await answer(python, ["-c", script], process.env)) as string | undefined;
}

async function answer(python: string, args: string[], env: NodeJS.ProcessEnv): Promise<unknown> {
  try {
    const {stdout} = await promisify(execFile)(python, args, {env, timeout: PROBE_LIMIT_MS});
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

async function candidates(env: NodeJS.ProcessEnv): Promise<string[]> {
  if (env.TASKLAB_PYTHON) return [env.TASKLAB_PYTHON];
  const environments = [env.VIRTUAL_ENV, env.CONDA_PREFIX].filter((folder) => folder !== undefined);
  return [
    ...(await pythonsOfCommand("jupyter", env)),
    ...environments.map((folder) => join(folder, "bin", "python")),
    ...["python3", "python"],
  ];
}

/** The Pythons that run a command of the path, as the first lines of its script say. */
async function pythonsOfCommand(name: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const scripts = (env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => readFile(join(folder, name), "latin1").catch(() => ""));
  return (await Promise.all(scripts)).flatMap((text) => {
    // pip writes the second form where the path is long or has spaces.
    const python = /^#! *(\S*python\S*)|^'''exec' (?:"(.+?)"|(\S+)) "\$0"/m.exec(
      text.slice(0, 1000),
    );
    return python ? [(python[1] ?? python[2] ?? python[3])!] : [];
  });
}
