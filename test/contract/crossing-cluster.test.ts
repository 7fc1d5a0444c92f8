// Starts processes: a head, a node and two workers, which end with the tests.
import {after} from "node:test";
import {openEngine} from "../../cluster/backends/all.js";
import {crossing} from "./crossing.js";

const cluster = openEngine("embedded:", {workers: 2, cpus: 2}).backend;
after(() => cluster.close());

crossing("here and on the cluster", async () => [openEngine("sequential:").backend, cluster]);
