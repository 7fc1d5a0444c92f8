// The whole set-up, shared by `npm start` and `npm test`. Each step first asks whether its result
// still stands (a hash of what it was made from), so that a later start costs a fraction of a
// second.
//
//   npm packages ──┬── kernel and cluster ────┬── kernel in JupyterLab
//                  └── JupyterLab extension ──┤
//   Python packages ──────────────────────────┘
import {existsSync} from "node:fs";
import {cp, readFile, rm, writeFile} from "node:fs/promises";
import {basename, join} from "node:path";
import {pathToFileURL} from "node:url";
import {endOnSignals, runCommand} from "./child.mjs";
import {fingerprint, hasStamp, leaveStamp} from "./fingerprint.mjs";
import {holdLock} from "./lock.mjs";
import * as paths from "./paths.mjs";
import {SetupProblem} from "./problem.mjs";
import {findPython, isOnPath, probePython} from "./python.mjs";
import {makeAnew} from "./replace.mjs";
import {Steps} from "./steps.mjs";

const {project, venv, venvPython, dist, nodeModules, labextension} = paths;

/**
 * Installs and builds what is missing or stale. Throws `SetupProblem` when the reader has to act.
 */
export async function setUp({say = console.log} = {}) {
  const hasPython = await isEnvironmentMade();
  const python = hasPython ? undefined : await findPython();
  const release = await holdLock(join(paths.jupyterHome, "setup.lock"), {
    onWait: (pid) => say(`Waiting for the set-up that process ${pid} is doing here`),
  });
  try {
    const steps = new Steps({say, logFolder: paths.logs});
    const packages = steps.take(npmPackages());
    const pythonPackages = steps.take(pythonPackagesWith(python));
    const built = steps.take({...build(), after: [packages]});
    const extended = steps.take({...labExtension(), after: [packages]});
    const parts = [built, extended, pythonPackages];
    await Promise.all([...parts, steps.take({...jupyterFiles(), after: parts})]);
  } finally {
    release();
  }
}

/** For whoever starts with it: a problem is said in its own words, and ends the process. */
export async function setUpOrEnd({say = console.log, onProblem = () => {}} = {}) {
  endOnSignals();
  try {
    await setUp({say});
  } catch (error) {
    console.error(error instanceof SetupProblem ? error.message : error);
    onProblem();
    process.exit(1);
  }
}

/** No install script is needed, and none runs: the native packages carry their builds with them. */
export const npmInstall = ["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"];

/** pip takes the files of the lock by their hashes, and wheels alone: no code of a package runs. */
export const pipInstall = [
  "install",
  "--no-deps",
  "--require-hashes",
  "--only-binary=:all:",
  "--requirement",
  paths.requirements,
];

function npmPackages() {
  return {
    title: "npm packages",
    isDone: async () =>
      isInstalled(
        await readJson(join(project, "package-lock.json")),
        await readJson(join(nodeModules, ".package-lock.json")),
      ),
    run: (log) => runNpm(npmInstall, {log}),
  };
}

/** Whether node_modules, by npm's own record of it, holds what the lock asks for. */
export function isInstalled(lock, installed) {
  if (!lock || !installed) return false;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === "") return true;
    const present = installed.packages?.[path];
    if (present === undefined) return wanted.optional === true || wanted.peer === true;
    return present.version === wanted.version && present.integrity === wanted.integrity;
  });
}

function pythonPackagesWith(found) {
  return {
    title: "Python packages",
    isDone: isEnvironmentMade,
    run: (log) =>
      makeAnew(venv, async () => {
        // Another set-up may have found the environment made, and this one not.
        const python = found ?? (await findPython());
        const options = {log, cwd: project, env: pipEnv()};
        await runCommand(python.executable, ["-m", "venv", venv], options);
        await runCommand(venvPython, ["-m", "pip", ...pipInstall], options);
        // Scripts below .venv are no modules of ours, whatever our package.json says of the folder
        // above.
        await writeFile(join(venv, "package.json"), '{"type": "commonjs"}\n');
        await leaveStamp(venv, await environmentStamp());
      }),
  };
}

/**
 * Whether `.venv` has the packages of the lock, runs, and is made from the Python that was chosen,
 * if one was. Any other Python that is on the path now changes nothing.
 */
async function isEnvironmentMade(env = process.env) {
  if (!existsSync(venvPython) || !(await hasStamp(venv, await environmentStamp()))) return false;
  const own = await probePython(venvPython, env);
  if (own === undefined || !env.TASKLAB_PYTHON) return own !== undefined;
  const chosen = await findPython({env});
  return chosen.executable === own.executable;
}

function environmentStamp() {
  return fingerprint([paths.requirements], {words: [venv]});
}

/**
 * The user's pip settings for indexes and caches hold; those that would install elsewhere do not.
 */
function pipEnv() {
  const {PYTHONHOME, PYTHONPATH, PIP_TARGET, PIP_PREFIX, PIP_ROOT, ...env} = process.env;
  delete env.__PYVENV_LAUNCHER__;
  return {...env, PIP_USER: "0", PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1"};
}

function build() {
  const rooms = [
    "kernel",
    "cluster",
    "extensions/execution/model",
    "extensions/execution/diagrams",
    "test",
  ];
  const stamp = () =>
    fingerprint(["tsconfig.json", "package-lock.json", ...rooms].map(inProject), {
      ignore: (path) => /\.[a-z]+$/.test(path) && !path.endsWith(".ts"),
    });
  return {
    title: "kernel and cluster",
    isDone: async () => hasStamp(dist, await stamp()),
    async run(log) {
      const made = await stamp();
      // A build that we did not make may lack files that its build info says are there.
      if (!existsSync(join(dist, ".tasklab-stamp"))) await rm(dist, {recursive: true, force: true});
      await leaveStamp(dist, "under way");
      await runCommand(process.execPath, [paths.typescript, "--project", project], {
        log,
        cwd: project,
      });
      await leaveStamp(dist, made);
    },
  };
}

function labExtension() {
  const stamp = async () =>
    fingerprint(
      ["extensions/execution", "cluster", "tsconfig.json", "package-lock.json"].map(inProject),
      {
        ignore: (path) =>
          ["lib", "labextension"].includes(basename(path)) || path.endsWith(".tsbuildinfo"),
      },
    );
  return {
    title: "JupyterLab extension",
    isDone: async () => hasStamp(labextension, await stamp()),
    async run(log) {
      const made = await stamp();
      await runNpm(["run", "build"], {log, cwd: paths.extension});
      await leaveStamp(labextension, made);
    },
  };
}

/** The kernelspec and the built extension, put where this project's JupyterLab looks. */
function jupyterFiles() {
  const kernel = join(paths.venvShare, "kernels", "tasklab");
  const stamp = () =>
    fingerprint([labextension, inProject("kernel/spec"), inProject("package.json")], {
      words: [project, process.execPath, process.version],
    });
  return {
    title: "kernel in JupyterLab",
    isDone: async () => hasStamp(kernel, await stamp()),
    async run() {
      const {name} = await readJson(join(paths.extension, "package.json"));
      const {version} = await readJson(join(project, "package.json"));
      const extension = join(paths.venvShare, "labextensions", name);
      await Promise.all([kernel, extension].map((old) => rm(old, {recursive: true, force: true})));
      await cp(labextension, extension, {recursive: true});
      const {installKernelspec} = await import(
        pathToFileURL(join(dist, "kernel", "spec", "install.js")).href
      );
      await installKernelspec(kernel, {project, nodePath: process.execPath, version});
      await leaveStamp(kernel, await stamp());
    },
  };
}

function runNpm(args, {cwd = project, ...options}) {
  // Under `npm start` npm names itself, and that one is used; called by hand, the one on the path.
  const own = process.env.npm_execpath ?? "";
  if (own.endsWith("npm-cli.js") && existsSync(own)) {
    return runCommand(process.execPath, [own, ...args], {cwd, ...options});
  }
  if (!isOnPath("npm")) {
    throw new SetupProblem(
      "npm was not found. It comes with Node.js: install that from https://nodejs.org",
    );
  }
  return runCommand("npm", args, {cwd, ...options});
}

function inProject(path) {
  return join(project, path);
}

async function readJson(path) {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}
