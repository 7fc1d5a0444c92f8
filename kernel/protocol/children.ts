// Child processes of a cell: an interrupt reaches them as Ctrl-C in a terminal would. Those that were
// started before the cell (a server of an earlier one) go on, and so does the cluster.

import {execFile} from "node:child_process";
import {readdirSync, readFileSync} from "node:fs";
import {fileURLToPath} from "node:url";
import {promisify} from "node:util";

export interface Process {
  pid: number;
  parent: number;
  /** Since it was started. */
  ageMs: number;
  command: string;
}

const clusterFolder = fileURLToPath(new URL("../../cluster/", import.meta.url));
/** Ages are told in hundredths of a second on Linux, in whole seconds elsewhere. */
const slackMs = process.platform === "linux" ? 20 : 1100;
const ticksPerSecond = 100;

/** Sends `signal` to what this process has started in the last `sinceMs`, and to what that has started. */
export async function signalChildren(signal: NodeJS.Signals, sinceMs: number): Promise<void> {
  const all = process.platform === "linux" ? fromProc() : await fromPs();
  for (const {pid} of startedBy(process.pid, all, sinceMs + slackMs)) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  }
}

/** Descendants of `parent` that are younger than `mostMs`, the cluster's processes and theirs left out. */
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
      const startedSeconds = Number(fields[19]) / ticksPerSecond;
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
      const ageMs = (upSeconds - startedSeconds) * 1000;
      return [{pid: Number(name), parent: Number(fields[1]), ageMs, command}];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

async function fromPs(): Promise<Process[]> {
  const {stdout} = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,etime=,command="]);
  return parsePs(stdout);
}

/** Lines of `ps`: the age is [[days-]hours:]minutes:seconds. */
export function parsePs(text: string): Process[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)\s+(.*)$/.exec(line);
    if (!match) return [];
    const [pid, parent, days = 0, hours = 0, minutes, seconds] = match.slice(1, 7).map(Number);
    const ageMs = ((((days || 0) * 24 + (hours || 0)) * 60 + minutes!) * 60 + seconds!) * 1000;
    return [{pid: pid!, parent: parent!, ageMs, command: match[7]!}];
  });
}
