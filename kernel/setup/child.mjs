// Child processes of the set-up: each in a process group of its own, all of them ended when we end.
import {spawn} from "node:child_process";

const running = new Set();

/** Runs a command to its end, its output going to `log`; rejects when it fails. */
export function runCommand(command, args, {log, ...options}) {
  return new Promise((resolve, reject) => {
    log.write(`\n$ ${[command, ...args].join(" ")}\n`);
    const child = startChild(command, args, {stdio: ["ignore", "pipe", "pipe"], ...options});
    child.stdout.pipe(log, {end: false});
    child.stderr.pipe(log, {end: false});
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

export function startChild(command, args, options) {
  const child = spawn(command, args, {detached: true, ...options});
  running.add(child);
  child.on("close", () => running.delete(child));
  child.on("error", () => running.delete(child));
  return child;
}

/** Sends the signal to every group that still runs. */
export function endChildren(signal = "SIGTERM") {
  for (const child of running) endGroup(child, signal);
}

export function endGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group ended between our look and our signal.
  }
}

process.on("exit", () => endChildren("SIGKILL"));

const WATCH_EVERY_MS = 500;
let watch;

const STOP_SIGNALS = {SIGHUP: 129, SIGINT: 130, SIGTERM: 143};

/**
 * Ends with our children when told to; `stop` may first end them in peace. A second signal is
 * final.
 */
export function endOnSignals({stop} = {}) {
  let isStopping = false;
  const end = async (code) => {
    if (!isStopping && stop) {
      isStopping = true;
      await stop();
    }
    process.exit(code);
  };
  for (const [signal, code] of Object.entries(STOP_SIGNALS)) {
    process.removeAllListeners(signal);
    process.on(signal, () => end(code));
  }
  clearInterval(watch);
  if (process.env.npm_lifecycle_event === undefined) return;
  // npm passes signals on, but cannot when it is killed outright: then our parent changes.
  const npm = process.ppid;
  watch = setInterval(
    () => process.ppid !== npm && end(STOP_SIGNALS.SIGHUP),
    WATCH_EVERY_MS,
  ).unref();
}
