import {openEngine} from "../../cluster/backends/all.js";
import {sequentialLacks} from "../../cluster/backends/sequential.js";
import {carryContext} from "../../cluster/context/carry.js";
import {contract} from "./backend.js";

// Carries a task's context through its awaits, as a kernel does.
carryContext();
contract("the sequential backend", {
  open: async () => openEngine("sequential:").backend,
  lacks: sequentialLacks,
});
