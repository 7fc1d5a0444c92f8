import {sequentialLacks, SequentialBackend} from "../../cluster/backends/sequential.js";
import {actorContract} from "./actors.js";

actorContract("the sequential backend", {
  open: async () => new SequentialBackend(),
  lacks: sequentialLacks,
});
