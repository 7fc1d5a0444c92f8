// Reading a file whole where a user, or the code of a cell, names it. The name may be that of a
// device that never ends, of a pipe in which nothing comes, or of a file that grows: the size that
// the system tells is worth little. So a name that is no file's is refused before it is opened, and
// reading stops at a limit whatever the size was.

import {closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats} from "node:fs";
import {bytesText} from "../../sizes.js";

/** A path that is not read, by a decision of ours. */
export class FileRefusedError extends Error {
  override name = "FileRefusedError";
  /** The reason for the refusal, to be said after the path: "is a device, and no file". */
  readonly why: string;
  constructor(path: string, why: string) {
    super(`${path} ${why}`);
    this.why = why;
  }
}

/**
 * The bytes of a file. Throws FileRefusedError when it is no file, or when there are more than
 * `maxBytes`; and the system's own errors, such as ENOENT. Files that have no size (as in /proc)
 * are read.
 */
export function readWhole(path: string, maxBytes: number): Buffer {
  checkIsFile(path, statSync(path));
  // By now the path may name another thing: opening a pipe must not wait for its writer.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(file);
    checkIsFile(path, stats);
    if (stats.size > maxBytes) throw tooLarge(path, `has ${bytesText(stats.size)}`, maxBytes);
    const parts: Buffer[] = [];
    let read = 0;
    for (let part = next(file, stats.size); part.length > 0; part = next(file, 0)) {
      parts.push(part);
      read += part.length;
      if (read > maxBytes) throw tooLarge(path, "goes on and on", maxBytes);
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  } finally {
    closeSync(file);
  }
}

/** Reads a file as text in UTF-8. Bytes that are no UTF-8 become U+FFFD. */
export function readText(path: string, maxBytes: number): string {
  return readWhole(path, maxBytes).toString("utf8");
}

/** Tells whether a path is a file of at most `maxBytes`, for readers that are not ours. */
export function isReadable(path: string, maxBytes: number): boolean {
  const stats = statSync(path, {throwIfNoEntry: false});
  return stats !== undefined && stats.isFile() && stats.size <= maxBytes;
}

const leastPart = 64 * 1024;

function next(file: number, expected: number): Buffer {
  const part = Buffer.allocUnsafe(Math.max(expected, leastPart));
  return part.subarray(0, readSync(file, part, 0, part.length, null));
}

function checkIsFile(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  const [, kind = "something else"] = kinds.find(([is]) => is(stats)) ?? [];
  throw new FileRefusedError(path, `is ${kind}${stats.isDirectory() ? "" : ", and no file"}`);
}

const kinds: readonly [(stats: Stats) => boolean, string][] = [
  [(stats) => stats.isDirectory(), "a folder"],
  [(stats) => stats.isCharacterDevice() || stats.isBlockDevice(), "a device"],
  [(stats) => stats.isFIFO(), "a pipe"],
  [(stats) => stats.isSocket(), "a socket"],
];

function tooLarge(path: string, what: string, maxBytes: number): FileRefusedError {
  return new FileRefusedError(path, `${what}; at most ${bytesText(maxBytes)} are read`);
}
