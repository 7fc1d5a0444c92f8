// What the kernel tells everyone: status, output, comms. Keeps the order in which things happened.

import type {CellId} from "../threads.js";
import type {Header, Message, Signer} from "./message.js";
import {StreamBuffer} from "./streams.js";

type Parent = Header | Record<string, never>;

export interface Published {
  metadata?: Record<string, unknown>;
  buffers?: Uint8Array[];
}

/** Cells whose output is still booked to them after they have ended. */
const rememberedCells = 10_000;

export class Iopub {
  readonly #signer: Signer;
  readonly #send: (frames: (Buffer | Uint8Array)[]) => void;
  readonly #parents = new Map<CellId, Header>();
  readonly #streams = new StreamBuffer((cell, name, text) => {
    this.#publish("stream", {name, text}, this.parentOf(cell));
  });
  /** The requests of the cells that run, oldest first. */
  readonly #running = new Set<Header>();
  #hasStarted = false;

  constructor(signer: Signer, send: (frames: (Buffer | Uint8Array)[]) => void) {
    this.#signer = signer;
    this.#send = send;
  }

  /** From here on, output of `cell` has `request` as its parent. */
  remember(cell: CellId, request: Header): void {
    this.#parents.set(cell, request);
    if (this.#parents.size <= rememberedCells) return;
    for (const oldest of this.#parents.keys()) {
      this.#parents.delete(oldest);
      return;
    }
  }
  parentOf(cell: CellId | null): Parent {
    return (cell !== null && this.#parents.get(cell)) || {};
  }

  /** Everything printed before goes out before. */
  publish(type: string, content: object, parent: Parent, more: Published = {}): void {
    this.#streams.flush();
    this.#publish(type, content, parent, more);
  }
  stream(cell: CellId, name: "stdout" | "stderr", text: string): void {
    this.#streams.write(cell, name, text);
  }
  /** The cell has ended: what it printed goes out, with the end of a flood. */
  endStreams(cell: CellId): void {
    this.#streams.end(cell);
  }

  /**
   * Once, when somebody hears it or before anything else happens: told to nobody it would be lost.
   */
  #start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.publish("status", {execution_state: "starting"}, {});
  }
  busy(request: Header): void {
    this.#start();
    this.publish("status", {execution_state: "busy"}, request);
  }
  /** After it a running cell, when there is one, says again that the kernel is busy. */
  idle(request: Header): void {
    this.publish("status", {execution_state: "idle"}, request);
    for (const running of this.#running) return this.busy(running);
  }
  cellBegins(request: Header): void {
    this.#running.add(request);
    this.busy(request);
  }
  cellEnds(request: Header): void {
    this.#running.delete(request);
    this.idle(request);
  }

  /** Tells a new subscriber that it hears (JEP 65): its topic comes back with an empty parent. */
  welcome(topic: Buffer): void {
    this.#streams.flush();
    const content = {subscription: topic.toString("utf8")};
    this.#frames({...this.#message("iopub_welcome", content, {}), identities: [topic]});
    this.#start();
  }

  #publish(type: string, content: object, parent: Parent, more: Published = {}): void {
    this.#frames({...this.#message(type, content, parent), ...more});
  }
  #message(type: string, content: object, parent: Parent): Message<object> {
    const identities = [Buffer.from(`kernel.${this.#signer.session}.${type}`)];
    const header = this.#signer.header(type);
    return {identities, header, parent_header: parent, metadata: {}, content, buffers: []};
  }
  #frames(message: Message<object>): void {
    this.#send(this.#signer.encode(message));
  }
}
