// A cell's path: how a client and the kernel name the same text without telling each other. Both
// hash it (murmur2, as `debugInfo` says) and put a prefix and a suffix around; no such file exists.

import {tmpdir} from "node:os";
import {join, sep} from "node:path";

export const hashSeed = 0xc70f6907;
/** Of this process alone: a client that meets another prefix knows that the kernel is a new one. */
export const pathPrefix = join(tmpdir(), `tasklab_${process.pid}`) + sep;
export const pathSuffix = ".ts";

export function cellPath(code: string): string {
  return `${pathPrefix}${murmur2(code, hashSeed)}${pathSuffix}`;
}

const multiplier = 0x5bd1e995;

/** MurmurHash2 of the text's UTF-8 bytes, 32 bits. */
export function murmur2(text: string, seed: number): number {
  const bytes = Buffer.from(text, "utf8");
  const mix = (value: number) => Math.imul(value, multiplier);
  const whole = bytes.length - (bytes.length % 4);
  let hash = seed ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    const block = mix(bytes.readInt32LE(at));
    hash = mix(hash) ^ mix(block ^ (block >>> 24));
  }
  if (whole < bytes.length) {
    for (let at = whole; at < bytes.length; at++) hash ^= bytes[at]! << (8 * (at - whole));
    hash = mix(hash);
  }
  hash = mix(hash ^ (hash >>> 13));
  return (hash ^ (hash >>> 15)) >>> 0;
}
