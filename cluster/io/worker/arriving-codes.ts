// The code of a worker's tasks: what it was sent, and what it asks for because it is not here.

import type {ShippedCode} from "../../backend.js";
import type {Submitting} from "./assigned.js";
import {KeptCodes, type CodePiece} from "../agent/codes.js";

interface WaitingForPiece {
  client: Submitting;
  resolve(piece: CodePiece): void;
}

export class ArrivingCodes {
  readonly #kept = new KeptCodes();
  readonly #waiting = new Map<string, WaitingForPiece[]>();

  /** So many pieces have been asked for, and have not come. */
  get waiting(): number {
    return this.#waiting.size;
  }

  add({hash, frames, parts}: CodePiece): void {
    const piece = {hash, frames, parts};
    this.#kept.add(piece);
    const waiting = this.#waiting.get(hash);
    if (!waiting) return;
    this.#waiting.delete(hash);
    for (const {resolve} of waiting) resolve(piece);
  }

  /** Undefined when a piece is missing. */
  use(hash: string): ShippedCode | undefined {
    return this.#kept.use(hash);
  }

  /** Asks `client` for what is missing; never resolves when it is lost. */
  async fetch(hash: string, client: Submitting): Promise<ShippedCode> {
    const {frames, parts} = await this.#piece(hash, client);
    const all = await Promise.all(parts.map((part) => this.#piece(part, client)));
    return this.#kept.use(hash) ?? {hash, frames, parts: all};
  }
  lostClient(client: Submitting): void {
    for (const [hash, waiting] of this.#waiting) {
      const others = waiting.filter((each) => each.client !== client);
      if (others.length > 0) this.#waiting.set(hash, others);
      else this.#waiting.delete(hash);
    }
  }
  #piece(hash: string, client: Submitting): CodePiece | Promise<CodePiece> {
    const known = this.#kept.find(hash);
    if (known) return known;
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(hash) ?? [];
      // Each client is asked: one of them may be lost before it answers.
      if (!waiting.some((other) => other.client === client)) client.send({kind: "need-code", hash});
      this.#waiting.set(hash, [...waiting, {client, resolve}]);
    });
  }
}
