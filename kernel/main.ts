// The kernel process: starts its threads, nothing else. The I/O thread comes first, so that clients
// are answered while the rest still loads.
//
//   node --no-force-async-hooks-checks dist/kernel/main.js <connection file>

import {writeSync} from "node:fs";
import {MessageChannel, Worker, type MessagePort} from "node:worker_threads";
import {epoch} from "../cluster/clock.js";
import {takeDescriptors, type TakenDescriptors} from "./descriptors.js";
import {readConnection} from "./protocol/connection.js";
import {historyBeside} from "./protocol/history-folder.js";
import type {IoStart} from "./protocol/io.js";
import {terminal} from "./terminal.js";
import type {CompilerStart} from "./threads.js";

const neededFlag = "--no-force-async-hooks-checks";

const [file] = process.argv.slice(2);
if (file === undefined) {
  fail("usage: node kernel/main.js <connection file>; Jupyter starts kernels so");
} else {
  const descriptors = takeDescriptors();
  const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(/\s+/)];
  if (!given.includes(neededFlag))
    say(`start Node with ${neededFlag}, or an interrupt in a timer ends the kernel`);
  await start(file, descriptors);
}

async function start(connectionFile: string, descriptors: TakenDescriptors | null): Promise<void> {
  const mainAndIo = new MessageChannel();
  const mainAndCompiler = new MessageChannel();
  const ioAndCompiler = new MessageChannel();
  const sigint = new MessageChannel();

  const io = thread<IoStart>(
    "./protocol/io.js",
    {
      connection: readConnection(connectionFile),
      historyPath: historyBeside(connectionFile),
      main: mainAndIo.port2,
      compiler: ioAndCompiler.port1,
      sigint: sigint.port1,
      epochNs: epoch(),
      epoch: new Date().toISOString(),
      endAfterMs: 4000,
      descriptors,
    },
    [mainAndIo.port2, ioAndCompiler.port1, sigint.port1],
  );
  // Without its sockets the kernel is nothing.
  io.once("error", (error: Error) => fail(error.stack ?? error.message));

  const compilerPorts = [mainAndCompiler.port2, ioAndCompiler.port2];
  const compiler = thread<CompilerStart>(
    "./compiler/compiler.js",
    {ports: compilerPorts},
    compilerPorts,
  );
  compiler.once("error", (error: Error) => {
    say(`the compiler thread has failed: ${error.stack ?? error.message}`);
  });

  const {startSession} = await import("./session/start.js");
  startSession(mainAndIo.port1, mainAndCompiler.port1);

  thread("./protocol/sigint.js", {port: sigint.port2}, [sigint.port2]);
  // The thread above hears it; here it must only not end the process.
  process.on("SIGINT", () => {});
}

function thread<Start>(path: string, workerData: Start, transferList: MessagePort[]): Worker {
  const worker = new Worker(new URL(path, import.meta.url), {workerData, transferList});
  worker.unref();
  return worker;
}

function fail(reason: string): void {
  say(reason);
  process.exit(1);
}

/** The session's console would send it to the I/O thread. */
function say(line: string): void {
  writeSync(terminal(), `tasklab: ${line}\n`);
}
