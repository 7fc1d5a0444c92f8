// Trace events on their way: gathered by each client, kept encoded by the head, which relays them
// to subscribers without looking inside.

import {decodeMessage, encodeMessage} from "../packing/pack.js";
import type {TraceBatch} from "../messages.js";
import type {TraceEvent} from "../trace.js";

const maxDelayMs = 50;
const maxBatchEvents = 500;

/** Gathers events; sends them when enough have come, or after a moment. */
export class TraceOutbox {
  #events: TraceEvent[] = [];
  #timer: NodeJS.Timeout | null = null;
  readonly #send: (batch: TraceBatch) => void;

  constructor(send: (batch: TraceBatch) => void) {
    this.#send = send;
  }
  add(event: TraceEvent): void {
    this.#events.push(event);
    if (this.#events.length >= maxBatchEvents) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), maxDelayMs);
  }
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#send(packTrace(events));
  }
}

export function packTrace(events: TraceEvent[]): TraceBatch {
  return {events: events.length, frames: [encodeMessage(events)]};
}
export function unpackTrace(batch: TraceBatch): TraceEvent[] {
  return decodeMessage(batch.frames[0]!) as TraceEvent[];
}

/** 100,000 attempts of about five events each. */
const maxKeptEvents = 500_000;

/** The session's trace so far, the oldest batches dropped first. */
export class TraceRing {
  #batches: TraceBatch[] = [];
  #events = 0;
  dropped = 0;

  add(batch: TraceBatch): void {
    this.#batches.push(batch);
    this.#events += batch.events;
    while (this.#events > maxKeptEvents && this.#batches.length > 1) {
      const oldest = this.#batches.shift()!;
      this.#events -= oldest.events;
      this.dropped += oldest.events;
    }
  }
  get batches(): readonly TraceBatch[] {
    return this.#batches;
  }
}
