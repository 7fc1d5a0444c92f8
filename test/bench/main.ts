// `npm run bench` prints one table. `npm run bench -- tasks` measures the rows whose name holds
// that word, `-- --json` writes one JSON object a line. People read the figures; none makes the run
// fail.

import type {Bench} from "./measurement.js";
import {write} from "./table.js";
import {actorCalls} from "./rows/actor-calls.js";
import {cells} from "./rows/cells.js";
import {kernel} from "./rows/kernel.js";
import {oneTask} from "./rows/one-task.js";
import {plainCalls} from "./rows/plain-calls.js";
import {shipping} from "./rows/shipping.js";
import {submissions} from "./rows/submissions.js";
import {tasksPerSecond} from "./rows/tasks-per-second.js";
import {tutorial} from "./rows/tutorial.js";
import {waits} from "./rows/waits.js";

const benches: Bench[] = [
  tasksPerSecond,
  oneTask,
  actorCalls,
  plainCalls,
  shipping,
  submissions,
  waits,
  cells,
  kernel,
  tutorial,
];

const words = process.argv.slice(2);
const asJson = words.includes("--json");
const names = words.filter((word) => !word.startsWith("--"));
const wanted = benches.filter(
  ({name}) => names.length === 0 || names.some((word) => name.includes(word)),
);
if (wanted.length === 0) {
  console.error(`no row is named so; rows: ${benches.map(({name}) => name).join(", ")}`);
  process.exit(1);
}
const all = [];
for (const bench of wanted) {
  if (!asJson) console.error(`measuring ${bench.name} …`);
  const measured = await bench.run();
  if (asJson) console.log(write(measured, true));
  all.push(...measured);
}
if (!asJson) console.log(write(all, false));
