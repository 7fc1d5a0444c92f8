// The main module of a node process, for machines without a head. The process ends with its parent,
// and its workers end with it.

import {setEpoch} from "../../clock.js";
import {followParent, ignoreTerminal} from "./launch.js";
import {Node, type NodeConfig} from "./node.js";

ignoreTerminal();
followParent<NodeConfig>((config) => {
  setEpoch(BigInt(config.address.epochNs));
  const log = (line: string): void => console.error(`${config.node}: ${line}`);
  void Node.start(config, [], log, () => process.exit(0));
});
