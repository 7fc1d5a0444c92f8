// JupyterLab as this project runs it: its folders, its settings, its server.
import {createWriteStream} from "node:fs";
import {mkdir, readFile, rm} from "node:fs/promises";
import {randomBytes} from "node:crypto";
import {dirname, join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {endGroup, startChild} from "./child.mjs";
import * as paths from "./paths.mjs";
import {SetupProblem} from "./problem.mjs";

const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 40;
const END_WITHIN_MS = 10_000;
const LAST_LINES = 25;

/**
 * The environment in which Jupyter writes only below `home` and reads the project's own settings.
 */
export function jupyterEnv({env = process.env, home = paths.jupyterHome} = {}) {
  const {JUPYTER_PATH, PYTHONHOME, PYTHONPATH, ...rest} = env;
  return {
    ...rest,
    PATH: `${join(paths.venv, "bin")}:${env.PATH ?? ""}`,
    VIRTUAL_ENV: paths.venv,
    JUPYTER_CONFIG_PATH: join(paths.project, "kernel", "setup", "jupyter"),
    JUPYTER_CONFIG_DIR: join(home, "config"),
    JUPYTER_DATA_DIR: join(home, "data"),
    JUPYTER_RUNTIME_DIR: join(home, "runtime"),
    JUPYTERLAB_WORKSPACES_DIR: join(home, "workspaces"),
    JUPYTERLAB_SETTINGS_DIR: join(home, "settings"),
    IPYTHONDIR: join(home, "ipython"),
    // Warnings about Python's own packages are not for readers of notebooks.
    PYTHONWARNINGS: "ignore",
    PYDEVD_DISABLE_FILE_VALIDATION: "1",
  };
}

export function labArguments({port, hasBrowser, rootDir, isRoot = process.getuid?.() === 0}) {
  return [
    join(paths.project, "kernel", "setup", "lab.py"),
    `--ServerApp.port=${port}`,
    "--ServerApp.port_retries=50",
    `--ServerApp.root_dir=${rootDir}`,
    `--ServerApp.open_browser=${hasBrowser ? "True" : "False"}`,
    ...(isRoot ? ["--allow-root"] : []),
  ];
}

/** Starts the server; resolves with its address once it answers. `onExit` hears of its end. */
export async function startLab({
  port,
  openPath = "lab",
  hasBrowser = false,
  rootDir = paths.project,
  home = paths.jupyterHome,
  onExit = () => {},
}) {
  const token = process.env.JUPYTER_TOKEN ?? randomBytes(24).toString("hex");
  const env = {...jupyterEnv({home}), JUPYTER_TOKEN: token};
  await mkdir(env.JUPYTER_RUNTIME_DIR, {recursive: true, mode: 0o700});
  const logFile = join(home, "logs", "jupyterlab.log");
  await mkdir(dirname(logFile), {recursive: true});
  const args = [...labArguments({port, hasBrowser, rootDir}), `--LabApp.default_url=/${openPath}`];
  const child = startChild(paths.venvPython, args, {cwd: rootDir, env, stdio: "pipe"});
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, {end: false});
  child.stderr.pipe(log, {end: false});

  let ended;
  child.on("error", (error) => (ended = error.message));
  child.on("close", (code, signal) => {
    log.end();
    ended ??= signal ?? `exit code ${code}`;
    onExit(ended);
  });

  const stop = () => stopLab(child, env.JUPYTER_RUNTIME_DIR, () => ended !== undefined);
  const infoFile = join(env.JUPYTER_RUNTIME_DIR, `jpserver-${child.pid}.json`);
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const server = await readServer(infoFile);
    if (server) {
      const url = `http://127.0.0.1:${server.port}/`;
      return {
        child,
        stop,
        url,
        port: server.port,
        token,
        openUrl: `${url}${openPath}?token=${token}`,
      };
    }
    if (ended !== undefined || performance.now() > deadlineMs) {
      await stop();
      const what = ended ?? `no answer within ${READY_WITHIN_MS / 1000} s`;
      throw new SetupProblem(`JupyterLab did not start (${what}).\n${await lastLines(logFile)}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

/** What the server wrote about itself, once it also answers. */
async function readServer(infoFile) {
  try {
    const server = JSON.parse(await readFile(infoFile, "utf8"));
    const reply = await fetch(`http://127.0.0.1:${server.port}/api`);
    return reply.ok ? server : undefined;
  } catch {
    return undefined;
  }
}

/** SIGTERM lets Jupyter end its kernels first; who does not listen is killed. */
async function stopLab(child, runtimeDir, hasEnded) {
  child.kill("SIGTERM");
  const deadlineMs = performance.now() + END_WITHIN_MS;
  while (!hasEnded() && performance.now() < deadlineMs) await sleep(LOOK_EVERY_MS);
  endGroup(child, "SIGKILL");
  if (child.pid !== undefined) {
    const left = join(runtimeDir, `jpserver-${child.pid}`);
    await Promise.all([".json", "-open.html"].map((end) => rm(`${left}${end}`, {force: true})));
  }
}

async function lastLines(file) {
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text.trimEnd().split("\n").slice(-LAST_LINES);
  return `${lines.map((line) => `    ${line}`).join("\n")}\nThe whole log: ${file}`;
}
