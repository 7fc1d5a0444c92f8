import {openEngine} from "../../cluster/backends/all.js";
import {sequentialLacks} from "../../cluster/backends/sequential.js";
import {actorContract} from "./actors.js";

actorContract("the sequential backend", {
  open: async () => openEngine("sequential:").backend,
  lacks: sequentialLacks,
});
