// A channel between two threads for very many small messages: bytes in shared memory, and a wake-up
// only when the reader sleeps. postMessage copies each message and wakes the reader each time (15
// µs a message where this costs 2), and offers no batches to a thread that posts from a synchronous
// loop.
//
// Each direction has a ring: the writer appends records and moves `tail`, the reader takes records
// and moves `head`. Messages that are too large, or hold a port, travel by the MessagePort; a
// marker in the ring keeps their place in the order. Either thread may be cut off at any moment. So
// a record counts once `tail` has moved, and a writer whose reader stands still wakes the reader.

import {receiveMessageOnPort, type MessagePort, type TransferListItem} from "node:worker_threads";
import {maxAheadBytes} from "../../limits.js";

/** One end of a channel, as it is handed to a thread. */
export interface ChannelEnd {
  port: MessagePort;
  inbound: SharedArrayBuffer;
  outbound: SharedArrayBuffer;
}

export interface ChannelCodec<Out, In> {
  /** Writes a message as bytes; null for a message that goes by the port. */
  encode(message: Out): Uint8Array | null;
  /** Tells that the message encoded last has been sent. */
  sent?(): void;
  decode(bytes: Uint8Array): In;
  /** Makes a message ready for postMessage. */
  pack(message: Out): {message: unknown; transfer: TransferListItem[]};
}

const ringBytes = maxAheadBytes;
const headerBytes = 16;
const word = {head: 0, tail: 1, asleep: 2, wantsRoom: 3} as const;
/**
 * Two values in the place of a record's length: the next message comes by the port, and the ring
 * goes on at its beginning.
 */
const byPort = -1;
const wrap = -2;
/** The size of the largest record. Larger messages go by the port. */
export const maxRecordBytes = ringBytes / 8;
/** So many messages are read before other events of the loop have their turn. */
const maxReadAtOnce = 1024;
/** A writer that waits for room looks again after so long, in case the reader's notice was lost. */
const roomCheckMs = 20;
/** After so many looks a writer that waits for room takes the reader for dead. */
const maxWaits = 500;

const wake = 0;

export function createRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(headerBytes + ringBytes);
}

export interface ChannelOptions<Out, In> {
  codec: ChannelCodec<Out, In>;
  hear(message: In): void;
  /** Called when all messages that were there have been heard. */
  heardAll?(): void;
  /**
   * What to do when the ring is full: wait for the reader, which must never wait for this thread,
   * or keep the messages here.
   */
  mayWait: boolean;
}

/** A reader that is awake and has not read for so long was cut off while reading. */
const standstillMs = 20;

export class Channel<Out, In> {
  readonly port: MessagePort;
  readonly #options: ChannelOptions<Out, In>;
  readonly #in: Ring;
  readonly #out: Ring;
  /** Messages that came by the port before their marker was read. */
  readonly #arrived: unknown[] = [];
  #overflow: (Uint8Array | null)[] = [];
  #watch: NodeJS.Timeout | null = null;

  constructor({port, inbound, outbound}: ChannelEnd, options: ChannelOptions<Out, In>) {
    this.port = port;
    this.#options = options;
    this.#in = new Ring(inbound);
    this.#out = new Ring(outbound);
    port.on("message", (message: unknown) => {
      if (message !== wake) this.#arrived.push(message);
      this.#makeRoom();
      this.#read();
    });
    // Messages may have come before this end existed. They are read later, when its owner is made.
    setImmediate(() => this.#read());
  }

  send(message: Out): void {
    this.sendLazily(message);
    this.nudge();
  }
  /**
   * Sends without waking the reader, who sees the message once awake, or by a `nudge` or `send`.
   */
  sendLazily(message: Out): void {
    const {codec} = this.#options;
    const bytes = codec.encode(message);
    if (bytes === null) {
      const packed = codec.pack(message);
      this.port.postMessage(packed.message, packed.transfer);
    }
    this.#write(bytes);
    codec.sent?.();
  }
  /** Wakes the reader when it sleeps and there is something to read. */
  nudge(): void {
    if (this.#out.isEmpty()) return;
    if (this.#out.isAsleep()) this.wake();
    else if (!this.#options.mayWait) this.#watchReader();
  }
  wake(): void {
    this.port.postMessage(wake);
  }

  /** Watches a reader that is awake, and wakes it if it was cut off while reading. */
  #watchReader(): void {
    if (this.#watch !== null) return;
    const position = this.#out.position;
    this.#watch = setTimeout(() => {
      this.#watch = null;
      if (this.#out.isEmpty()) return;
      if (this.#out.position === position) this.wake();
      else this.#watchReader();
    }, standstillMs).unref();
  }

  /** Appends a record; null stands for the marker of a message that went by the port. */
  #write(bytes: Uint8Array | null): void {
    if (this.#overflow.length > 0) {
      this.#overflow.push(bytes);
      return;
    }
    for (let waits = 0; !this.#out.write(bytes); waits++) {
      this.#out.wantRoom();
      if (this.#out.isAsleep()) this.wake();
      if (!this.#options.mayWait || waits === maxWaits) {
        this.#overflow.push(bytes);
        return;
      }
      this.#out.waitForRoom();
    }
  }

  /** Sends the messages that had no room, after the reader has read. */
  #makeRoom(): void {
    const overflow = this.#overflow;
    if (overflow.length === 0) return;
    this.#overflow = [];
    for (const bytes of overflow) this.#write(bytes);
    this.nudge();
  }

  /** Reads without having been woken. */
  poll(): void {
    if (!this.#in.isEmpty()) this.#read();
  }

  #read(): void {
    this.#in.stayAwake();
    let read = 0;
    do {
      // The writer may have wished for room after everything was read.
      if (this.#in.isRoomWanted()) this.wake();
      for (; read < maxReadAtOnce; read++) {
        const bytes = this.#in.read();
        if (bytes === undefined) break;
        const message = bytes === null ? (this.#take() as In) : this.#options.codec.decode(bytes);
        if (this.#in.isRoomWanted()) this.wake();
        this.#deliver(message);
      }
      if (read > 0) this.#options.heardAll?.();
      if (read === maxReadAtOnce) {
        setImmediate(() => this.#read());
        return;
      }
      this.#in.sleep();
      // No wake-up comes for a record that was written between the last look and falling asleep.
    } while (!this.#in.isEmpty() && this.#in.isAsleep());
  }

  #deliver(message: In): void {
    try {
      this.#options.hear(message);
    } catch (error) {
      // The remaining messages are read all the same.
      setImmediate(() => this.#read());
      throw error;
    }
  }

  #take(): unknown {
    while (this.#arrived.length === 0) {
      const received = receiveMessageOnPort(this.port) as {message: unknown} | undefined;
      if (received === undefined) throw new Error("a message that was announced has not come");
      if (received.message !== wake) this.#arrived.push(received.message);
    }
    return this.#arrived.shift();
  }
}

/** The ring of one direction. Positions are byte offsets into `data`; records align to 4 bytes. */
class Ring {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #lengths: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, headerBytes / 4);
    this.#bytes = new Uint8Array(memory, headerBytes);
    this.#lengths = new Int32Array(memory, headerBytes);
  }

  /** Appends a record; false when there is no room. */
  write(bytes: Uint8Array | null): boolean {
    const head = Atomics.load(this.#words, word.head);
    let tail = Atomics.load(this.#words, word.tail);
    const size = 4 + (bytes === null ? 0 : (bytes.byteLength + 3) & ~3);
    if (tail >= head && tail + size > ringBytes - 4) {
      // The record goes to the beginning. The end keeps room for the marker that says so.
      if (size >= head) return false;
      this.#lengths[tail >> 2] = wrap;
      tail = 0;
    } else if (tail < head && tail + size >= head) {
      return false;
    }
    this.#lengths[tail >> 2] = bytes === null ? byPort : bytes.byteLength;
    if (bytes !== null) this.#bytes.set(bytes, tail + 4);
    Atomics.store(this.#words, word.tail, tail + size);
    return true;
  }

  /** Takes a record; null: the marker of a message by the port; undefined: the ring is empty. */
  read(): Uint8Array | null | undefined {
    let head = Atomics.load(this.#words, word.head);
    if (head === Atomics.load(this.#words, word.tail)) return undefined;
    if (this.#lengths[head >> 2] === wrap) head = 0;
    const length = this.#lengths[head >> 2]!;
    if (length === byPort) {
      Atomics.store(this.#words, word.head, head + 4);
      return null;
    }
    const bytes = new Uint8Array(length);
    bytes.set(this.#bytes.subarray(head + 4, head + 4 + length));
    Atomics.store(this.#words, word.head, head + 4 + ((length + 3) & ~3));
    return bytes;
  }

  isEmpty(): boolean {
    return Atomics.load(this.#words, word.head) === Atomics.load(this.#words, word.tail);
  }
  get position(): number {
    return Atomics.load(this.#words, word.head);
  }
  stayAwake(): void {
    Atomics.store(this.#words, word.asleep, 0);
  }
  sleep(): void {
    Atomics.store(this.#words, word.asleep, 1);
  }
  /** True once per sleep of the reader: the caller who gets true sends the wake-up. */
  isAsleep(): boolean {
    return Atomics.exchange(this.#words, word.asleep, 0) === 1;
  }
  wantRoom(): void {
    Atomics.store(this.#words, word.wantsRoom, 1);
  }
  /** True once per wish of the writer for room. */
  isRoomWanted(): boolean {
    if (Atomics.load(this.#words, word.wantsRoom) === 0) return false;
    Atomics.store(this.#words, word.wantsRoom, 0);
    Atomics.notify(this.#words, word.wantsRoom);
    return true;
  }
  waitForRoom(): void {
    Atomics.wait(this.#words, word.wantsRoom, 1, roomCheckMs);
  }
}
