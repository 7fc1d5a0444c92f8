// A head process, with the node of its own machine in it: one process less to start is 100 ms less
// until the first result. It ends when its parent does, and its workers with it. Argument: how many
// workers it will have at first.

import {randomUUID} from "node:crypto";
import type {ClusterAddress} from "../../messages.js";
import type {Head} from "./head.js";
import {followParent, ignoreTerminal, startWorkerProcess} from "../node/launch.js";
import type {LinkKeys} from "../link/link.js";
import type {ClusterOptions} from "../../backend.js";

export interface HeadConfig {
  keys: LinkKeys;
  token: string;
  /** Hrtime nanoseconds as decimal digits, and wall-clock time. */
  epochNs: string;
  epoch: string;
  options: ClusterOptions;
  workerPrefix: string;
}
export interface HeadReport {
  address: ClusterAddress;
}

/** Workers that have not ended by then end with this process. */
const stopLimitMs = 2_000;

ignoreTerminal();
// The first worker is started before anything else is loaded; only one, for the cores are few and
// the first task needs no second.
const spares = Number(process.argv[2] ?? 0) > 0 ? [startWorkerProcess()] : [];
const report = followParent<HeadConfig>((config) => void start(config));

async function start(config: HeadConfig): Promise<void> {
  const {keys, token, epochNs, epoch, options, workerPrefix} = config;
  const [{setEpoch}, {protocolVersion}, {Head}, {Node}] = await loading;
  setEpoch(BigInt(epochNs));
  const head: Head = await Head.start({
    keys,
    token,
    workerPrefix,
    ...(options.idleMs === undefined ? {} : {idleMs: options.idleMs}),
    log: (line) => console.error(`head: ${line}`),
    stopAsked: () => void stop(head, nodeEnded),
  });
  const address: ClusterAddress = {
    protocol: protocolVersion,
    head: head.address,
    serverKey: keys.publicKey,
    token,
    epochNs,
    epoch,
  };
  report({address} satisfies HeadReport);
  const node = `node-${randomUUID().slice(0, 8)}`;
  const log = (line: string): void => console.error(`${node}: ${line}`);
  const nodeEnded = new Promise<void>((resolve, reject) => {
    Node.start({address, keys, node, options}, spares, log, resolve).catch(reject);
  });
}

async function stop(head: Head, nodeEnded: Promise<void>): Promise<void> {
  const limit = setTimeout(() => process.exit(0), stopLimitMs);
  await head.stop("a driver stopped the cluster");
  await nodeEnded;
  clearTimeout(limit);
  await head.close();
  process.exit(0);
}

const loading = Promise.all([
  import("../../clock.js"),
  import("../../messages.js"),
  import("./head.js"),
  import("../node/node.js"),
] as const);
