// The links from clients to workers, one way and back, and what may travel on them: a piece of code
// goes again only to who asked for it, or who has been sent so much since that it must have let it
// go.

import type {ShippedCode} from "../../../../cluster/backend.js";
import {sizeOf} from "../../../../cluster/packing/size.js";
import type {FromWorker, ToWorker} from "../../../../cluster/messages.js";

/** What a sender believes at least: with so much in use since, it may have forgotten a piece. */
const believed = {pieces: 256, bytes: 128 * 1024 * 1024};

export class LinkWatch {
  /** What was sent: its size, and which of the uses was its last. */
  readonly #sent = new Map<string, {sizeBytes: number; used: number}>();
  #uses = 0;
  readonly #asked = new Map<string, number>();
  readonly #functions: ReadonlyMap<string, ShippedCode>;
  /** Pieces that were sent, asked for, sent once more. */
  sends = 0;
  asks = 0;
  agains = 0;

  constructor(functions: ReadonlyMap<string, ShippedCode>) {
    this.#functions = functions;
  }

  /** Throws when a piece goes out that has no reason to. */
  toWorker(message: ToWorker): void {
    if (message.kind === "code") this.#piece(message.hash, sizeOf(message.frames));
    if (message.kind !== "tasks") return;
    for (const {code} of message.tasks) {
      this.#uses++;
      for (const {hash} of this.#functions.get(code)!.parts) this.#use(hash);
      this.#use(code);
    }
  }
  /** It has arrived. */
  fromWorker(message: FromWorker): void {
    if (message.kind !== "need-code") return;
    this.asks++;
    this.#asked.set(message.hash, (this.#asked.get(message.hash) ?? 0) + 1);
  }

  #piece(hash: string, sizeBytes: number): void {
    this.sends++;
    const asked = this.#asked.get(hash) ?? 0;
    this.#asked.set(hash, Math.max(0, asked - 1));
    const before = this.#sent.get(hash);
    if (before && asked === 0) {
      this.agains++;
      const since = [...this.#sent.values()].filter(({used}) => used >= before.used);
      const bytes = since.reduce((sum, each) => sum + each.sizeBytes, 0);
      if (since.length <= believed.pieces && bytes <= believed.bytes)
        throw new Error(`${hash} was sent again: nobody had asked, and there was room for it`);
    }
    this.#sent.set(hash, {sizeBytes, used: this.#uses + 1});
  }

  #use(hash: string): void {
    const sent = this.#sent.get(hash);
    if (!sent) throw new Error(`a task went out before ${hash}, which it needs`);
    sent.used = this.#uses;
  }
}
