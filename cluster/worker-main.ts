// A worker process. Its agent thread is started first: it reads the configuration and joins the cluster
// while this thread loads what runs tasks.

import {Worker} from "node:worker_threads";
import {ClusterBackend, closeBeforeExit, type Door} from "./backends/cluster.js";
import {setDefaultBackend} from "./context.js";
import "./index.js";
import {ignoreTerminal} from "./io/launch.js";
import {
  Parcel,
  SharedState,
  type AgentConfig,
  type FromAgent,
  type UserOrder,
  type UserReport,
} from "./io/ports.js";
import {UserThread} from "./io/user-thread.js";
import {enterNotebook} from "./notebook.js";

ignoreTerminal();
const shared = new SharedState();
const config: AgentConfig = {role: "worker", shared: shared.memory};
const agent = new Worker(new URL("./io/agent-main.js", import.meta.url), {
  workerData: config,
  execArgv: [],
});

const door: Door = {
  post: (message, transfer) => agent.postMessage(message, transfer),
  // This process's messages are for two: see below.
  onReplies() {},
  hold() {},
  end: () => Promise.resolve(),
};
const backend = new ClusterBackend(door, {inTasks: true});
setDefaultBackend(backend);

// Every process of the cluster is started in the notebook's folder.
enterNotebook(process.cwd());
const user = new UserThread({shared, report});

agent.on("message", (messages: FromAgent[]) => {
  for (const message of messages) {
    if (userOrders.has(message.kind)) user.hear(message as UserOrder);
    else if (message.kind !== "log") backend.hear(message as Exclude<FromAgent, UserOrder>);
    else process.stderr.write(`${message.line}\n`);
  }
});
const userOrders = new Set<FromAgent["kind"]>([
  "worker",
  "code",
  "run",
  "blocked",
  "unblocked",
  "abandon",
  "resume",
]);

function report(message: UserReport): void {
  if (message.kind !== "done") return agent.postMessage(message);
  const parcel = new Parcel();
  agent.postMessage({...message, frames: parcel.pack(message.frames)}, parcel.transfer);
}

for (const name of ["stdout", "stderr"] as const) {
  const stream = process[name];
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8");
    if (!user.output(name, text)) return write(chunk, ...rest);
    const done = rest.at(-1);
    if (typeof done === "function") process.nextTick(done);
    return true;
  }) as typeof stream.write;
}

// What a task leaves behind (a timer that throws, a promise that nobody awaits) is told where the task's
// output goes; the worker lives on.
process.on("uncaughtException", (error) => tellStray("uncaught", error));
process.on("unhandledRejection", (error) => tellStray("unhandled rejection", error));
function tellStray(what: string, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${what}, after a task had let it go: ${text}\n`);
}

process.on("exit", () => closeBeforeExit((message) => agent.postMessage(message)));
agent.on("error", (error) => {
  process.stderr.write(`the worker's agent failed: ${error.stack ?? String(error)}\n`);
  process.exit(70);
});
report({kind: "user-ready"});
