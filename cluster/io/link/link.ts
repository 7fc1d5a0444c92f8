// The cluster's only door to zeromq: a Server (ROUTER) that many Clients (DEALER) talk to,
// encrypted and authenticated by CURVE. A process that has the server's public key can send a
// `hello`. One whose hello has the token becomes a peer. Everything else is dropped, and the log
// says so.
//
// A stranger without the key costs a connection and one frame of `maxFrameBytes` at most, until the
// time limit of the handshake ends it. zmq has that one limit for frames before and after the
// handshake, so longer values are cut into pieces (`wire.ts`).
//
// All messages of one turn of the event loop to one peer travel as one batch, big buffers as raw
// frames behind it. Only one send is in flight per socket (zeromq.js throws otherwise). zmq's
// high-water marks are off: the machines' credits bound the bytes under way.
//
// Only the handshake is JSON, so that a peer of another protocol version can read why it is
// refused.

import * as zmq from "zeromq";
import {maxFrameBytes, maxRefusedPeers, memberSilenceMs, strangerLimitMs} from "../../limits.js";
import {protocolVersion, type Hello, type Welcome} from "../../messages.js";
import {isGreeting, parseHello, parseWelcome, sameText} from "./greeting.js";
import {RefusalLog, Throttle} from "./strangers.js";
import {BatchReader, encodeBatch} from "./wire.js";

/** A key pair for CURVE, in Z85. */
export interface LinkKeys {
  publicKey: string;
  secretKey: string;
}
export function createKeys(): LinkKeys {
  return zmq.curveKeyPair();
}

export type Log = (line: string) => void;

/** The bytes of a frame that zmq, CURVE and the lists of pieces take. */
const frameOverheadBytes = 8 * 1024;
const everySocket = {
  sendHighWaterMark: 0,
  receiveHighWaterMark: 0,
  maxMessageSize: maxFrameBytes + frameOverheadBytes,
  handshakeInterval: strangerLimitMs,
};
/** Messages that were sent before `close` may still leave for so long. */
const lingerMs = 200;
/**
 * The server's heartbeats: a silent connection ends when nothing was heard for at least `limitMs`,
 * and for at most a quarter more.
 */
const atLeast = (limitMs: number): Heartbeats => ({
  heartbeatInterval: limitMs / 4,
  heartbeatTimeout: limitMs,
});
/** The client's heartbeats: a connection ends when nothing was heard for at most `limitMs`. */
const atMost = (limitMs: number): Heartbeats => ({
  heartbeatInterval: limitMs / 4,
  heartbeatTimeout: (limitMs * 3) / 4,
});
interface Heartbeats {
  heartbeatInterval: number;
  heartbeatTimeout: number;
}
/** A server that has not answered `hello` after so long is taken for lost. */
const helloLimitMs = 10_000;

/** A process that said `hello` with the right token. */
export class Peer<Out = unknown> {
  readonly hello: Hello;
  readonly #send: (message: Out) => void;
  constructor(hello: Hello, send: (message: Out) => void) {
    this.hello = hello;
    this.#send = send;
  }
  get id(): string {
    return this.hello.id;
  }
  /** Sends a message with the batch of this turn. Does nothing when the peer is gone. */
  send(message: Out): void {
    this.#send(message);
  }
  toString(): string {
    return `${this.hello.role} ${this.hello.id} (pid ${this.hello.pid})`;
  }
}

export interface ServerListener<In, Out> {
  /** Gives the reason why a peer with the right token may not join; null when it may. */
  forbids?(hello: Hello): string | null;
  joined?(peer: Peer<Out>): void;
  /** Hears a batch of messages, in the order in which they were sent. */
  heard(peer: Peer<Out>, messages: In[]): void;
  /**
   * Tells that a peer is lost: nothing more is heard of it. Another connection may still say
   * `hello` with the same id.
   */
  lost?(peer: Peer<Out>): void;
  log: Log;
}

interface Seat<In, Out> {
  routingId: Buffer;
  reader: BatchReader<In>;
  peer: Peer<Out> | null;
  /** The answer to the hello, or the end of the membership, which goes ahead of everything else. */
  greeting: string | null;
  queue: Out[];
}

export class Server<In extends object, Out extends object> {
  readonly address: string;
  readonly peers = new Map<string, Peer<Out>>();
  readonly #socket: zmq.Router;
  readonly #token: string;
  readonly #listener: ServerListener<In, Out>;
  readonly #seats = new Map<string, Seat<In, Out>>();
  readonly #waiting = new Set<Seat<In, Out>>();
  readonly #refused = new Set<Seat<In, Out>>();
  readonly #refusals: RefusalLog;
  readonly #checks = checkDelaysMs.map((delayMs) => new Throttle(delayMs, () => this.#check()));
  readonly #ended: Promise<unknown>;
  /** Counts ended connections of which neither the cause nor the peer is known yet. */
  #unexplained = 0;
  #flushing = false;
  #closed = false;

  static async listen<In extends object, Out extends object>(
    keys: LinkKeys,
    token: string,
    listener: ServerListener<In, Out>,
    address = "tcp://127.0.0.1:*",
  ): Promise<Server<In, Out>> {
    const socket = new zmq.Router({
      ...everySocket,
      ...atLeast(memberSilenceMs),
      linger: lingerMs,
      // A send to a peer that is gone fails at once; without the time limit it would wait for some
      // other peer to come when the lost one was the last.
      mandatory: true,
      sendTimeout: 0,
      curveServer: true,
      curvePublicKey: keys.publicKey,
      curveSecretKey: keys.secretKey,
    });
    await socket.bind(address);
    return new Server(socket, token, listener);
  }

  private constructor(socket: zmq.Router, token: string, listener: ServerListener<In, Out>) {
    this.#socket = socket;
    this.#token = token;
    this.#listener = listener;
    this.#refusals = new RefusalLog(listener.log);
    this.address = socket.lastEndpoint ?? "";
    this.#ended = untilEnd(this.#receive(), this.#watch());
  }

  /** Closes this end. Resolves when zmq has let go of the socket. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#refusals.close();
      for (const check of this.#checks) check.close();
      this.#socket.close();
    }
    await this.#ended;
  }

  /** Resolves when zmq has taken all messages so far, which it sends even after `close`. */
  async drained(): Promise<void> {
    while (!this.#closed && (this.#flushing || this.#waiting.size > 0)) {
      await new Promise(setImmediate);
    }
  }

  #schedule(seat: Seat<In, Out>): void {
    if (this.#closed) return;
    this.#waiting.add(seat);
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    for (const seat of this.#waiting) {
      this.#waiting.delete(seat);
      const {greeting, queue} = seat;
      seat.greeting = null;
      seat.queue = [];
      if (greeting !== null) await this.#send(seat, [greeting]);
      if (greeting !== null && queue.length === 0) continue;
      for (const frames of encodeBatch(queue)) {
        if (!this.#isSeated(seat)) break;
        await this.#send(seat, frames);
      }
    }
    this.#flushing = false;
  }

  async #send(seat: Seat<In, Out>, frames: (Uint8Array | string)[]): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#socket.send([seat.routingId, ...frames]);
    } catch (error) {
      if (this.#closed) return;
      if ((error as NodeJS.ErrnoException).code === "EHOSTUNREACH") return this.#drop(seat);
      this.#listener.log(`send to ${String(seat.peer)} failed: ${String(error)}`);
      // The peer would wait for ever for the messages that can't be sent, so it is dropped instead.
      this.#drop(seat);
    }
  }

  async #receive(): Promise<void> {
    while (!this.#closed) {
      let frames: Buffer[];
      try {
        frames = await this.#socket.receive();
      } catch (error) {
        if (!this.#closed) this.#listener.log(`receive failed: ${String(error)}`);
        return;
      }
      const [routingId, ...rest] = frames;
      if (routingId === undefined || rest[0] === undefined) continue;
      const key = keyOf(routingId);
      const seat = this.#seats.get(key);
      if (seat?.peer) this.#hear(seat.peer, seat.reader, rest);
      else if (seat === undefined) this.#admit(key, routingId, rest[0]);
    }
  }

  #hear(peer: Peer<Out>, reader: BatchReader<In>, frames: Buffer[]): void {
    const batch = readBatch(reader, frames);
    if (typeof batch === "string") {
      this.#refusals.add(`dropped a frame from ${String(peer)}: ${batch}`);
      return;
    }
    if (batch.length > 0) this.#listener.heard(peer, batch);
  }

  /**
   * Takes the first frame of a new peer, which must be its hello, or nothing else of it is heard.
   */
  #admit(key: string, routingId: Buffer, frame: Buffer): void {
    const seat: Seat<In, Out> = {
      routingId: Buffer.from(routingId),
      reader: new BatchReader(),
      peer: null,
      greeting: null,
      queue: [],
    };
    const hello = parseHello(frame);
    const refusal = typeof hello === "string" ? hello : this.#refusal(hello);
    this.#seats.set(key, seat);
    if (refusal !== null || typeof hello === "string") {
      this.#refusals.add(`refused a peer: ${refusal ?? ""}`);
      return this.#refuse(seat, refusal ?? "");
    }
    // A connection whose end nobody has noticed may still have the id.
    const former = this.#expel(hello.id, `another connection has said hello as ${hello.id}`);
    if (former) this.#listener.lost?.(former);
    const peer = new Peer<Out>(hello, (message) => {
      if (seat.peer !== peer) return;
      seat.queue.push(message);
      this.#schedule(seat);
    });
    seat.peer = peer;
    this.peers.set(hello.id, peer);
    this.#reply(seat, {kind: "welcome", id: hello.id});
    this.#listener.joined?.(peer);
  }

  #refusal(hello: Hello): string | null {
    if (hello.protocol !== protocolVersion) {
      return `${hello.role} speaks protocol ${hello.protocol} (tasklab ${hello.version}), this cluster ${protocolVersion}: install the same version of tasklab on both`;
    }
    if (!sameText(hello.token, this.#token))
      return `wrong token: ask for the cluster's address again`;
    return this.#listener.forbids?.(hello) ?? null;
  }

  /**
   * Bars the peer with this id: the peer keeps its seat until its connection ends, but nothing more
   * is heard of it.
   */
  #expel(id: string, reason: string): Peer<Out> | undefined {
    const peer = this.peers.get(id);
    if (!peer) return undefined;
    this.peers.delete(id);
    for (const seat of this.#seats.values()) {
      if (seat.peer !== peer) continue;
      seat.peer = null;
      seat.queue = [];
      seat.reader = new BatchReader();
      this.#refusals.add(`dismissed ${String(peer)}: ${reason}`);
      this.#refuse(seat, reason);
    }
    return peer;
  }

  /**
   * Refuses a seat: the connection lasts until the peer ends it, but nothing more is heard of it.
   */
  #refuse(seat: Seat<In, Out>, reason: string): void {
    this.#reply(seat, {kind: "refused", reason});
    this.#refused.add(seat);
    const [oldest] = this.#refused;
    if (this.#refused.size > maxRefusedPeers) this.#leave(oldest!);
  }

  #reply(seat: Seat<In, Out>, welcome: Welcome): void {
    seat.greeting = JSON.stringify(welcome);
    this.#schedule(seat);
  }

  /**
   * Finds the peer whose connection ended, by asking each: zmq tells only that some connection did.
   */
  async #watch(): Promise<void> {
    for await (const event of this.#socket.events) {
      if (event.type === "disconnect") {
        this.#unexplained++;
        for (const check of this.#checks) check.plan();
      }
      if (event.type.startsWith("handshake:error")) {
        // A `disconnect` event follows.
        this.#unexplained--;
        this.#refusals.add("refused a connection: wrong key or not a tasklab client");
      }
    }
  }

  /** Sends an empty batch, which a living peer ignores and a dead one answers by EHOSTUNREACH. */
  #check(): void {
    for (const seat of this.#seats.values()) this.#schedule(seat);
    const last = this.#checks.at(-1)!;
    if (last.isPlanned) return;
    // Every connection that had said anything is known by now.
    const silent = `a connection ended without a hello: it closed, or sent more than ${maxFrameBytes} bytes`;
    if (this.#unexplained > 0) this.#refusals.add(silent, this.#unexplained);
    this.#unexplained = 0;
  }

  #drop(seat: Seat<In, Out>): void {
    if (!this.#leave(seat)) return;
    this.#unexplained--;
    if (seat.peer === null) return;
    this.peers.delete(seat.peer.id);
    this.#listener.lost?.(seat.peer);
  }
  #leave(seat: Seat<In, Out>): boolean {
    this.#waiting.delete(seat);
    this.#refused.delete(seat);
    return this.#seats.delete(keyOf(seat.routingId));
  }
  #isSeated(seat: Seat<In, Out>): boolean {
    return this.#seats.get(keyOf(seat.routingId)) === seat;
  }
}

const keyOf = (routingId: Buffer): string => routingId.toString("latin1");

/** zmq lets go of a connection some time after it has told of the end. */
const checkDelaysMs = [0, 10, 100, 1000];

export interface ClientListener<In> {
  welcomed?(): void;
  /** Hears a batch of messages, in the order in which they were sent. */
  heard(messages: In[]): void;
  /**
   * Tells, once, that the server refused this client or the connection ended; not after `close`.
   */
  lost(reason: string): void;
  log: Log;
}

/** The key pair of this process's clients. One is enough, because the token tells who may speak. */
let ownKeys: LinkKeys | undefined;

export class Client<In extends object, Out extends object> {
  readonly address: string;
  readonly #socket: zmq.Dealer;
  readonly #listener: ClientListener<In>;
  readonly #limit: NodeJS.Timeout;
  readonly #ended: Promise<unknown>;
  readonly #reader = new BatchReader<In>();
  #hello: string | null;
  #queue: Out[] = [];
  #flushing = false;
  #welcomed = false;
  #closed = false;

  /** A server of which nothing was heard for `silenceMs` is lost. */
  constructor(
    address: string,
    serverKey: string,
    hello: Hello,
    listener: ClientListener<In>,
    {silenceMs = memberSilenceMs} = {},
  ) {
    ownKeys ??= createKeys();
    this.address = address;
    this.#listener = listener;
    this.#hello = JSON.stringify(hello);
    this.#socket = new zmq.Dealer({
      ...everySocket,
      ...atMost(silenceMs),
      linger: lingerMs,
      curveServerKey: serverKey,
      curvePublicKey: ownKeys.publicKey,
      curveSecretKey: ownKeys.secretKey,
    });
    this.#limit = setTimeout(() => this.#lose(`no answer from ${address}`), helloLimitMs);
    this.#ended = untilEnd(this.#receive(), this.#watch());
    this.#socket.connect(address);
    this.#schedule();
  }

  /** Sends a message with the batch of this turn. */
  send(message: Out): void {
    if (this.#closed) return;
    this.#queue.push(message);
    this.#schedule();
  }

  /** Closes this end. Resolves when zmq has let go of the socket. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      clearTimeout(this.#limit);
      this.#socket.close();
    }
    await this.#ended;
  }

  /** Resolves when zmq has taken all messages so far, which it sends even after `close`. */
  async drained(): Promise<void> {
    while (!this.#closed && this.#flushing) await new Promise(setImmediate);
  }

  #schedule(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    try {
      if (this.#hello !== null && !this.#closed) {
        const hello = this.#hello;
        this.#hello = null;
        await this.#socket.send(hello);
      }
      while (this.#queue.length > 0 && !this.#closed) {
        const batch = this.#queue;
        this.#queue = [];
        for (const frames of encodeBatch(batch)) {
          if (!this.#closed) await this.#socket.send(frames);
        }
      }
    } catch (error) {
      this.#lose(`send failed: ${String(error)}`);
    }
    this.#flushing = false;
  }

  async #receive(): Promise<void> {
    while (!this.#closed) {
      let frames: Buffer[];
      try {
        frames = await this.#socket.receive();
      } catch (error) {
        this.#lose(`receive failed: ${String(error)}`);
        return;
      }
      if (!this.#welcomed) this.#greet(frames[0]);
      else this.#hear(frames);
    }
  }

  #greet(frame: Buffer | undefined): void {
    const welcome = parseWelcome(frame);
    if (welcome.kind === "refused") {
      this.#lose(welcome.reason);
      return;
    }
    this.#welcomed = true;
    clearTimeout(this.#limit);
    this.#listener.welcomed?.();
  }

  #hear(frames: Buffer[]): void {
    if (isGreeting(frames[0])) {
      const {reason} = parseWelcome(frames[0]) as {reason?: string};
      return this.#lose(reason ?? "it was welcomed twice");
    }
    const batch = readBatch(this.#reader, frames);
    if (typeof batch === "string") {
      this.#listener.log(`dropped a frame from ${this.address}: ${batch}`);
    } else if (batch.length > 0) {
      this.#listener.heard(batch);
    }
  }

  async #watch(): Promise<void> {
    for await (const event of this.#socket.events) {
      if (event.type === "disconnect" && this.#welcomed) this.#lose("the connection ended");
      // Only servers that listen tell their addresses, so a server that refuses is gone.
      if (event.type === "connect:retry") this.#lose(`nobody listens at ${this.address}`);
      if (event.type.startsWith("handshake:error")) {
        this.#lose(`${this.address} ended, or does not accept this cluster's key`);
      }
    }
  }

  #lose(reason: string): void {
    if (this.#closed) return;
    void this.close();
    this.#listener.lost(reason);
  }
}

const ends = new Set<Promise<unknown>>();
function untilEnd(...loops: Promise<void>[]): Promise<unknown> {
  const end = Promise.all(loops).finally(() => ends.delete(end));
  ends.add(end);
  return end;
}

/**
 * Resolves when every closed link of this thread has ended, with those that were lost before. A
 * thread that ends earlier takes its process with it, because zmq's last callbacks find no
 * JavaScript to call.
 */
export async function linksEnded(): Promise<void> {
  await Promise.all(ends);
}

/** Reads the next frames: gives messages, none while a batch is incomplete, or the error. */
function readBatch<M>(reader: BatchReader<M>, frames: Buffer[]): M[] | string {
  try {
    return reader.read(frames) ?? [];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
