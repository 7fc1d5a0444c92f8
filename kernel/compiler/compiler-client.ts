// One thread's way to the compiler thread: requests out, replies by id.

import type {MessagePort} from "node:worker_threads";
import type {CompilerReply, CompilerRequest} from "../threads.js";

type Kind = CompilerRequest["kind"];
type Asked<K extends Kind> = Omit<Extract<CompilerRequest, {kind: K}>, "id">;
type ReplyKind = {
  compile: "compiled";
  commit: "committed";
  complete: "completed";
  inspect: "inspected";
  "is-complete": "is-completed";
  configure: "configured";
  "complete-setting": "settings-completed";
  "forget-packages": "packages-forgotten";
  draw: "drawn";
};
type Answer<K extends Kind> = Extract<CompilerReply, {kind: ReplyKind[K]}>;

export class CompilerClient {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, (reply: CompilerReply) => void>();
  #last = 0;
  #gone: Error | null = null;

  /**
   * `defer` says when a reply is worked on: the main thread must leave the port's callback first.
   */
  constructor(port: MessagePort, defer: (work: () => void) => void = (work) => work()) {
    this.#port = port;
    port.on("message", (reply: CompilerReply) => {
      const settle = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if (settle) defer(() => settle(reply));
    });
    port.on("close", () => {
      this.#gone = new Error("the compiler thread has ended; restart the kernel");
      for (const [id, settle] of this.#waiting)
        defer(() => settle({kind: "failed", id, message: this.#gone!.message}));
      this.#waiting.clear();
    });
  }

  /** Rejects only when the compiler itself fails: errors of the user's code are answers. */
  request<K extends Kind>(request: Asked<K> & {kind: K}): Promise<Answer<K>> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (reply) => {
        if (reply.kind === "failed") reject(new Error(`the compiler failed: ${reply.message}`));
        else resolve(reply as Answer<K>);
      });
      this.#port.postMessage({...request, id});
    });
  }
}
