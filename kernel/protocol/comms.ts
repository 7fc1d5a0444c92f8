// Comms: who answers which. A target is the I/O thread's own (the live trace) or one that cells
// have registered on the main thread; a target that nobody knows is closed at once.

import type {CellId, CommContent, ToIo, ToMain} from "../threads.js";
import type {Header} from "./message.js";
import type {Iopub} from "./iopub.js";

export type CommType = "comm_open" | "comm_msg" | "comm_close";

/** The client's end of a comm. */
export interface Peer {
  send(data: object): void;
  close(): void;
}

/** What answers a comm's messages on this thread. */
export interface Target {
  open(comm: string, data: Record<string, unknown>, peer: Peer): void;
  message?(comm: string, data: Record<string, unknown>): void;
  close(comm: string): void;
}

interface Comm {
  target: string;
  /** Undefined: the main thread's. */
  here: Target | undefined;
}

export class Comms {
  readonly #iopub: Iopub;
  readonly #toMain: (message: ToMain) => void;
  readonly #targets = new Map<string, Target>();
  readonly #mainTargets = new Set<string>();
  readonly #comms = new Map<string, Comm>();

  constructor(iopub: Iopub, toMain: (message: ToMain) => void) {
    this.#iopub = iopub;
    this.#toMain = toMain;
  }

  add(name: string, target: Target): void {
    this.#targets.set(name, target);
  }

  /** From a client. True when the main thread has it now and will say when it is done. */
  received(type: CommType, request: Header, fields: unknown, buffers: Uint8Array[]): boolean {
    const content = commContent(fields);
    if (!content) return false;
    const {comm_id: id, target_name: name, data} = content;
    if (type === "comm_open") {
      const here = this.#targets.get(name ?? "");
      if (!here && !this.#mainTargets.has(name ?? "")) {
        this.#iopub.publish("comm_close", {comm_id: id, data: {}}, request);
        return false;
      }
      this.#comms.set(id, {target: name ?? "", here});
      here?.open(id, data, {
        send: (reply) => this.#iopub.publish("comm_msg", {comm_id: id, data: reply}, request),
        close: () => {
          this.#comms.delete(id);
          this.#iopub.publish("comm_close", {comm_id: id, data: {}}, request);
        },
      });
      if (here) return false;
    }
    const comm = this.#comms.get(id);
    if (!comm) return false;
    if (type === "comm_close") this.#comms.delete(id);
    if (comm.here) {
      if (type === "comm_close") comm.here.close(id);
      else if (type === "comm_msg") comm.here.message?.(id, data);
      return false;
    }
    const cell = request.msg_id as CellId;
    this.#iopub.remember(cell, request);
    this.#toMain({kind: "comm", cell, type, content, buffers});
    return true;
  }

  /** From the main thread. */
  fromMain(message: Extract<ToIo, {kind: "comm" | "comm-target"}>): void {
    if (message.kind === "comm-target") {
      this.#mainTargets.add(message.target);
      return;
    }
    const {type, content, buffers, cell} = message;
    if (type === "comm_open")
      this.#comms.set(content.comm_id, {target: content.target_name ?? "", here: undefined});
    if (type === "comm_close") this.#comms.delete(content.comm_id);
    this.#iopub.publish(type, content, this.#iopub.parentOf(cell), {buffers});
  }

  /** The content of a `comm_info_reply`. */
  list(target: unknown): Record<string, {target_name: string}> {
    const all = [...this.#comms].map(([id, comm]) => [id, {target_name: comm.target}] as const);
    const wanted = typeof target === "string" && target !== "" ? target : null;
    return Object.fromEntries(all.filter(([, comm]) => !wanted || comm.target_name === wanted));
  }
}

function commContent(fields: unknown): CommContent | null {
  const {comm_id, target_name, data} = fields as Partial<CommContent>;
  if (typeof comm_id !== "string") return null;
  const object = typeof data === "object" && data !== null ? data : {};
  return {comm_id, data: object, ...(typeof target_name === "string" ? {target_name} : {})};
}
