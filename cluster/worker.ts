// A worker's main thread: runs the user's code, sends its output on, and reports stray errors.

import {carryContext, contextBehind} from "./context/carry.js";
import {ClusterBackend, closeBeforeExit} from "./backends/cluster.js";
import {ambient, contextOfNow, inContext, setDefaultBackend} from "./context/context.js";
import {redirectChildren} from "./descriptors/children.js";
import {redirectWrites} from "./descriptors/files.js";
import {writtenText} from "./descriptors/written.js";
import "./index.js";
import {Channel, type ChannelEnd} from "./io/threads/channel.js";
import {UserCodec} from "./io/threads/compact.js";
import {ignoreTerminal, sayAtOnce} from "./io/node/launch.js";
import type {ClientReply, FromAgent, SharedState, ToAgent, UserOrder} from "./io/threads/ports.js";
import {UserThread} from "./io/worker/user-thread.js";
import {enterNotebook} from "./notebook.js";
import {TaskCancelledError} from "./errors.js";
import {setSink} from "./show/show.js";
import {createTaskSink} from "./show/task-sink.js";

const userOrders = new Set<FromAgent["kind"]>([
  "worker",
  "code",
  "run",
  "blocked",
  "unblocked",
  "abandon",
  "resume",
]);

export function startUserThread(end: ChannelEnd, shared: SharedState): void {
  ignoreTerminal();
  const user = new UserThread({
    shared,
    report: (report) => channel.send(report),
    reportLazily: (report) => channel.sendLazily(report),
  });
  let reply: (reply: ClientReply) => void = () => {};
  const backend = new ClusterBackend(
    {
      send: (message) => channel.send(message),
      onReply: (listener) => (reply = listener),
      hold() {},
      end: () => Promise.resolve(),
    },
    {inTasks: true},
  );
  setDefaultBackend(backend);
  // Every process of the cluster is started in the notebook's folder.
  enterNotebook(process.cwd());
  carryContext(() => user.isAlone);
  captureOutput(user);
  const isWanted = () => ambient().parent !== null;
  redirectWrites(isWanted);
  redirectChildren({
    isWanted,
    carry: contextOfNow,
    read: (fd, name) => user.childPipe(fd, name),
    catchUp: (fds) => channel.send({kind: "catch-up", fds: [...fds]}),
  });
  setSink(createTaskSink(user));
  keepStrays();

  const channel: Channel<ToAgent, FromAgent> = new Channel(end, {
    codec: new UserCodec(),
    hear(message) {
      if (userOrders.has(message.kind)) user.hear(message as UserOrder);
      else if (message.kind === "log") sayAtOnce(message.line);
      else reply(message as ClientReply);
    },
    mayWait: true,
  });
  process.on("exit", () => closeBeforeExit(channel));
  channel.send({kind: "user-ready"});
}

/**
 * Sends output of a task to the cell that submitted the task, and other output to the worker's log.
 */
function captureOutput(user: UserThread): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
    const textOf = writtenText();
    stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      if (ambient().parent === null) return write(chunk, ...rest);
      user.output(name, textOf(chunk, rest[0]));
      const done = rest.at(-1);
      if (typeof done === "function") process.nextTick(done);
      return true;
    }) as typeof stream.write;
  }
}

/**
 * Prints stray errors of a task (a timer that throws, a promise that nobody awaits) where the
 * task's output goes. The worker lives on.
 */
function keepStrays(): void {
  const tell = (what: string, error: unknown, promise?: Promise<unknown>): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const line = `${what}, after a task had let it go: ${text}\n`;
    inContext(contextBehind(error, promise), () => process.stderr.write(line));
  };
  process.on("uncaughtException", (error) => tell("uncaught", error));
  process.on("unhandledRejection", (error, promise) => {
    // Every await of a cancelled task is rejected, whether or not somebody handles that.
    const {life} = contextBehind(error, promise);
    if (life?.isCancelled && error instanceof TaskCancelledError) return;
    tell("unhandled rejection", error, promise);
  });
}
