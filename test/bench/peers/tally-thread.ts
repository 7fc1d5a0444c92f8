// What the thread of threads.ts runs.

import {parentPort} from "node:worker_threads";

let sum = 0;
parentPort!.on("message", ({call, n}: {call: number; n: number}) => {
  parentPort!.postMessage({call, sum: (sum += n)});
});
