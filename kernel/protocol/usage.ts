// What the kernel and its machine use: drawn by jupyter-resource-usage. Shares of processors are
// those since the question before, and of the first since the kernel's start.

import {cpus, freemem, hostname, totalmem} from "node:os";

interface Sample {
  /** Of the clock, and of the processors: all of their time, and the part that they worked. */
  atMs: number;
  hostMs: number;
  hostBusyMs: number;
  kernelMs: number;
}

export class Usage {
  #before = sample();

  /** The content of a `usage_reply`. */
  read(): object {
    const now = sample();
    const before = this.#before;
    this.#before = now;
    const total = totalmem();
    const available = freemem();
    return {
      status: "ok",
      hostname: hostname(),
      pid: process.pid,
      kernel_cpu: percent(now.kernelMs - before.kernelMs, now.atMs - before.atMs),
      kernel_memory: process.memoryUsage.rss(),
      cpu_count: cpus().length,
      host_cpu_percent: percent(now.hostBusyMs - before.hostBusyMs, now.hostMs - before.hostMs),
      host_virtual_memory: {
        ...{total, available, free: available, used: total - available},
        percent: percent(total - available, total),
      },
    };
  }
}

function sample(): Sample {
  let hostMs = 0;
  let idleMs = 0;
  for (const {times} of cpus()) {
    for (const ms of Object.values(times)) hostMs += ms;
    idleMs += times.idle;
  }
  const {user, system} = process.cpuUsage();
  const kernelMs = (user + system) / 1000;
  return {atMs: performance.now(), hostMs, hostBusyMs: hostMs - idleMs, kernelMs};
}

/** With one decimal; nothing of nothing is 0. */
function percent(part: number, whole: number): number {
  return whole > 0 ? Math.round((part / whole) * 1000) / 10 : 0;
}
