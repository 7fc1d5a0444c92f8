// The main thread's part of the kernel: wiring, nothing else.

import type {MessagePort} from "node:worker_threads";
import {ambient, carryContext, onClusterStarted, restoreAmbient} from "../../cluster/host.js";
import {cluster, onUnfetchedError} from "../../cluster/index.js";
import {lookAtEnvironment} from "../../cluster/shipping/setup/surroundings.js";
import {enterNotebook} from "../../cluster/notebook.js";
import {watchPackages} from "../../cluster/shipping/modules/watched.js";
import {display, setSink} from "../../cluster/show/show.js";
import {exposeToDebugger} from "../debugger/debuggee.js";
import {createSink, showOfTask} from "../display/sink.js";
import {describe} from "../display/traceback.js";
import {allMagics} from "../magics/all.js";
import {KernelComms} from "./comms.js";
import {CompilerClient} from "../compiler/compiler-client.js";
import {installConsoleTable} from "./console-table.js";
import {captureDescriptors, captureOutput} from "./console.js";
import {Evaluator} from "./evaluate.js";
import {installExits, reporter} from "./exit.js";
import {Host} from "./host.js";
import {installPrompts} from "./prompt.js";
import {Session} from "./session.js";
import {installStdin} from "./stdin.js";
import {installStops} from "./stops.js";
import {WorkerOutput} from "./worker-output.js";

/** Longer than an orderly stop takes; what is left then ends with its parent. */
const clusterStopMs = 2000;

export function startSession(toIo: MessagePort, toCompiler: MessagePort): void {
  const later = setImmediate;
  const host = new Host(toIo);
  const failed = reporter(host, describe);
  lookAtEnvironment(1);
  watchPackages();
  const write = host.stream.bind(host);
  const workerOutput = new WorkerOutput(write);
  const comms = new KernelComms(host, failed);
  const session = new Session({
    host,
    compiler: new CompilerClient(toCompiler, (work) => later(work)),
    evaluator: new Evaluator(),
    runtime: enterNotebook(process.cwd()),
    magics: allMagics(),
    cellEnded: (cell) => workerOutput.end(cell),
  });

  exposeToDebugger();
  carryContext(() => session.isAlone);
  captureOutput(write);
  captureDescriptors(host);
  installPrompts(host);
  installStdin(host);
  installStops(() => host.post({kind: "saved"}));
  installExits(host, failed);
  setSink(createSink(host, failed));
  installConsoleTable((data) => display(data, {raw: true}));
  onUnfetchedError(({cell, fn, happened, error}) =>
    write(cell, "stderr", `${fn} ${happened}: ${describe(error)}\n`),
  );
  onClusterStarted((backend, processes) => {
    backend.onOutput((output) => {
      if (output.shown) showOfTask(host, output.cell, output.shown);
      else workerOutput.add(output);
    });
    processes.onWaiting(({fn, cell, reason}) =>
      write(cell, "stderr", `\`${fn}\` waits: ${reason}\n`),
    );
    host.sendTracePort(processes.tracePort());
    host.sendCancelPort(processes.cancelPort());
  });

  host.listen({
    execute: (message) => void session.execute(message),
    interrupted: (cell) => session.interrupted(cell),
    comm: (message) => void comms.received(message),
    shutdown: () => {
      const end = () => process.exit(0);
      restoreAmbient({...ambient(), cell: ""});
      setTimeout(end, clusterStopMs);
      cluster.stop().then(end, end);
    },
  });
}
