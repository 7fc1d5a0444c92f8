// Leftovers of a cluster that has stopped: processes, sockets of this process, temporary files.

import {readdirSync, readlinkSync} from "node:fs";
import {descendants, isAlive, until} from "../cluster/io/processes.js";

const lookEveryMs = 1_000;
const endLimitMs = 5_000;
/** Node's own cache of compiled code, which npm brings about. */
const ofOthers = /^node-compile-cache$/;

export class Left {
  readonly #pids = new Set<number>();
  readonly #sockets = openSockets();
  readonly #watch: NodeJS.Timeout;

  /** From now on every process below this one is remembered. */
  constructor() {
    this.#watch = setInterval(() => this.look(), lookEveryMs);
  }

  look(): void {
    for (const {pid} of descendants(process.pid)) this.#pids.add(pid);
  }

  /** Each thing that is still there, once the cluster has stopped. */
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

  /** Ends what would outlive a run that failed. */
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

/** Sockets of this process. Only Linux tells them. */
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
