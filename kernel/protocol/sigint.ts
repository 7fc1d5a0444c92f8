// A thread that does nothing but wait for SIGINT. Node runs signal handlers on the main thread's
// event loop, which a synchronous loop of the user's blocks; but a script that may be broken off by
// SIGINT is broken off in any thread.

import {Script} from "node:vm";
import {workerData, type MessagePort} from "node:worker_threads";

const {port} = workerData as {port: MessagePort};
const sleep = new Script("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)");

for (;;) {
  try {
    sleep.runInThisContext({breakOnSigint: true});
  } catch {
    port.postMessage("sigint");
  }
}
