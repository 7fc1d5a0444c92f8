// The five Jupyter sockets: frames in, frames out. The only file of the kernel that knows ZeroMQ.
//
// zeromq.js throws when a second send starts before the first has ended, so each socket has one
// queue and one send in flight. The sockets must be closed before their thread ends, or Node
// aborts.

import {rmSync} from "node:fs";
import {Router, XPublisher, type Socket} from "zeromq";
import type {Connection} from "./connection.js";
import {maxFrameBytes, maxSmallFrameBytes} from "./limits.js";

export type Requests = "shell" | "control" | "stdin";

type Frames = readonly (Buffer | Uint8Array)[];

/** Messages that ZeroMQ keeps for one slow reader before it drops: far more than a cell prints. */
const maxUnread = 100_000;
/**
 * Messages that ZeroMQ takes from one client ahead of this thread; the others wait at the client.
 */
const maxAhead = 100;
const ipc = "ipc://";
/** How long unsent messages may hold up the end of the process. */
const lingerMs = 300;

export class Sockets {
  readonly #routers: Record<Requests, Router>;
  readonly #iopub: XPublisher;
  /** No REP socket: one whose peer has gone before the answer would never beat again. */
  readonly #heartbeat: Router;
  readonly #queues: Record<Requests | "iopub" | "hb", SendQueue>;
  /** Of the ipc transport. */
  readonly #files: string[];
  readonly #ended: Promise<unknown>;

  private constructor(connection: Connection) {
    const curve = connection.curve && {
      curveServer: true,
      curvePublicKey: connection.curve.publicKey,
      curveSecretKey: connection.curve.secretKey,
    };
    this.#files = Object.values(connection.endpoints)
      .filter((endpoint) => endpoint.startsWith(ipc))
      .map((endpoint) => endpoint.slice(ipc.length));
    const options = {linger: lingerMs, ...curve};
    const queued = {
      ...options,
      sendHighWaterMark: maxUnread,
      receiveHighWaterMark: maxAhead,
    };
    const router = () => new Router({...queued, maxMessageSize: maxFrameBytes, handover: true});
    this.#routers = {shell: router(), control: router(), stdin: router()};
    const small = {maxMessageSize: maxSmallFrameBytes};
    // Every subscription is heard, repeated ones too: each gets its welcome.
    this.#iopub = new XPublisher({...queued, ...small, verbosity: "allSubs"});
    this.#heartbeat = new Router({...queued, ...small});
    this.#queues = {
      shell: new SendQueue(this.#routers.shell),
      control: new SendQueue(this.#routers.control),
      stdin: new SendQueue(this.#routers.stdin),
      iopub: new SendQueue(this.#iopub),
      hb: new SendQueue(this.#heartbeat),
    };
    this.#ended = Promise.all(this.#all().map(untilEnd));
  }

  /** Binds all five; nothing is received before `listen`. */
  static async open(connection: Connection): Promise<Sockets> {
    const sockets = new Sockets(connection);
    const {endpoints} = connection;
    // All of them: a socket that is closed while it is being bound would abort the process.
    const bound = await Promise.allSettled([
      sockets.#routers.shell.bind(endpoints.shell),
      sockets.#routers.control.bind(endpoints.control),
      sockets.#routers.stdin.bind(endpoints.stdin),
      sockets.#iopub.bind(endpoints.iopub),
      sockets.#heartbeat.bind(endpoints.hb),
    ]);
    const failed = bound.find((each) => each.status === "rejected");
    if (!failed) return sockets;
    for (const socket of sockets.#all()) socket.close();
    await sockets.#ended;
    const cause = failed.reason as Error & {address?: string};
    const why = `${cause.message}${cause.address ? ` (${cause.address})` : ""}`;
    throw new Error(`cannot bind the sockets of the connection file: ${why}`, {cause});
  }

  /** `subscribed`: a client has subscribed to `topic` on iopub. */
  listen(
    received: (channel: Requests, frames: Buffer[]) => void,
    subscribed: (topic: Buffer) => void,
  ) {
    for (const channel of ["shell", "control", "stdin"] as const)
      void this.#receive(this.#routers[channel], (frames) => received(channel, frames));
    void this.#receive(this.#iopub, ([frame]) => {
      if (frame?.[0] === 1) subscribed(frame.subarray(1));
    });
    void this.#receive(this.#heartbeat, (frames) => this.#queues.hb.push(frames));
  }

  send(channel: Requests | "iopub", frames: Frames): void {
    this.#queues[channel].push(frames);
  }

  /** Resolves when all that is queued has been handed to ZeroMQ. */
  sent(channel: Requests | "iopub"): Promise<void> {
    return this.#queues[channel].drained();
  }

  /** Sends what is queued, then closes: after this the thread may end. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.#queues).map((queue) => queue.drained()));
    for (const socket of this.#all()) socket.close();
    // ZeroMQ would, some time after: the process has ended by then.
    for (const file of this.#files) rmSync(file, {force: true});
    await this.#ended;
  }

  #all(): Socket[] {
    return [...Object.values(this.#routers), this.#iopub, this.#heartbeat];
  }

  async #receive(socket: Router | XPublisher, take: (frames: Buffer[]) => void): Promise<void> {
    while (!socket.closed) {
      let frames: Buffer[];
      try {
        frames = await socket.receive();
      } catch (error) {
        if (socket.closed) return;
        throw error;
      }
      take(frames);
    }
  }
}

/** Resolves when ZeroMQ has let go of the socket and of all that it was still sending. */
async function untilEnd(socket: Socket): Promise<void> {
  for await (const event of socket.events) if (event.type === "end") return;
}

class SendQueue {
  readonly #socket: Router | XPublisher;
  #waiting: Frames[] = [];
  #sending: Promise<void> | null = null;

  constructor(socket: Router | XPublisher) {
    this.#socket = socket;
  }
  push(frames: Frames): void {
    this.#waiting.push(frames);
    this.#sending ??= this.#sendAll();
  }
  async drained(): Promise<void> {
    while (this.#sending) await this.#sending;
  }
  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#socket.closed) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const frames of batch) {
        try {
          await this.#socket.send(frames as Buffer[]);
        } catch {
          // A client that has gone can't be told; closing is the only other cause.
        }
      }
    }
    this.#sending = null;
  }
}
