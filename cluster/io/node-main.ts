// A node process. It ends with its parent, and its workers with it.

import {setEpoch} from "../clock.js";
import {followParent, ignoreTerminal} from "./launch.js";
import {Node, type NodeConfig} from "./node.js";

ignoreTerminal();
followParent<NodeConfig>((config) => {
  setEpoch(BigInt(config.address.epochNs));
  void Node.start(
    config,
    (line) => console.error(`${config.node}: ${line}`),
    () => process.exit(0),
  );
});
