// Starts processes: the embedded cluster makes actors as every backend does.

import {openEngine} from "../../cluster/backends/all.js";
import {actorContract} from "./actors.js";

actorContract("the cluster", {
  open: async () => openEngine("embedded:", {workers: 2, cpus: 2}).backend,
  lacks: [],
});
