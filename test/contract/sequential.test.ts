import {sequentialLacks, SequentialBackend} from "../../cluster/backends/sequential.js";
import {carryContext} from "../../cluster/context/carry.js";
import {contract} from "./backend.js";

// As a kernel does: a task's context goes along with its awaits.
carryContext();
contract("the sequential backend", {
  open: async () => new SequentialBackend(),
  lacks: sequentialLacks,
});
