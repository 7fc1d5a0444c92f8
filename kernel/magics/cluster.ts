// `%cluster`: the embedded cluster, its nodes and workers.

import {lastLoss} from "../../cluster/host.js";
import {cluster} from "../../cluster/index.js";
import type {ClusterStatus, NodeStatus} from "../../cluster/backend.js";
import {bytesText, parseBytes} from "../../cluster/sizes.js";
import {counted} from "../display/text.js";
import {MagicError, type Arguments, type Magic, type MagicContext} from "./magic.js";
import {parseResources} from "./remote.js";

const atLeast = (least: number) => (value: string | number) =>
  Number.isInteger(value) && Number(value) >= least
    ? undefined
    : `must be a whole number ≥ ${least}`;

export const clusterMagic: Magic = {
  name: "cluster",
  kind: "line",
  summary: "start, show, scale or stop the cluster",
  help: `%cluster                                     nodes, workers and resources
%cluster start --workers 2 --cpus 4          worker processes, and logical CPUs to hand out
%cluster start --workers 1 --max-workers 4   start more when tasks wait, stop idle ones
%cluster start --store-memory 8GiB           room for large values (30 % of the machine's memory)
%cluster scale 3                             another number of workers
%cluster logs                                what workers wrote besides their tasks' output
%cluster stop

Without options, workers and CPUs are this machine's cores. The first \`.remote(…)\` starts a cluster if none runs.
An actor has a process of its own besides the workers.`,
  options: {
    workers: {type: "number", summary: "worker processes (the machine's cores)", check: atLeast(0)},
    "max-workers": {type: "number", summary: "upper bound when tasks wait", check: atLeast(1)},
    cpus: {
      type: "number",
      summary: "logical CPUs (the machine's cores)",
      check: (value) => (Number(value) > 0 ? undefined : "must be a number > 0"),
    },
    gpus: {type: "number", summary: "GPUs to hand out (0)", check: atLeast(0)},
    resources: {type: "list", summary: "other resources, as name=amount"},
    "store-memory": {
      type: "text",
      summary: "room for large values, such as 8GiB (30 % of the machine's memory)",
      check: (value) =>
        (parseBytes(String(value)) ?? 0) >= 2 ** 20
          ? undefined
          : "must be an amount of memory ≥ 1MiB, such as 512MiB or 8GiB",
    },
  },
  complete: () => Promise.resolve(["start", "scale", "stop", "logs"]),
  async run(context, args) {
    const [verb = "status", ...rest] = args.words;
    switch (verb) {
      case "status":
        break;
      case "start":
        await cluster.start(startOptions(args));
        break;
      case "scale":
        await cluster.scale(scaleTo(args, rest[0]));
        break;
      case "stop":
        await cluster.stop();
        console.log("cluster stopped");
        return;
      case "logs":
        console.log((await cluster.logs()) || "nothing was written");
        return;
      default:
        throw new MagicError(
          `%cluster ${verb}: unknown; %cluster takes start, scale, stop, logs, or nothing`,
        );
    }
    showStatus(context, await cluster.status());
  },
};

function startOptions(args: Arguments) {
  const {numbers} = args;
  const storeMemory = args.texts["store-memory"];
  const [workers, maxWorkers] = [numbers["workers"], numbers["max-workers"]];
  if (workers !== undefined && maxWorkers !== undefined && maxWorkers < workers)
    throw new MagicError(
      `%cluster start: --max-workers ${maxWorkers} is less than --workers ${workers}`,
    );
  return {
    ...(workers !== undefined && {workers}),
    ...(maxWorkers !== undefined && {maxWorkers}),
    ...(numbers["cpus"] !== undefined && {cpus: numbers["cpus"]}),
    ...(numbers["gpus"] !== undefined && {gpus: numbers["gpus"]}),
    ...(storeMemory !== undefined && {storeMemory: parseBytes(storeMemory)!}),
    resources: parseResources(args.lists["resources"] ?? []),
  };
}

function scaleTo(args: Arguments, word: string | undefined) {
  const workers = Number(word ?? args.numbers["workers"]);
  if (!Number.isInteger(workers) || workers < 0)
    throw new MagicError("%cluster scale: say how many workers, for example %cluster scale 3");
  return {workers, maxWorkers: Math.max(workers, args.numbers["max-workers"] ?? 0)};
}

function showStatus(context: MagicContext, status: ClusterStatus | undefined): void {
  if (!status) {
    const loss = lastLoss();
    console.log(
      loss === null
        ? "no cluster runs; `%cluster start` or the first `.remote(…)` starts one"
        : `no cluster runs: ${loss.reason}; \`%cluster start\` or the next \`.remote(…)\` starts another`,
    );
    return;
  }
  context.show({"text/html": statusHtml(status), "text/plain": statusText(status)});
}

export function statusText(status: ClusterStatus): string {
  const lines = status.nodes.flatMap((node) => [
    `node ${node.node} on ${node.host}: ${resourcesText(node)}; ${workersText(node)}`,
    ...node.workers.map(
      (worker) =>
        `  ${worker.worker.padEnd(6)} ${(worker.pid ? `pid ${worker.pid}` : "").padEnd(12)} ${stateOf(worker)}`,
    ),
  ]);
  const waiting = status.waiting.map(
    ({shape, count}) => `waiting: ${count} × ${amountsText(shape)}`,
  );
  return [...lines, ...waiting].join("\n");
}

export function statusHtml(status: ClusterStatus): string {
  const rows = status.nodes.flatMap((node) =>
    node.workers.map(
      (worker) =>
        `<tr><td>${escape(worker.worker)}</td><td>${worker.pid || ""}</td><td>${escape(stateOf(worker))}</td></tr>`,
    ),
  );
  const captions = status.nodes.map(
    (node) =>
      `<b>${escape(node.node)}</b> on ${escape(node.host)}: ${escape(resourcesText(node))}; ${workersText(node)}`,
  );
  return (
    `<table><caption style="text-align: left">${captions.join("<br>")}</caption>` +
    `<thead><tr><th scope="col">worker</th><th scope="col">pid</th><th scope="col">state</th></tr></thead>` +
    `<tbody>${rows.join("")}</tbody></table>`
  );
}

/** An actor has a process of its own, which counts for no worker. */
function stateOf({state, actor}: NodeStatus["workers"][number]): string {
  return actor === undefined ? state : `actor ${actor}`;
}

function resourcesText(node: NodeStatus): string {
  const amounts = Object.entries(node.resources).map(
    ([name, total]) =>
      `${amount(name, node.free[name] ?? 0)} of ${amount(name, total)} ${name} free`,
  );
  const {storeBytes, storeLimitBytes} = node;
  // A node tells of its store a moment after it has joined.
  if (storeLimitBytes > 0)
    amounts.push(`${bytesText(storeBytes)} of ${bytesText(storeLimitBytes)} object store used`);
  return amounts.join(", ");
}

function workersText(node: NodeStatus): string {
  const actors = node.workers.filter(({actor}) => actor !== undefined).length;
  const workers = node.workers.length - actors;
  const most = node.maxWorkers > workers ? ` (up to ${node.maxWorkers})` : "";
  const ofActors = actors > 0 ? `, ${counted(actors, "actor")}` : "";
  return `${counted(workers, "worker")}${most}${ofActors}`;
}

function amountsText(resources: Record<string, number>): string {
  return Object.entries(resources)
    .map(([name, value]) => `${name}: ${amount(name, value)}`)
    .join(", ");
}

function amount(name: string, value: number): string {
  return name === "memory" ? `${(value / 2 ** 30).toFixed(1)} GiB` : String(value);
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
