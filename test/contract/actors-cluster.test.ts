// Starts processes: the embedded cluster makes actors as every backend does.

import {startCluster} from "../../cluster/backends/cluster.js";
import {actorContract} from "./actors.js";

actorContract("the cluster", {
  open: async () => startCluster({workers: 2, cpus: 2}),
  lacks: [],
});
