// The live trace: what every panel sees of this session. It lives on the I/O thread and gets the
// cluster's events by a port of its own, so it flows while the main thread is in a synchronous
// loop.

import {receiveMessageOnPort, type MessagePort} from "node:worker_threads";
import {nowUs} from "../../cluster/clock.js";
import {traceVersion, type TraceEvent, type TraceFeedMessage} from "../../cluster/trace.js";

/** Panels hear at most this often. */
const intervalMs = 100;
/** Task attempts that are kept; the oldest events go first. */
const maxAttempts = 100_000;
/** jupyter_server drops what passes 1 MB/s over 3 s by default: stay well below. */
const bytesPerSecond = 700_000;
const burstBytes = 1_500_000;
const bytesPerEvent = 200;

/**
 * Panels that are served. Pages that are gone rarely say so; the oldest is told that it is over.
 */
export const maxPanels = 50;

interface Panel {
  send(message: TraceFeedMessage): void;
  close(): void;
  /** Number of the next event that it has not seen. */
  next: number;
}

export class Feed {
  readonly epoch: string;
  readonly #session: string;
  readonly #panels = new Map<string, Panel>();
  readonly #ports = new Set<MessagePort>();
  #events: TraceEvent[] = [];
  /** Events dropped from the front: the number of `#events[0]`. */
  #dropped = 0;
  #attempts = 0;
  #budgetBytes = burstBytes;
  #timer: NodeJS.Timeout | null = null;

  /** `epoch`: wall-clock time of the session's epoch, ISO 8601. */
  constructor(session: string, epoch: string) {
    this.#session = session;
    this.epoch = epoch;
  }

  add(events: readonly TraceEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      if (isAttempt(event)) this.#attempts++;
    }
    this.#trim();
    this.#schedule();
  }

  /** A cluster's events come on it. */
  listen(port: MessagePort): void {
    this.#ports.add(port);
    port.on("message", (events: TraceEvent[]) => this.add(events));
    port.on("close", () => this.#ports.delete(port));
  }

  /**
   * All events that are kept, oldest first. A flush has put them into the ports before main could
   * ask; but of two ports that hold something a busy thread may hear main's first.
   */
  all(): readonly TraceEvent[] {
    for (const port of this.#ports) {
      let received: {message: unknown} | undefined;
      while ((received = receiveMessageOnPort(port) as typeof received))
        this.add(received.message as TraceEvent[]);
    }
    return this.#events;
  }

  /** A panel gets a snapshot at once, then what is new. */
  open(comm: string, panel: Omit<Panel, "next">): void {
    const first = this.#take(this.#dropped);
    this.#panels.set(comm, {...panel, next: this.#dropped + first.length});
    const [oldest] = this.#panels.keys();
    if (this.#panels.size > maxPanels) {
      this.#panels.get(oldest!)?.close();
      this.#panels.delete(oldest!);
    }
    panel.send({
      kind: "snapshot",
      version: traceVersion,
      session: this.#session,
      epoch: this.epoch,
      nowUs: nowUs(),
      droppedEvents: this.#dropped,
      events: first,
    });
    this.#schedule();
  }
  close(comm: string): void {
    this.#panels.delete(comm);
  }

  #tick(): void {
    this.#timer = null;
    this.#budgetBytes = Math.min(
      burstBytes,
      this.#budgetBytes + (bytesPerSecond * intervalMs) / 1000,
    );
    for (const panel of this.#panels.values()) {
      // What was dropped before a slow panel got it is lost to it, as to any later snapshot.
      const from = Math.max(panel.next, this.#dropped);
      const events = this.#take(from);
      if (events.length === 0) continue;
      panel.next = from + events.length;
      panel.send({kind: "events", nowUs: nowUs(), events});
    }
    this.#schedule();
  }

  /** Runs while a panel lacks events, or the budget is not full again. */
  #schedule(): void {
    if (this.#timer) return;
    const end = this.#dropped + this.#events.length;
    const behind = [...this.#panels.values()].some((panel) => panel.next < end);
    if (behind || this.#budgetBytes < burstBytes)
      this.#timer = setTimeout(() => this.#tick(), intervalMs);
  }

  /** Events from number `from` on, as many as the budget allows. */
  #take(from: number): TraceEvent[] {
    const room = Math.max(0, Math.floor(this.#budgetBytes / bytesPerEvent));
    const start = from - this.#dropped;
    const events = this.#events.slice(start, start + room);
    this.#budgetBytes -= events.length * bytesPerEvent;
    return events;
  }

  /** Drops in strides, for taking from the front of an array costs all of it. */
  #trim(): void {
    if (this.#attempts <= maxAttempts * 1.1) return;
    let drop = 0;
    for (const event of this.#events) {
      if (this.#attempts <= maxAttempts) break;
      if (isAttempt(event)) this.#attempts--;
      drop++;
    }
    this.#events = this.#events.slice(drop);
    this.#dropped += drop;
  }
}

/** One event stands for each attempt, or plain call, that is kept. */
function isAttempt(event: TraceEvent): boolean {
  return event.kind === "task-ended" || event.kind === "call-started";
}
