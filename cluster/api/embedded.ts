// The cluster of this process: started by `cluster.start`, or by the first `.remote()` when nobody
// did.
//
// When its head dies the cluster is lost, with all that its tasks had made; no actor or stored
// value can be had again. Waiting calls fail at once. The next `.remote()` starts a new cluster
// with the options of the lost one, in notebooks and plain programs alike: a user who submits after
// seeing an error wants the work done, and a server that runs for weeks has nobody to start the
// cluster by hand. The new start is told in one line, and refused when heads die one after another.

import type {Backend, Cluster, ClusterOptions, ClusterStatus, Engine, Loss} from "../backend.js";
import {openEngine} from "../backends/all.js";
import {
  ambient,
  currentBackend,
  maybeDefaultBackend,
  onBackendWanted,
  setDefaultBackend,
} from "../context/context.js";
import {ClusterStoppedError, UsageError} from "../errors.js";
import {headRestartWindowMs, maxHeadRestarts} from "../limits.js";
import {printOutput} from "./plain-output.js";
import {reportUnfetched} from "./refs.js";
import {amount, checkAll, namedAmounts, show, wholeAtLeast} from "./rules.js";
import {host} from "../shipping/names/host.js";
import {addSetup} from "../shipping/setup/setups.js";
import {thunkOf} from "../shipping/functions/stamps.js";

export type {ClusterOptions};

/**
 * The cluster on this machine, which this process starts: by `cluster.start`, by `%cluster start`,
 * or by the first `.remote(…)`. All its processes end with this one.
 *
 * @example
 * ```ts
 * import {cluster, get, remote} from "tasklab";
 *
 * await cluster.start({workers: 2}); // or leave it to the first .remote(…)
 * const square = remote((n: number) => n * n);
 * console.log(await get(square.remote(7))); // → 49
 * ```
 */
export const cluster = {
  /**
   * Starts the cluster. Resolves when its workers are there. A second call with the same options
   * does nothing. After the cluster's head has died, a call starts a new cluster, with any options.
   *
   * Ray's counterpart: [ray.init](https://docs.ray.io/en/latest/ray-core/api/doc/ray.init.html).
   *
   * @throws UsageError when a cluster runs with other options, and for an unknown option or value;
   * ClusterError when the working folder is gone.
   *
   * @example
   * ```ts
   * import {cluster} from "tasklab";
   *
   * await cluster.start({workers: 2});
   * console.log((await cluster.status())?.nodes.length); // → 1
   * ```
   */
  async start(options: ClusterOptions = {}): Promise<void> {
    if (running === null) {
      begin(options);
      restartsMs = [];
    } else if (JSON.stringify(running.options) !== JSON.stringify(checkCluster(options))) {
      throw new UsageError(
        "cluster.start: a cluster runs already, with other options; " +
          "stop it first (cluster.stop(), %cluster stop), or change its workers (cluster.scale)",
      );
    }
    await settled(running!);
  },

  /**
   * Changes the number of worker processes, which are started or, once idle, stopped.
   * `maxWorkers` is by default `workers`.
   *
   * @throws UsageError when no cluster runs, and for impossible numbers.
   *
   * @example
   * ```ts
   * import {cluster} from "tasklab";
   *
   * await cluster.start({workers: 2});
   * await cluster.scale({workers: 2, maxWorkers: 4});
   * console.log((await cluster.status())?.nodes[0]?.maxWorkers); // → 4
   * ```
   */
  async scale(to: number | {workers: number; maxWorkers?: number | undefined}): Promise<void> {
    const {workers, maxWorkers = workers} = typeof to === "number" ? {workers: to} : to;
    const {processes} = needRunning("scale");
    checkCluster({workers, maxWorkers});
    await processes.scale(workers, Math.max(workers, maxWorkers));
  },

  /**
   * Has a function run once in each worker, before the worker's next task: in workers that are
   * there, in later ones, and in actors' processes. With `%%sequential` the function runs in this
   * process, before the next task.
   *
   * The function travels as a remote function does, with the variables that it captures as they are
   * now. Several setups run in the order in which they were given. A setup that fails makes tasks
   * fail with a SetupError, and is tried again before the next task. A cell that runs again
   * replaces its former setups; a setup with a `name` replaces the one of that name. Workers that
   * are there run the new setup as well.
   *
   * @throws UsageError for anything but a function, and inside of a task; CannotShipError when the
   * function captures a value that can't travel.
   *
   * @example
   * ```ts
   * import {cluster, get, remote} from "tasklab";
   *
   * cluster.setup(() => void (process.env["UNITS"] = "metric"), {name: "units"});
   * const units = remote(() => process.env["UNITS"]);
   * console.log(await get(units.remote())); // → metric
   * ```
   */
  setup(fn: () => unknown, options: {name?: string | undefined} = {}): void {
    setUp(fn, options);
  },

  /**
   * Stops the cluster with all its processes. Unfinished tasks fail with ClusterStoppedError. Does
   * nothing when no cluster runs. The next `.remote(…)` starts a new one.
   *
   * Ray's counterpart:
   * [ray.shutdown](https://docs.ray.io/en/latest/ray-core/api/doc/ray.shutdown.html).
   *
   * @example
   * ```ts
   * import {cluster} from "tasklab";
   *
   * await cluster.stop();
   * console.log(await cluster.status()); // → undefined
   * ```
   */
  async stop(): Promise<void> {
    const lostOnes = lost?.backend.close();
    lost = null;
    if (running === null) return lostOnes;
    const {backend} = running;
    running = null;
    if (maybeDefaultBackend() === backend) setDefaultBackend(null);
    await reportUnfetched(backend).catch(() => {});
    await Promise.all([backend.close(), lostOnes]);
  },

  /**
   * Describes the cluster: nodes, workers and their processes, resources in all and free, bytes in
   * the stores, waiting tasks. Gives undefined when no cluster runs or its head has died.
   *
   * @example
   * ```ts
   * import {cluster} from "tasklab";
   *
   * await cluster.start({workers: 2});
   * const [node] = (await cluster.status())!.nodes;
   * console.log(node!.workers.filter(({actor}) => actor === undefined).length); // → 2
   * ```
   */
  async status(): Promise<ClusterStatus | undefined> {
    return running?.processes.status();
  },

  /**
   * Gives the text that the cluster's processes wrote besides the output of tasks. When the
   * cluster's head has died, gives the last words of the head. Without a cluster, gives "".
   *
   * @example
   * ```ts
   * import {cluster} from "tasklab";
   *
   * await cluster.start({workers: 2});
   * console.log(typeof (await cluster.logs())); // → string
   * ```
   */
  async logs(): Promise<string> {
    return running === null ? (lastLoss()?.lastWords ?? "") : running.processes.logs();
  },
};

/** Does the same as `cluster.setup`. Returns a function that runs the setup in this process too. */
export function setUp(
  fn: () => unknown,
  {name}: {name?: string | undefined} = {},
): () => Promise<void> {
  if (typeof fn !== "function") {
    throw new UsageError(
      `cluster.setup: ${show(fn)} is no function; write cluster.setup(() => { … })`,
    );
  }
  if (ambient().life !== null || ambient().depth > 0) {
    throw new UsageError("cluster.setup: a task can't set up workers; call it outside of tasks");
  }
  const source = thunkOf(fn)?.source;
  const label =
    `the setup${name === undefined ? "" : ` "${name}"`}` + (source ? ` of ${source}` : "");
  const place = {name, cell: host.cellKey(), run: ambient().cell, label};
  const isDone = addSetup(fn, place);
  return async () => {
    await fn();
    isDone();
  };
}

/** Starts the cluster as `.remote()` would, if none runs; resolves when its workers are there. */
export async function startedCluster(): Promise<void> {
  if (running === null) currentBackend();
  if (running !== null) await settled(running);
}

/** Tells how the last cluster was lost; null when a cluster has been started since. */
export function lastLoss(): Loss | null {
  return running === null && lost !== null ? lost.loss : null;
}

/** Hears of each embedded cluster as it begins to start, and shows what its workers print. */
export function onClusterStarted(listener: typeof started): void {
  started = listener;
}
let started = (backend: Backend, processes: Cluster): void => {
  backend.onOutput(printOutput);
  processes.onWaiting(({fn, reason}) => console.error(`\`${fn}\` waits: ${reason}`));
};

interface Running {
  backend: Engine;
  processes: Cluster;
  options: ClusterOptions;
}
let running: Running | null = null;
/**
 * The last cluster whose head died. Its agent still has the small values that had arrived, so the
 * cluster is kept until another is lost or `stop` is called.
 */
let lost: (Running & {loss: Loss}) | null = null;
/** When lost clusters were replaced without being asked. */
let restartsMs: number[] = [];

onBackendWanted(() => (lost === null ? begin({}) : replace(lost)));

function begin(options: ClusterOptions): Engine {
  const checked = checkCluster(options);
  const {backend, cluster: processes} = openEngine("embedded:", checked);
  const begun = {backend, processes: processes!, options: checked};
  running = begun;
  begun.processes.onLost((loss) => lose(begun, loss));
  setDefaultBackend(backend);
  started(backend, begun.processes);
  if (!endsWithProgram) process.on("beforeExit", endWithProgram);
  endsWithProgram = true;
  return backend;
}

function lose(cluster: Running, loss: Loss): void {
  if (running !== cluster) return;
  void lost?.backend.close();
  lost = {...cluster, loss};
  running = null;
  if (maybeDefaultBackend() === cluster.backend) setDefaultBackend(null);
}

function replace({options, loss}: Running & {loss: Loss}): Engine {
  const nowMs = performance.now();
  restartsMs = restartsMs.filter((atMs) => atMs > nowMs - headRestartWindowMs);
  if (restartsMs.length >= maxHeadRestarts) {
    throw new ClusterStoppedError(
      `${loss.reason}; a new cluster was started ${maxHeadRestarts} times within ` +
        `${headRestartWindowMs / 60_000} minutes, so none is by itself any more: cluster.logs() ` +
        "(%cluster logs) has the head's last words, cluster.start() (%cluster start) starts another",
    );
  }
  restartsMs.push(nowMs);
  const backend = begin(options);
  process.stderr.write(`${loss.reason}; a new cluster starts now, with the same options\n`);
  return backend;
}

async function settled({processes}: Running): Promise<void> {
  // Asking keeps a program alive until there is an answer.
  await Promise.all([processes.ready, processes.status({settled: true})]);
}

/** A program that has nothing left to do: its last errors are told, its cluster stops. */
const endWithProgram = () => void cluster.stop();
let endsWithProgram = false;

/** A store that is smaller would refuse the smallest value that goes there. */
const leastStoreMemory = 1024 * 1024;

function checkCluster(options: ClusterOptions): ClusterOptions {
  const checked = checkAll(
    options,
    {
      workers: wholeAtLeast(0),
      maxWorkers: wholeAtLeast(1),
      cpus: amount,
      gpus: wholeAtLeast(0),
      resources: namedAmounts,
      storeMemory: wholeAtLeast(leastStoreMemory, "bytes"),
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
  return checked as ClusterOptions;
}

function needRunning(verb: string) {
  if (running !== null) return running;
  const loss = lastLoss();
  const why = loss === null ? "" : `: ${loss.reason}`;
  throw new UsageError(
    `cluster.${verb}: no cluster runs${why}; start one with cluster.start({workers: 4})`,
  );
}
