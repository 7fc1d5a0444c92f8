// The I/O thread: wiring, nothing else.

import {receiveMessageOnPort, workerData, type MessagePort} from "node:worker_threads";
import {setEpoch} from "../../cluster/clock.js";
import {traceCommTarget} from "../../cluster/trace.js";
import {Granting} from "../credit.js";
import {Debugger} from "../debugger/debugger.js";
import {connectInspector} from "../debugger/inspector.js";
import type {TakenDescriptors} from "../descriptors.js";
import {setTerminal} from "../terminal.js";
import type {ToIo, ToMain} from "../threads.js";
import {Cells} from "./cells.js";
import {endChildren, killChildren, signalChildren} from "./children.js";
import {Comms} from "./comms.js";
import type {Connection} from "./connection.js";
import {Descriptors} from "./descriptors.js";
import {Dispatch, replier} from "./dispatch.js";
import {Feed} from "./feed.js";
import {History} from "./history.js";
import {HistoryFolder} from "./history-folder.js";
import {Interrupter} from "./interrupt.js";
import {Iopub} from "./iopub.js";
import {Language} from "./language.js";
import {Log} from "./log.js";
import {Signer} from "./message.js";
import {watchParent} from "./parent.js";
import {Questions} from "./questions.js";
import {Sockets} from "./sockets.js";
import {Stdin} from "./stdin.js";

/** What the I/O thread is started with. */
export interface IoStart {
  connection: Connection;
  historyPath: string | null;
  main: MessagePort;
  compiler: MessagePort;
  /** On it, anything means that the process got a SIGINT. */
  sigint: MessagePort;
  epochNs: bigint;
  /** The epoch as wall-clock time, ISO 8601. */
  epoch: string;
  /** Ends the process when the main thread can't. */
  endAfterMs: number;
  /** Null: the process keeps the descriptors 1 and 2 that it was started with. */
  descriptors: TakenDescriptors | null;
}

const {connection, historyPath, main, compiler, sigint, epochNs, epoch, endAfterMs, descriptors} =
  workerData as IoStart;
setEpoch(epochNs);
if (descriptors) setTerminal(descriptors.terminal);

const ownLog = new Log();
const log = (line: string) => ownLog.line(line);

const signer = new Signer(connection.key, connection.signatureScheme);
const sockets = await Sockets.open(connection);
const credit = new Granting(() => sockets.sent("iopub"));
const interrupter = new Interrupter();
const iopub = new Iopub(signer, (frames) => sockets.send("iopub", frames));
const history = new History(new HistoryFolder(historyPath));
const feed = new Feed(signer.session, epoch);
const reply = replier(signer, (channel, frames) => sockets.send(channel, frames));
const stdin = new Stdin(signer, (frames) => sockets.send("stdin", frames), toMain);
// Before main is ready there is no user code that could be stopped, only the kernel's own.
let isMainReady = false;
let tellReady = () => {};
const ready = new Promise<void>((resolve) => (tellReady = resolve));
const terminate = async () => {
  if (!isMainReady) return;
  // A thread that is stopped at a breakpoint can't be interrupted.
  debugging.release();
  await interrupter.terminate();
  debugging.holdAgain();
};
const quiet = () => interrupter.quiet();
const cells = new Cells({
  ...{iopub, history, reply, toMain, terminate, quiet, drain, log},
  settled: (cell) => stdin.forget(cell),
  signalChildren(signal, sinceMs) {
    signalChildren(signal, sinceMs).catch((error: Error) => log(`${signal}: ${error.message}`));
  },
});
const below = new Descriptors(
  {
    stream: (cell, name, text) => iopub.stream(cell, name, text),
    latestCell: () => cells.latest(),
  },
  descriptors,
);
const comms = new Comms(iopub, toMain);
comms.add(traceCommTarget, {
  open: (comm, _data, panel) => feed.open(comm, panel),
  close: (comm) => feed.close(comm),
});
const debugging = new Debugger({
  ready,
  connect: connectInspector,
  cellText(number) {
    const running = cells.allRunning().find(({executionCount}) => executionCount === number);
    return running?.code ?? history.input(number);
  },
  running: () => cells.allRunning().map(({cell}) => cell),
  publish: (event) =>
    iopub.publish("debug_event", event, cells.allRunning()[0]?.request.message.header ?? {}),
  log,
});
const language = new Language(new Questions(compiler));
const dispatch = new Dispatch({
  ...{signer, iopub, cells, comms, history, language, debugging, stdin, reply, log},
  shutdown: (restart) => void end(restart),
});

main.on("message", taken);
sockets.listen(
  (channel, frames) => dispatch.received(channel, frames),
  (topic) => iopub.welcome(topic),
);
sigint.on("message", () => void cells.interrupt());
// From here on, a defect of ours costs what met it; ending the thread would cost all that cells
// hold. What fails before, the kernel can't do without.
process.on("uncaughtException", (error) => log(`the I/O thread has failed: ${error.stack}`));
watchParent(() => void end(false));

function toMain(message: ToMain): void {
  main.postMessage(message);
}

/** Takes in what main has posted and this thread has not heard yet. */
function drain(): void {
  for (;;) {
    const received = receiveMessageOnPort(main);
    if (!received) return;
    taken(received.message as ToIo);
  }
}

function taken(message: ToIo): void {
  fromMain(message);
  credit.taken(message);
}

function fromMain(message: ToIo): void {
  switch (message.kind) {
    case "ready":
      isMainReady = true;
      tellReady();
      credit.begin(message.passedOn);
      return;
    case "stream":
      return iopub.stream(message.cell, message.name, message.text);
    case "child-pipe":
      return below.childPipe(message);
    case "catch-up":
      return below.catchUp(message.fds);
    case "display": {
      const {type, cell, data, metadata, displayId} = message;
      const transient = displayId === undefined ? {} : {display_id: displayId};
      if (type !== "execute_result")
        return iopub.publish(type, {data, metadata, transient}, iopub.parentOf(cell));
      cells.setResult(cell, String(data["text/plain"] ?? ""));
      const execution_count = cells.running(cell)?.executionCount ?? 0;
      return iopub.publish(
        type,
        {data, metadata, transient, execution_count},
        iopub.parentOf(cell),
      );
    }
    case "clear-output":
      return iopub.publish("clear_output", {wait: message.wait}, iopub.parentOf(message.cell));
    case "interrupted":
      return void cells.freed();
    case "stops":
      return void interrupter.told.add(message.cell);
    case "saved":
      return interrupter.saved();
    case "outcome":
      interrupter.told.delete(message.cell);
      dispatch.commEnded(message.cell);
      below.catchUpAll();
      return cells.ended(message.cell, message.outcome);
    case "comm":
    case "comm-target":
      return comms.fromMain(message);
    case "trace":
      return feed.add(message.events);
    case "trace-wanted":
      return toMain({kind: "trace", request: message.request, epoch, events: [...feed.all()]});
    case "trace-port":
      return feed.listen(message.port);
    case "cancel-port":
      return cells.addCancelPort(message.port);
    case "input-wanted":
      return stdin.wanted(message, cells.running(message.cell));
    case "exit":
      below.catchUpAll();
      if (message.exit) cells.exit(message.exit);
      return void close().then(() => {
        Atomics.store(message.closed, 0, 1);
        Atomics.notify(message.closed, 0);
      });
    default:
      log(`unknown message of the main thread: ${(message satisfies never as ToIo).kind}`);
  }
}

let closing: Promise<void> | null = null;

/** Sends what is queued and lets go of everything that would break the process's end. */
function close(): Promise<void> {
  cells.close();
  below.catchUpAll();
  closing ??= Promise.allSettled([sockets.close(), killChildren()]).then(() => {
    debugging.close();
    interrupter.disconnect();
  });
  return closing;
}

/** Ends the kernel, whatever the main thread is doing: it stops the cluster and exits. */
async function end(restart: boolean): Promise<void> {
  cells.close();
  await terminate();
  await endChildren().catch((error: Error) => log(`its children live on: ${error.message}`));
  toMain({kind: "shutdown", restart});
  setTimeout(() => void close().then(() => process.kill(process.pid, "SIGKILL")), endAfterMs);
}
