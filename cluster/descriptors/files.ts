// Redirects writes of `node:fs` to the descriptors 1 and 2, which loggers make: they go the way of
// `process.stdout` and `process.stderr`, and so keep their place among the lines of these streams.

import fs from "node:fs";
import {syncBuiltinESMExports} from "node:module";

type Call = (...args: unknown[]) => unknown;
type Done = (error: Error | null, written: number, data: unknown) => void;

/**
 * Redirects the writes of this thread from now on. `isWanted` tells whether there is a place to
 * which a write can go now.
 */
export function redirectWrites(isWanted: () => boolean): void {
  const streamOf = (fd: unknown) =>
    (fd !== 1 && fd !== 2) || !isWanted() ? null : fd === 1 ? process.stdout : process.stderr;
  const write = (fd: unknown, bytes: Uint8Array | null) => {
    const stream = bytes && streamOf(fd);
    if (!stream) return null;
    stream.write(bytes);
    return bytes.byteLength;
  };
  replace("writeSync", (original) => (fd, data, ...how) => {
    return write(fd, bytesOf(data, how)) ?? original(fd, data, ...how);
  });
  replace("writevSync", (original) => (fd, views, ...how) => {
    return write(fd, joined(views)) ?? original(fd, views, ...how);
  });
  replace("writeFileSync", (original) => (file, data, ...how) => {
    if (write(file, bytesOf(data, [encodingOf(how[0])])) === null) original(file, data, ...how);
  });
  replace("write", (original) => (fd, data, ...how) => {
    const done = how.at(-1) as Done;
    const written = write(fd, bytesOf(data, how.slice(0, -1)));
    if (written === null) return original(fd, data, ...how);
    return process.nextTick(done, null, written, data);
  });
  replace("writev", (original) => (fd, views, ...how) => {
    const written = write(fd, joined(views));
    if (written === null) return original(fd, views, ...how);
    return process.nextTick(how.at(-1) as Done, null, written, views);
  });
  syncBuiltinESMExports();
}

function replace(name: keyof typeof fs & string, by: (original: Call) => Call): void {
  const original = fs[name] as unknown as Call;
  const replacement = by(original);
  Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
  Object.assign(fs, {[name]: replacement});
}

/**
 * The bytes that a call of `write` names; null for bad arguments, which are left to Node's checks.
 */
function bytesOf(data: unknown, how: readonly unknown[]): Uint8Array | null {
  if (typeof data === "string") {
    const encoding = how.find((one) => typeof one === "string");
    if (encoding !== undefined && !Buffer.isEncoding(encoding)) return null;
    return Buffer.from(data, encoding);
  }
  if (!ArrayBuffer.isView(data)) return null;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const named = (typeof how[0] === "object" && how[0] !== null ? how[0] : {}) as Record<
    "offset" | "length",
    unknown
  >;
  const offset = named.offset ?? (typeof how[0] === "number" ? how[0] : 0);
  const length = named.length ?? (typeof how[1] === "number" ? how[1] : undefined);
  if (!isCount(offset, bytes.length)) return null;
  if (length === undefined) return bytes.subarray(offset);
  return isCount(length, bytes.length - offset) ? bytes.subarray(offset, offset + length) : null;
}

function isCount(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

function joined(views: unknown): Uint8Array | null {
  if (!Array.isArray(views) || !views.every((view) => ArrayBuffer.isView(view))) return null;
  return Buffer.concat(
    views.map(
      ({buffer, byteOffset, byteLength}: ArrayBufferView) =>
        new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength),
    ),
  );
}

function encodingOf(options: unknown): unknown {
  return typeof options === "string" ? options : (options as {encoding?: unknown} | null)?.encoding;
}
