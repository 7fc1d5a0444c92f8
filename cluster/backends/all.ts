// The engines, by address: the one place that knows which there are. A new engine is a row here.

import type {ClusterOptions, Opened} from "../backend.js";
import {startCluster} from "./cluster.js";
import {SequentialBackend} from "./sequential.js";

type Open = (options: ClusterOptions) => Opened;

/** A head and workers on this machine, which end with this process. */
const openEmbedded: Open = (options) => {
  const backend = startCluster(options);
  return {backend, cluster: backend};
};

/** In this process, one task after another: the diagrams' baseline, and the tests' oracle. */
const openSequential: Open = () => ({backend: new SequentialBackend(), cluster: null});

const engines = new Map<string, Open>([
  ["embedded:", openEmbedded],
  ["sequential:", openSequential],
]);

/** Opens an engine. Tasks can be submitted at once. Throws for an address that no engine has. */
export function openEngine(address: string, options: ClusterOptions = {}): Opened {
  const open = engines.get(address);
  if (open) return open(options);
  const known = [...engines.keys()].join(", ");
  throw new Error(`no engine has the address ${JSON.stringify(address)}; there are ${known}`);
}
