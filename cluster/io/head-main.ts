// A head process. It starts the machine's node beside it, and ends when its parent does.

import {randomUUID} from "node:crypto";
import {setEpoch} from "../clock.js";
import {protocolVersion, type ClusterAddress} from "../messages.js";
import {Head} from "./head.js";
import {Child, followParent, ignoreTerminal} from "./launch.js";
import type {LinkKeys} from "./link.js";
import type {NodeConfig} from "./node.js";
import type {ClusterOptions} from "./ports.js";

export interface HeadConfig {
  keys: LinkKeys;
  token: string;
  /** Hrtime nanoseconds as decimal digits, and wall-clock time. */
  epochNs: string;
  epoch: string;
  options: ClusterOptions;
}
export type HeadReport = {kind: "ready"; address: ClusterAddress; node: number | null};

/** A node that has not ended by then is killed, and its workers with it. */
const stopLimitMs = 2_000;

ignoreTerminal();
// Started before anything else is done, so that the two load side by side.
let nodeEnded: () => void = () => {};
const nodeGone = new Promise<void>((resolve) => (nodeEnded = resolve));
const node = new Child<NodeConfig>(new URL("./node-main.js", import.meta.url), [], {
  ended: () => nodeEnded(),
});

const report = followParent<HeadConfig>((config) => void start(config));

async function start({keys, token, epochNs, epoch, options}: HeadConfig): Promise<void> {
  setEpoch(BigInt(epochNs));
  const head: Head = await Head.start({
    keys,
    token,
    ...(options.idleMs === undefined ? {} : {idleMs: options.idleMs}),
    log: (line) => console.error(`head: ${line}`),
    stopAsked: () => void stop(head),
  });
  const address: ClusterAddress = {
    protocol: protocolVersion,
    head: head.address,
    serverKey: keys.publicKey,
    token,
    epochNs,
    epoch,
  };
  node.configure({address, keys, node: `node-${randomUUID().slice(0, 8)}`, options});
  report({kind: "ready", address, node: node.pid ?? null} satisfies HeadReport);
}

async function stop(head: Head): Promise<void> {
  await head.stop("a driver stopped the cluster");
  const limit = setTimeout(() => node.kill(), stopLimitMs);
  await nodeGone;
  clearTimeout(limit);
  await head.close();
  process.exit(0);
}
