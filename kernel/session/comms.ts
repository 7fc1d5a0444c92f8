// Comms of cells: `jupyter.comms` opens them and answers those that a frontend opens.

import {randomUUID} from "node:crypto";
import {ambient, inContext} from "../../cluster/host.js";
import type {CellId} from "../threads.js";
import type {CommMessage, Host} from "./host.js";
import {beginCell} from "./runs.js";

type Data = Record<string, unknown>;
type Listener = (data: Data, buffers: Uint8Array[]) => unknown;

export class Comm {
  readonly id: string;
  readonly target: string;
  onMessage: Listener = () => {};
  onClose: Listener = () => {};
  readonly #host: Host;

  constructor(host: Host, id: string, target: string) {
    this.#host = host;
    this.id = id;
    this.target = target;
  }
  send(data: Data, buffers: Uint8Array[] = []): void {
    this.post("comm_msg", data, buffers);
  }
  close(data: Data = {}): void {
    this.post("comm_close", data, []);
  }
  post(type: CommMessage["type"], data: Data, buffers: Uint8Array[]): void {
    const target = type === "comm_open" ? {target_name: this.target} : {};
    const content = {comm_id: this.id, data: jsonOf(this.target, data), ...target};
    this.#host.post({kind: "comm", cell: ambient().cell as CellId, type, content, buffers});
  }
}

export class KernelComms {
  readonly #host: Host;
  readonly #failed: (error: unknown) => void;
  readonly #targets = new Map<string, (comm: Comm, data: Data) => unknown>();
  readonly #comms = new Map<string, Comm>();

  constructor(host: Host, failed: (error: unknown) => void) {
    this.#host = host;
    this.#failed = failed;
    Object.assign(globalThis, {jupyter: {comms: this}});
  }

  /** Opens a comm to the frontend's `target`. */
  open(target: string, data: Data = {}): Comm {
    const comm = new Comm(this.#host, randomUUID(), target);
    this.#comms.set(comm.id, comm);
    comm.post("comm_open", data, []);
    return comm;
  }
  /** `opened` gets each comm that a frontend opens to `target`. */
  register(target: string, opened: (comm: Comm, data: Data) => unknown): void {
    this.#targets.set(target, opened);
    this.#host.post({kind: "comm-target", target});
  }

  /** A frontend's message; what its listener prints belongs to that message. */
  async received({cell, type, content, buffers}: CommMessage): Promise<void> {
    const {context, ended} = beginCell(cell, 0, (events) => this.#host.record(events));
    try {
      await inContext(context, () => this.#deliver(type, content, buffers));
      ended("finished");
    } catch (error) {
      ended("failed");
      inContext(context, () => this.#failed(error));
    }
    this.#host.post({
      kind: "outcome",
      cell,
      outcome: {status: "ok", userExpressions: {}, payload: []},
    });
  }

  #deliver(
    type: CommMessage["type"],
    content: CommMessage["content"],
    buffers: Uint8Array[],
  ): unknown {
    const {comm_id: id, target_name: target = "", data} = content;
    if (type === "comm_open") {
      const comm = new Comm(this.#host, id, target);
      this.#comms.set(id, comm);
      return this.#targets.get(target)?.(comm, data);
    }
    const comm = this.#comms.get(id);
    if (type === "comm_close") this.#comms.delete(id);
    return type === "comm_close" ? comm?.onClose(data, buffers) : comm?.onMessage(data, buffers);
  }
}

/** Here, where the cell that sends it can be told, and not on its way. */
function jsonOf(target: string, data: Data): Data {
  try {
    return JSON.parse(JSON.stringify(data)) as Data;
  } catch (cause) {
    const why = (cause as Error).message.split("\n")[0];
    throw new TypeError(`cannot send this to the comm "${target}": JSON can't hold it: ${why}`, {
      cause,
    });
  }
}
