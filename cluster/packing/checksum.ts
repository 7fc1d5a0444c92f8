// CRC-32, as zlib computes it.

import * as zlib from "node:zlib";

/** Node before 20.15 has no `crc32`. */
const native = (zlib as {crc32?: (bytes: Uint8Array) => number}).crc32;

/** Computes the checksum. For short inputs, JavaScript is faster. */
export function checksum(bytes: Uint8Array): number {
  if (native && bytes.byteLength > 64) return native(bytes);
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = crcTable[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
const crcTable = new Int32Array(256);
for (let i = 0; i < 256; i++) {
  let crc = i;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  crcTable[i] = crc;
}
