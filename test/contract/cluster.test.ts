// Starts processes: a head, a node and two workers, which end with the tests.
import {openEngine} from "../../cluster/backends/all.js";
import {contract} from "./backend.js";

contract("the cluster backend", {
  async open() {
    const {backend, cluster} = openEngine("embedded:", {workers: 2, cpus: 2});
    await cluster!.ready;
    return backend;
  },
  lacks: [],
});
