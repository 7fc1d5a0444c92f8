import {openEngine} from "../../cluster/backends/all.js";
import {crossing} from "./crossing.js";

crossing("two sequential backends", async () => [
  openEngine("sequential:").backend,
  openEngine("sequential:").backend,
]);
