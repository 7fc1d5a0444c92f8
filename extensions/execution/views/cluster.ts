// The cluster: its nodes, and workers that join and leave.

import {drawCluster} from "../diagrams/cluster.js";
import {clusterView as clusterFacts, type ClusterView} from "../model/cluster-view.js";
import {duration} from "../model/words.js";
import {defineView} from "./view.js";

export const clusterView = defineView<ClusterView>({
  id: "cluster",
  label: "Cluster",
  hint: "Workers joining and leaving",
  empty: "No cluster yet. It starts with the first .remote, or with %cluster start.",
  about: "the cluster",
  hasTab: true,
  model: (trace, {now}) => clusterFacts(trace, {now}),
  draw: drawCluster,
  table: ({nodes}) => ({
    caption: "Workers",
    columns: ["node", "worker", "process", "joined", "left", "why"],
    rows: nodes.flatMap((node) =>
      node.workers.map((worker) => [
        node.label,
        worker.label,
        worker.detail,
        worker.alive === null ? "" : duration(worker.alive.from),
        worker.left === null ? "" : duration(worker.left.at),
        worker.left?.reason ?? "",
      ]),
    ),
  }),
});
