// Where things go. Jupyter's data folder has one room for each kind; the runtimes stand beside
// them.
import {existsSync, statSync} from "node:fs";
import {homedir, platform} from "node:os";
import {join, resolve} from "node:path";
import {findJupyter, prefixOf, type Jupyter} from "./jupyter.js";
import type {Where} from "./options.js";
import {InstallProblem} from "./problem.js";

const EXTENSION = "tasklab-execution";

export interface Folders {
  /** `share/jupyter` of an environment, or the user's own. */
  data: string;
  kernelspec: string;
  extension: string;
  /** One folder for each version, and unfinished ones, whose names begin with a dot. */
  runtimes: string;
}

export function foldersIn(data: string): Folders {
  return {
    data,
    kernelspec: join(data, "kernels", "tasklab"),
    extension: join(data, "labextensions", EXTENSION),
    runtimes: join(data, "tasklab"),
  };
}

/** The data folder that the command's words mean, and the Jupyter that was found on the way. */
export async function findData(
  where: Where,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{data: string; jupyter: Jupyter | undefined}> {
  const jupyter = await findJupyter(env);
  switch (where.kind) {
    case "user":
      return {data: jupyter?.userData ?? userData(env), jupyter};
    case "prefix":
      return {data: join(resolve(where.path), "share", "jupyter"), jupyter};
    case "sys-prefix": {
      const prefix = where.of === undefined ? jupyter?.prefix : await environment(where.of);
      if (prefix === undefined) throw noJupyter("--sys-prefix needs one");
      return {data: join(prefix, "share", "jupyter"), jupyter};
    }
    default:
      throw new Error(`unknown place: ${JSON.stringify(where satisfies never)}`);
  }
}

export function noJupyter(why: string): InstallProblem {
  return new InstallProblem(
    `No Jupyter was found (${why}). Get one: python3 -m pip install jupyterlab. If it is there already, ` +
      "name its Python: TASKLAB_PYTHON=/path/to/python npx tasklab install",
  );
}

/** The user's data folder by Jupyter's rules, for when no Jupyter can be asked. */
export function userData(env: NodeJS.ProcessEnv, system = platform(), home = homedir()): string {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR;
  if (system === "darwin") return join(home, "Library", "Jupyter");
  return join(env.XDG_DATA_HOME || join(home, ".local", "share"), "jupyter");
}

async function environment(name: string): Promise<string> {
  if (existsSync(name) && statSync(name).isDirectory()) return resolve(name);
  const prefix = await prefixOf(name);
  if (prefix !== undefined) return prefix;
  throw new InstallProblem(
    `--sys-prefix ${name}: neither a folder nor a Python that runs. Give the folder of a virtual ` +
      "environment (.venv) or its Python (.venv/bin/python)",
  );
}
