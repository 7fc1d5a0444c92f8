// The cluster of this process: started by `cluster.start`, or by the first `.remote()` when nobody did.

import {startCluster, type ClusterBackend, type ClusterOptions} from "./backends/cluster.js";
import {maybeDefaultBackend, onBackendWanted, setDefaultBackend} from "./context.js";
import {UsageError} from "./errors.js";
import type {ClusterStatus} from "./messages.js";
import {printOutput} from "./plain-output.js";
import {reportUnfetched} from "./refs.js";
import {amount, checkAll, namedAmounts, wholeAtLeast} from "./rules.js";

export type {ClusterOptions};

/** The embedded cluster, as `%cluster` works on it. */
export const cluster = {
  /** Starts it; its workers are there when this resolves. Again with the same options: nothing happens. */
  async start(options: ClusterOptions = {}): Promise<void> {
    if (running === null) begin(options);
    else if (JSON.stringify(running.options) !== JSON.stringify(checkCluster(options))) {
      throw new UsageError(
        "cluster.start: a cluster runs already, with other options; " +
          "stop it first (cluster.stop(), %cluster stop), or change its workers (cluster.scale)",
      );
    }
    // Asking keeps a program alive until there is an answer.
    await Promise.all([running!.backend.ready, running!.backend.status({settled: true})]);
  },

  /** Another number of worker processes. */
  async scale(to: number | {workers: number; maxWorkers?: number | undefined}): Promise<void> {
    const {workers, maxWorkers = workers} = typeof to === "number" ? {workers: to} : to;
    const {backend} = needRunning("scale");
    checkCluster({workers, maxWorkers});
    await backend.scale(workers, Math.max(workers, maxWorkers));
  },

  /** Stops it with all its processes; unfinished tasks fail with ClusterStoppedError. */
  async stop(): Promise<void> {
    if (running === null) return;
    const {backend} = running;
    running = null;
    if (maybeDefaultBackend() === backend) setDefaultBackend(null);
    await reportUnfetched(backend).catch(() => {});
    await backend.close();
  },

  /** Nodes, workers and resources; undefined when none runs. */
  async status(): Promise<ClusterStatus | undefined> {
    return running?.backend.status();
  },

  /** What its processes wrote besides the output of tasks. */
  async logs(): Promise<string> {
    return running === null ? "" : running.backend.logs();
  },
};

/** Hears of each embedded cluster as it begins to start, and shows what its workers print. */
export function onClusterStarted(listener: (backend: ClusterBackend) => void): void {
  started = listener;
}
let started = (backend: ClusterBackend): void => backend.onOutput(printOutput);

let running: {backend: ClusterBackend; options: ClusterOptions} | null = null;

onBackendWanted(() => begin({}));

function begin(options: ClusterOptions): ClusterBackend {
  const checked = checkCluster(options);
  const backend = startCluster(checked);
  running = {backend, options: checked};
  setDefaultBackend(backend);
  started(backend);
  if (!endsWithProgram) process.on("beforeExit", endWithProgram);
  endsWithProgram = true;
  return backend;
}

/** A program that has nothing left to do: its last errors are told, its cluster stops. */
const endWithProgram = () => void cluster.stop();
let endsWithProgram = false;

function checkCluster(options: ClusterOptions): Parameters<typeof startCluster>[0] & object {
  const checked = checkAll(
    options,
    {
      workers: wholeAtLeast(0),
      maxWorkers: wholeAtLeast(1),
      cpus: amount,
      gpus: wholeAtLeast(0),
      resources: namedAmounts,
      idleMs: wholeAtLeast(0, "milliseconds"),
    },
    {of: " of the cluster"},
  );
  const {workers = 0, maxWorkers = Infinity} = checked;
  if (maxWorkers < workers) {
    throw new UsageError(
      `maxWorkers: ${maxWorkers} of the cluster: must be at least workers, ${workers}`,
    );
  }
  return checked as Parameters<typeof startCluster>[0] & object;
}

function needRunning(verb: string) {
  if (running !== null) return running;
  throw new UsageError(
    `cluster.${verb}: no cluster runs; start one with cluster.start({workers: 4})`,
  );
}
