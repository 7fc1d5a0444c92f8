// Child processes of cells. An interrupt of a cell reaches its children as Ctrl-C in a terminal
// would. Processes started before that cell (an earlier cell's server) go on, and so does the
// cluster. When the kernel ends, all children end, except those that a cell has started as
// `detached`: a detached process has a process group of its own.

import {execFile} from "node:child_process";
import {readdirSync, readFileSync} from "node:fs";
import {fileURLToPath} from "node:url";
import {promisify} from "node:util";

export interface Process {
  pid: number;
  parent: number;
  /** The number of its process group, which is its leader's. */
  group: number;
  /** Since it was started. */
  ageMs: number;
  command: string;
}

const clusterFolder = fileURLToPath(new URL("../../cluster/", import.meta.url));
/** Ages are told in hundredths of a second on Linux, in whole seconds elsewhere. */
const slackMs = process.platform === "linux" ? 20 : 1100;
const ticksPerSecond = 100;

/**
 * Sends `signal` to what this process has started in the last `sinceMs`, and to what that has
 * started.
 */
export async function signalChildren(signal: NodeJS.Signals, sinceMs: number): Promise<void> {
  const all = process.platform === "linux" ? fromProc() : await fromPs();
  signalAll(signal, startedBy(process.pid, all, sinceMs + slackMs));
}

function signalAll(signal: NodeJS.Signals, processes: readonly Process[]): void {
  for (const {pid} of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  }
}

/** Children that have not ended by then, after they were told to, are killed. */
const graceMs = 500;
const lookEveryMs = 20;

/** Ends what this process has started, as it ends itself: first gently, then for certain. */
export async function endChildren(): Promise<void> {
  const endMs = performance.now() + graceMs;
  let living = await own();
  signalAll("SIGTERM", living);
  while (living.length > 0 && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    living = await own();
  }
  signalAll("SIGKILL", living);
}

/** The same at once. */
export async function killChildren(): Promise<void> {
  signalAll("SIGKILL", await own());
}

async function own(): Promise<Process[]> {
  const all = process.platform === "linux" ? fromProc() : await fromPs();
  return endingWith(process.pid, all);
}

/**
 * Processes that end with the process `pid`. Where `pid` leads a process group, they are all others
 * of that group, orphans too. Where `pid` leads none, as in a script, they are its descendants in
 * its group. The cluster's processes are left out, for they end by themselves.
 */
export function endingWith(pid: number, all: readonly Process[]): Process[] {
  const group = all.find((one) => one.pid === pid)?.group;
  const candidates = group === pid ? all : startedBy(pid, all, Infinity);
  return candidates.filter(
    (one) => one.group === group && one.pid !== pid && !one.command.includes(clusterFolder),
  );
}

/**
 * Descendants of `parent` that are younger than `mostMs`, the cluster's processes and theirs left
 * out.
 */
export function startedBy(parent: number, all: readonly Process[], mostMs: number): Process[] {
  return all
    .filter((one) => one.parent === parent && !one.command.includes(clusterFolder))
    .flatMap((one) => [...(one.ageMs <= mostMs ? [one] : []), ...startedBy(one.pid, all, mostMs)]);
}

function fromProc(): Process[] {
  const upSeconds = Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // The name of the program, in parentheses, may hold anything.
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      // A zombie: it has ended, and its parent has not looked yet.
      if (fields[0] === "Z") return [];
      const startedSeconds = Number(fields[19]) / ticksPerSecond;
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      const ageMs = (upSeconds - startedSeconds) * 1000;
      const [parent, group] = [Number(fields[1]), Number(fields[2])];
      return [{pid: Number(name), parent, group, ageMs, command}];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

async function fromPs(): Promise<Process[]> {
  const {stdout} = await promisify(execFile)("ps", [
    "-A",
    "-o",
    "pid=,ppid=,pgid=,etime=,command=",
  ]);
  return parsePs(stdout);
}

/** Lines of `ps`: the age is [[days-]hours:]minutes:seconds. */
export function parsePs(text: string): Process[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)\s+(.*)$/.exec(
      line,
    );
    if (!match) return [];
    const [pid, parent, group, days = 0, hours = 0, minutes, seconds] = match
      .slice(1, 8)
      .map(Number);
    const ageMs = ((((days || 0) * 24 + (hours || 0)) * 60 + minutes!) * 60 + seconds!) * 1000;
    return [{pid: pid!, parent: parent!, group: group!, ageMs, command: match[8]!}];
  });
}
