// Finds a Python that can carry JupyterLab, or says in one line what is missing and what mends it.
import {execFile} from "node:child_process";
import {accessSync, constants} from "node:fs";
import {delimiter, join, resolve, sep} from "node:path";
import {promisify} from "node:util";
import {venv} from "./paths.mjs";
import {SetupProblem} from "./problem.mjs";

export const LEAST_PYTHON = [3, 10];

// In a virtual environment, the Python that the environment was made from: that one outlives it.
const PROBE = `
import importlib.util, json, os, sys
has = lambda name: importlib.util.find_spec(name) is not None
print(json.dumps({
  "version": list(sys.version_info[:3]),
  "executable": os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable),
  "venv": has("venv") and has("ensurepip"),
}))
`;

/**
 * The first fitting Python: `TASKLAB_PYTHON` alone if set, else the usual names in order. Never one
 * that lies in `environment`, the folder that it is to make: an activated environment is first on
 * the path.
 */
export async function findPython({
  env = process.env,
  probe = probePython,
  environment = venv,
} = {}) {
  const outside = {...env, PATH: pathWithout(environment, env.PATH)};
  const names = env.TASKLAB_PYTHON
    ? [env.TASKLAB_PYTHON]
    : ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
  const found = [];
  for (const name of names) {
    const python = await probe(name, outside);
    if (python === undefined || isInside(environment, python.executable)) continue;
    if (isPythonNewEnough(python.version) && python.venv) return python;
    found.push(python);
  }
  throw new SetupProblem(whyNoPython(found, env));
}

/** The folders of PATH that do not lie in `environment`. */
function pathWithout(environment, path = "") {
  const folders = path.split(delimiter).filter((folder) => !isInside(environment, folder));
  return folders.join(delimiter);
}

function isInside(environment, path) {
  return resolve(path).startsWith(resolve(environment) + sep);
}

export function isPythonNewEnough([major = 0, minor = 0]) {
  return major > LEAST_PYTHON[0] || (major === LEAST_PYTHON[0] && minor >= LEAST_PYTHON[1]);
}

/** One line: what was found, and the command that mends it. */
export function whyNoPython(
  found,
  env,
  {installer = findInstaller(env), isRoot = isUserRoot()} = {},
) {
  const lacksVenv = found.find((python) => isPythonNewEnough(python.version));
  if (lacksVenv) {
    const [major, minor] = lacksVenv.version;
    const mend = mendFor(installer, {venvOf: `python${major}.${minor}`, isRoot});
    return `${lacksVenv.executable} (Python ${lacksVenv.version.join(".")}) cannot make virtual environments. ${mend}`;
  }
  const tooOld = found[0];
  if (tooOld) {
    // A package manager that brought the old one has perhaps no newer.
    return `Tasklab needs Python 3.10 or newer; ${tooOld.executable} is ${tooOld.version.join(".")}. Install one, then run: TASKLAB_PYTHON=/path/to/python3.12 npm start`;
  }
  const mend = mendFor(installer, {isRoot});
  return env.TASKLAB_PYTHON
    ? `TASKLAB_PYTHON is "${env.TASKLAB_PYTHON}", which is no Python that runs outside of .venv. Set it to a Python 3.10 or newer, or run: unset TASKLAB_PYTHON`
    : `Tasklab needs Python 3.10 or newer for JupyterLab, and found none. ${mend}`;
}

const INSTALLERS = {
  "apt-get": (venvOf) => `apt-get install -y ${venvOf ? `${venvOf}-venv` : "python3 python3-venv"}`,
  dnf: () => "dnf install -y python3",
  zypper: () => "zypper install -y python3",
  pacman: () => "pacman -S python",
  apk: () => "apk add python3",
  brew: () => "brew install python",
};

function mendFor(installer, {venvOf, isRoot}) {
  const command = INSTALLERS[installer]?.(venvOf);
  if (command === undefined) {
    return "Get Python from https://www.python.org/downloads, then set TASKLAB_PYTHON to its path";
  }
  return `Run: ${isRoot || installer === "brew" ? "" : "sudo "}${command}`;
}

function findInstaller(env) {
  const order =
    process.platform === "darwin"
      ? ["brew"]
      : Object.keys(INSTALLERS).filter((name) => name !== "brew");
  return order.find((name) => isOnPath(name, env));
}

export function isOnPath(name, env = process.env) {
  return (env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return folder !== "";
    } catch {
      return false;
    }
  });
}

function isUserRoot() {
  return process.getuid?.() === 0;
}

/** What the Python of this name says about itself; undefined when there is none that runs. */
export async function probePython(name, env) {
  try {
    const {stdout} = await promisify(execFile)(name, ["-I", "-c", PROBE], {env, timeout: 20_000});
    const python = JSON.parse(stdout);
    return Array.isArray(python.version) ? python : undefined;
  } catch {
    return undefined;
  }
}
