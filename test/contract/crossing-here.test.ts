import {SequentialBackend} from "../../cluster/backends/sequential.js";
import {crossing} from "./crossing.js";

crossing("two sequential backends", async () => [new SequentialBackend(), new SequentialBackend()]);
