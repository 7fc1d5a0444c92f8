// Starts processes: a head, a node and two workers, which end with the tests.
import {startCluster} from "../../cluster/backends/cluster.js";
import {contract} from "./backend.js";

contract("the cluster backend", {
  async open() {
    const backend = startCluster({workers: 2, cpus: 2});
    await backend.ready;
    return backend;
  },
  lacks: [],
});
