// One set-up at a time in one checkout: two would delete each other's folders.
import {linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from "node:fs";
import {dirname} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";

const LOOK_EVERY_MS = 200;
// Longer than any set-up: a lock this old was left behind, whoever has its process number now.
const STALE_AFTER_MS = 15 * 60_000;

/** Takes the lock file, waiting while a live process holds it; returns what gives it back. */
export async function holdLock(file, {onWait = () => {}} = {}) {
  mkdirSync(dirname(file), {recursive: true});
  let hasTold = false;
  while (!tryToTake(file)) {
    const holder = findHolder(file);
    if (holder === undefined) {
      rmSync(file, {force: true});
      continue;
    }
    if (!hasTold) onWait(holder);
    hasTold = true;
    await sleep(LOOK_EVERY_MS);
  }
  const release = () => rmSync(file, {force: true});
  process.once("exit", release);
  return () => {
    process.off("exit", release);
    release();
  };
}

/** Linked into place, so that nobody ever sees a lock without its holder's number. */
function tryToTake(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(own, {force: true});
  }
}

function findHolder(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > STALE_AFTER_MS) return undefined;
    const pid = Number(readFileSync(file, "utf8"));
    return isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
