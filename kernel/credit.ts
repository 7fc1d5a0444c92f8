// Bounds what the main thread is ahead of the I/O thread. User code may print, display and send in
// a synchronous loop, faster than messages can be signed and sent. Without a bound they pile up,
// and the I/O thread works on the pile alone: no heartbeat, and an interrupt that comes to nothing.
//
// Main counts what it posts, the I/O thread what it has passed on, in shared memory; main sleeps
// while the difference is too large. It can be interrupted there as anywhere.

import type {ToIo} from "./threads.js";

/** How far main may be ahead: messages, long texts counting for several. */
export const maxAhead = 1000;
const charsPerMessage = 4096;
/** The I/O thread tells in strides, so that main does not wake up for each message. */
const stride = 100;
/**
 * What goes out one by one (prints are joined) is held to a rate that clients can read, after a
 * burst: ZeroMQ drops what a reader is too far behind with, and so would drop the end of the flood,
 * the idle.
 */
const perSecond = 4000;
const burst = 20_000;
/** An I/O thread that has failed must not hold main for ever. */
const maxWaitMs = 1000;

function weightOf(message: ToIo): number {
  return message.kind === "stream" ? 1 + Math.floor(message.text.length / charsPerMessage) : 1;
}

/** Main's end. */
export class Spending {
  readonly passedOn = new Int32Array(new SharedArrayBuffer(4));
  #posted = 0;

  /**
   * After each message: an interrupt in between may then let main go too far, and never not far
   * enough.
   */
  posted(message: ToIo): void {
    this.#posted = (this.#posted + weightOf(message)) | 0;
    for (;;) {
      const passedOn = Atomics.load(this.passedOn, 0);
      if (((this.#posted - passedOn) | 0) <= maxAhead) return;
      if (Atomics.wait(this.passedOn, 0, passedOn, maxWaitMs) === "timed-out") return;
    }
  }
}

/** The I/O thread's end. */
export class Granting {
  readonly #sent: () => Promise<void>;
  #passedOn: Int32Array | null = null;
  #taken = 0;
  #told = 0;
  #isWaiting = false;
  /** Messages that may go out at once; below zero, so many are out too early. */
  #bucket = burst;
  #filledAtMs = performance.now();

  /** `sent` resolves when what was taken has been sent. */
  constructor(sent: () => Promise<void>) {
    this.#sent = sent;
  }

  begin(passedOn: Int32Array): void {
    this.#passedOn = passedOn;
  }

  taken(message: ToIo): void {
    this.#taken += weightOf(message);
    if (message.kind !== "stream") this.#bucket--;
    if (this.#taken - this.#told < stride || this.#isWaiting) return;
    this.#isWaiting = true;
    void this.#sent().then(() => {
      const earlyMs = this.#earlyMs();
      if (earlyMs > 0) setTimeout(() => this.#tell(), earlyMs);
      else this.#tell();
    });
  }

  #earlyMs(): number {
    const nowMs = performance.now();
    const filled = ((nowMs - this.#filledAtMs) / 1000) * perSecond;
    this.#bucket = Math.min(burst, this.#bucket + filled);
    this.#filledAtMs = nowMs;
    return (-this.#bucket / perSecond) * 1000;
  }

  #tell(): void {
    this.#isWaiting = false;
    this.#told = this.#taken;
    if (!this.#passedOn) return;
    Atomics.store(this.#passedOn, 0, this.#taken | 0);
    Atomics.notify(this.#passedOn, 0);
  }
}
