// The code of the thread in threads.ts.

import {parentPort} from "node:worker_threads";

let sum = 0;
parentPort!.on("message", ({call, n}: {call: number; n: number}) => {
  parentPort!.postMessage({call, sum: (sum += n)});
});
