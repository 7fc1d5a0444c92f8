// Starts processes: a head, a node and two workers, which end with the tests.
import {after} from "node:test";
import {startCluster} from "../../cluster/backends/cluster.js";
import {SequentialBackend} from "../../cluster/backends/sequential.js";
import {crossing} from "./crossing.js";

const cluster = startCluster({workers: 2, cpus: 2});
after(() => cluster.close());

crossing("here and on the cluster", async () => [new SequentialBackend(), cluster]);
