// One kernel's trace, live: opens the kernel's comm, takes a snapshot, then deltas.

import type {Kernel} from "@jupyterlab/services";
import {Signal, type ISignal} from "@lumino/signaling";
import {
  traceCommTarget,
  traceVersion,
  type TraceBundle,
  type TraceEvent,
  type TraceFeedMessage,
} from "../../../cluster/trace.js";
import {TraceModel} from "../model/trace-model.js";

export type FeedState = "connecting" | "live" | "foreign" | "closed";

/** Raw events kept for export. */
const maxKept = 200_000;

export class Feed {
  readonly kernel: Kernel.IKernelConnection;
  state: FeedState = "connecting";
  /** The kernel's name for people, and why there is no live picture. */
  kernelName = "";
  problem = "";
  model = new TraceModel();
  #epoch = "";
  #events: TraceEvent[] = [];
  #comm: Kernel.IComm | undefined;
  #nowUs = 0;
  #nowAt = 0;
  #isDisposed = false;
  #wasLost = false;
  readonly #changed = new Signal<Feed, void>(this);
  readonly #ran = new Signal<Feed, "sequential" | "distributed">(this);

  constructor(kernel: Kernel.IKernelConnection) {
    this.kernel = kernel;
    kernel.statusChanged.connect(this.#onStatus, this);
    kernel.connectionStatusChanged.connect(this.#onConnection, this);
    void this.#open();
  }

  get changed(): ISignal<Feed, void> {
    return this.#changed;
  }

  /** A recorded cell has begun just now (not: was found in the snapshot). */
  get ran(): ISignal<Feed, "sequential" | "distributed"> {
    return this.#ran;
  }

  /** Microseconds of the kernel's session, carried on by this page's clock. */
  now(): number {
    return this.#nowUs + (performance.now() - this.#nowAt) * 1000;
  }

  bundle(view: string): TraceBundle {
    const runs = this.model.runsByStart().map(({id}) => id);
    return {version: traceVersion, view, epoch: this.#epoch, runs, events: this.#events};
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#closeComm();
    Signal.clearData(this);
  }

  async #open(): Promise<void> {
    this.#closeComm();
    let info;
    try {
      info = await this.kernel.info;
    } catch (error) {
      return this.#fail("closed", `the kernel does not answer: ${String(error)}`);
    }
    if (this.#isDisposed) return;
    this.kernelName = info.language_info.name;
    if (info.implementation !== "tasklab") return this.#fail("foreign", "");
    this.#closeComm();
    const comm = this.kernel.createComm(traceCommTarget);
    this.#comm = comm;
    comm.onMsg = (message) => {
      if (comm === this.#comm) this.#take(message.content.data as unknown as TraceFeedMessage);
    };
    comm.onClose = () => {
      if (comm !== this.#comm) return;
      this.#comm = undefined;
      this.#fail("closed", "the kernel closed its trace");
    };
    await comm.open().done;
  }

  #take(message: TraceFeedMessage): void {
    if (this.#isDisposed) return;
    if (message.kind === "snapshot") {
      if (message.version !== traceVersion)
        return this.#fail(
          "closed",
          `the kernel's trace has version ${message.version}, this panel reads ${traceVersion}; run npm start to bring both up to date`,
        );
      this.model = new TraceModel();
      this.model.dropped = message.droppedEvents;
      this.#events = [];
      this.#epoch = message.epoch;
      this.state = "live";
      this.problem = "";
    }
    this.#nowUs = message.nowUs;
    this.#nowAt = performance.now();
    this.model.add(message.events);
    this.#keep(message.events);
    this.#changed.emit();
    if (message.kind === "snapshot") return;
    for (const event of message.events)
      if (event.kind === "run-started" && event.mode !== "plain" && isNews(event, message))
        this.#ran.emit(event.mode);
  }

  #keep(events: TraceEvent[]): void {
    this.#events = this.#events.concat(events);
    if (this.#events.length > maxKept) this.#events = this.#events.slice(-maxKept);
  }

  #fail(state: FeedState, problem: string): void {
    if (this.#isDisposed) return;
    this.state = state;
    this.problem = problem;
    this.#changed.emit();
  }

  #closeComm(): void {
    const comm = this.#comm;
    this.#comm = undefined;
    if (comm === undefined || comm.isDisposed) return;
    try {
      comm.close();
    } catch {
      comm.dispose(); // The connection is gone: there is nobody to tell.
    }
  }

  #onStatus(_: Kernel.IKernelConnection, status: Kernel.Status): void {
    if (status === "restarting" || status === "autorestarting") {
      this.#wasLost = true;
      this.state = "connecting";
      this.#changed.emit();
    } else if (status === "dead" || status === "terminating") {
      this.#fail("closed", "the kernel has stopped");
    } else if (this.#wasLost && (status === "idle" || status === "busy")) {
      this.#wasLost = false;
      void this.#open();
    }
  }

  #onConnection(_: Kernel.IKernelConnection, status: Kernel.ConnectionStatus): void {
    if (status === "connecting" && this.state === "live") this.#wasLost = true;
    else if (status === "connected" && this.#wasLost) {
      this.#wasLost = false;
      void this.#open();
    }
  }
}

/** A large snapshot comes in parts, the rest of it as events: those are not news. */
function isNews(event: TraceEvent, message: TraceFeedMessage): boolean {
  return event.at > message.nowUs - 5e6;
}
