// The only door to msgpackr, which is fast but careless: without a word it loses holes, -0, lone
// surrogates, classes and functions. Only trees that the dismantler has made, and messages of known
// shape, come here.

import {addExtension, Packr, RESERVE_START_SPACE} from "msgpackr";
import {CorruptFrameError} from "../errors.js";
import {checksum} from "./checksum.js";
import {Token} from "./token.js";

addExtension({
  Class: Token,
  type: 0x54,
  write: (token: Token) => [token.tag, token.body],
  read(datum: unknown) {
    if (!Array.isArray(datum) || datum.length !== 2) throw new CorruptFrameError("bad token");
    return new Token(datum[0] as number, datum[1]);
  },
});

const values = new Packr({useRecords: false, useToJSON: false});
const messages = new Packr({useToJSON: false});

/**
 * Gives the packer another buffer after a large one, since a small slice would keep the large
 * buffer alive.
 */
function small(packr: Packr, packed: Buffer): Buffer {
  if (packed.buffer.byteLength > largeSlabBytes) packr.useBuffer(Buffer.allocUnsafeSlow(8192));
  return packed;
}
const largeSlabBytes = 256 * 1024;

/** Packs a message of the cluster: plain objects of known shape, with `Uint8Array` as raw bytes. */
export function encodeMessage(message: unknown): Uint8Array {
  return small(messages, messages.pack(message));
}
/** Unpacks a message. Its byte fields are views of `bytes`. */
export function decodeMessage(bytes: Uint8Array): unknown {
  try {
    return messages.unpack(bytes);
  } catch (error) {
    throw new CorruptFrameError("a message can't be read", {cause: error});
  }
}

// A packed tree begins with: "T", format version, flags, 0, CRC-32 of all that follows.
const magic = 0x54;
const formatVersion = 3;
const preambleBytes = 8;
/** Bits of the flags. */
export const PackedFlag = {
  /** The tree is the value: nothing has to be assembled. */
  plain: 1,
  /** Nothing in the value can be changed by a task: one copy serves many tasks. */
  constant: 2,
} as const;

export function packTree(tree: unknown, flags: number): Uint8Array {
  const bytes = small(values, values.pack(tree, RESERVE_START_SPACE | preambleBytes));
  bytes[0] = magic;
  bytes[1] = formatVersion;
  bytes[2] = flags;
  bytes[3] = 0;
  bytes.writeUInt32LE((checksum(bytes.subarray(preambleBytes)) ^ flags) >>> 0, 4);
  return bytes;
}

export function unpackTree(bytes: Uint8Array): {tree: unknown; flags: number} {
  if (bytes.byteLength <= preambleBytes || bytes[0] !== magic || bytes[3] !== 0)
    throw new CorruptFrameError("this is not an encoded value");
  if (bytes[1] !== formatVersion)
    throw new CorruptFrameError(
      `value format ${bytes[1]} is not ${formatVersion}, the one known here`,
    );
  const flags = bytes[2]!;
  const body = bytes.subarray(preambleBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if ((checksum(body) ^ flags) >>> 0 !== view.getUint32(4, true))
    throw new CorruptFrameError("the checksum of an encoded value is wrong");
  try {
    return {tree: values.unpack(body), flags};
  } catch (error) {
    throw new CorruptFrameError("an encoded value can't be read", {cause: error});
  }
}
