// Strings that MessagePack can't hold, or that travel better as raw memory.

import type {Kind} from "../kind.js";
import {isWellFormed} from "../plain.js";

/** A long string of a function that is shipped: [the index of its raw memory]. */
export const longText: Kind<string> = {
  tag: 5,
  isPrimitive: true,
  dismantle(text, to) {
    if (!isWellFormed(text)) return undefined;
    return to.token(longText.tag, to.large(new TextEncoder().encode(text)));
  },
  assemble(index: number, from) {
    const {memory, base, byteLength} = from.buffers.memory(index, 1);
    return Buffer.from(memory, base, byteLength).toString("utf8");
  },
};

/** A string with lone surrogates: its UTF-16 units as bytes. */
export const utf16: Kind<string> = {
  tag: 6,
  isPrimitive: true,
  dismantle: (text, to) => to.token(utf16.tag, Buffer.from(text, "utf16le")),
  assemble: (bytes: Uint8Array) => Buffer.from(bytes).toString("utf16le"),
};
