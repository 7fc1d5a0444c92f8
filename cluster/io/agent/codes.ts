// Shipped functions where they arrive, and what their senders believe of that.
//
// A function is a piece of its own, and has parts: each piece travels once. Whoever receives keeps
// twice as much as a sender believes, in the same order of use, so that the belief is right. Where
// several send to one, or one has been started anew, it may be wrong: `need-code` mends that.

import type {ShippedCode, ShippedPart} from "../../backend.js";
import {sizeOf} from "../../packing/size.js";

/** A piece on its way. */
export interface CodePiece extends ShippedPart {
  /** Hashes of the function's parts; a part has none. */
  parts: readonly string[];
}

const believed = {pieces: 256, bytes: 128 * 1024 * 1024};
const kept = {pieces: 512, bytes: 256 * 1024 * 1024};

/** The codes that a receiver is believed to have. */
export class BelievedCodes {
  readonly #sizes = new RecentBySize<number>(believed);
  /** The one that was asked about last, and is there. */
  #last: ShippedCode | undefined;

  /** The pieces that have to be sent before a task of `code`; `sent` follows. */
  missing(code: ShippedCode): CodePiece[] {
    if (code === this.#last) return nothing;
    let missing = nothing;
    for (const part of code.parts) {
      if (this.#sizes.peek(part.hash) === undefined)
        missing = [...missing, {...part, parts: noParts}];
    }
    return this.#sizes.peek(code.hash) === undefined ? [...missing, pieceOf(code)] : missing;
  }
  /** All of it is there, and in use. In the receiver's order: both must let go of the same. */
  sent(code: ShippedCode): void {
    if (code === this.#last) return;
    for (const part of code.parts) this.#use(part);
    this.#use(code);
    this.#sizes.trim(code.parts.length + 1);
    this.#last = code;
  }
  #use({hash, frames}: ShippedPart): void {
    if (this.#sizes.get(hash) !== undefined) return;
    const sizeBytes = sizeOf(frames);
    this.#sizes.set(hash, sizeBytes, sizeBytes);
  }
  /** A piece was asked for, and sent. */
  answered({hash, frames}: CodePiece): void {
    const sizeBytes = sizeOf(frames);
    this.#last = undefined;
    this.#sizes.set(hash, sizeBytes, sizeBytes);
    this.#sizes.trim(1);
  }
}

/** The functions that a process was sent last. */
export class KeptCodes {
  readonly #pieces = new RecentBySize<CodePiece>(kept);
  /** Most tasks are of the same function as the one before. */
  #last: ShippedCode | undefined;

  add(piece: CodePiece): void {
    this.#last = undefined;
    this.#pieces.set(piece.hash, piece, sizeOf(piece.frames));
  }

  get size(): {pieces: number; bytes: number} {
    return this.#pieces.size;
  }

  /** Does not count as a use. */
  find(hash: string): CodePiece | undefined {
    return this.#pieces.peek(hash);
  }

  /** A function with all its parts; undefined when a piece is not here. Counts as a use of each. */
  use(hash: string): ShippedCode | undefined {
    if (this.#last?.hash === hash) return this.#last;
    const piece = this.#pieces.peek(hash);
    if (!piece) return undefined;
    const parts: ShippedPart[] = [];
    for (const part of piece.parts) {
      const found = this.#pieces.get(part);
      if (!found) return undefined;
      parts.push(found);
    }
    this.#pieces.get(hash);
    this.#pieces.trim(parts.length + 1);
    this.#last = {hash, frames: piece.frames, parts};
    return this.#last;
  }
}

export function pieceOf({hash, frames, parts}: ShippedCode): CodePiece {
  return {hash, frames, parts: parts.map((part) => part.hash)};
}

const noParts: readonly string[] = [];
const nothing: CodePiece[] = [];

/** The entries used last, up to a number and a size. */
class RecentBySize<V> {
  readonly #entries = new Map<string, {value: V; sizeBytes: number}>();
  readonly #most: {pieces: number; bytes: number};
  #bytes = 0;

  constructor(most: {pieces: number; bytes: number}) {
    this.#most = most;
  }
  get size(): {pieces: number; bytes: number} {
    return {pieces: this.#entries.size, bytes: this.#bytes};
  }
  peek(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }
  set(key: string, value: V, sizeBytes: number): void {
    this.#delete(key);
    this.#entries.set(key, {value, sizeBytes});
    this.#bytes += sizeBytes;
  }
  /** The oldest go; never the `inUse` that were used last, however large they are. */
  trim(inUse: number): void {
    const {pieces, bytes} = this.#most;
    for (const oldest of this.#entries.keys()) {
      const count = this.#entries.size;
      if (count <= inUse || (count <= pieces && this.#bytes <= bytes)) return;
      this.#delete(oldest);
    }
  }
  #delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.sizeBytes ?? 0;
    this.#entries.delete(key);
  }
}
