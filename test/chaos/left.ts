// Finds what a stopped cluster has left: processes, sockets of this process, temporary files.

import {readdirSync, readlinkSync} from "node:fs";
import {descendants, isAlive, until} from "../cluster/io/processes.js";

const lookEveryMs = 1_000;
const endLimitMs = 5_000;
/** Matches Node's cache of compiled code, which npm makes. */
const ofOthers = /^node-compile-cache$/;

export class Left {
  readonly #pids = new Set<number>();
  readonly #sockets = openSockets();
  readonly #watch: NodeJS.Timeout;

  /** Begins to remember every process below this one. */
  constructor() {
    this.#watch = setInterval(() => this.look(), lookEveryMs);
  }

  look(): void {
    for (const {pid} of descendants(process.pid)) this.#pids.add(pid);
  }

  /** Lists everything that is still there after the cluster has stopped. */
  async find(tempFolder: string): Promise<string[]> {
    clearInterval(this.#watch);
    this.look();
    const alive = () => [...this.#pids].filter(isAlive);
    await until(() => alive().length === 0, "processes have ended", endLimitMs).catch(() => {});
    const sockets = openSockets();
    return [
      ...alive().map((pid) => `process ${pid}`),
      ...(sockets > this.#sockets ? [`${sockets - this.#sockets} sockets`] : []),
      ...readdirSync(tempFolder)
        .filter((name) => !ofOthers.test(name))
        .map((name) => `temporary file ${name}`),
    ];
  }

  /** Ends the processes that would outlive a failed run. */
  endAll(): void {
    this.look();
    for (const pid of this.#pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // The process has ended.
      }
    }
  }
}

/** Counts the sockets of this process, which only Linux tells. */
function openSockets(): number {
  if (process.platform !== "linux") return 0;
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
    } catch {
      return false;
    }
  }).length;
}
