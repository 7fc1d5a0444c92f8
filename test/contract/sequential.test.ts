import {sequentialLacks, SequentialBackend} from "../../cluster/backends/sequential.js";
import {contract} from "./backend.js";

contract("the sequential backend", {
  open: async () => new SequentialBackend(),
  lacks: sequentialLacks,
});
