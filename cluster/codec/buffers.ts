// Raw memory beside the tree: bytes of typed arrays and of lists of numbers. Large memory travels
// as frames of its own and is never copied here; small memory lies inside of the header.

import {inspect} from "node:util";
import {CorruptFrameError} from "../errors.js";
import {checksum} from "../packing/checksum.js";

/** Memory of this size or more gets a frame of its own (a frame costs some microseconds). */
export const outOfBandBytes = 4096;
/** Lists of fewer numbers stay lists in the tree. */
export const flattenFrom = 64;

/**
 * An entry of the header. `data` is the bytes themselves, or how many bytes the next frame has, or
 * the hash of the part that holds the bytes. `whole` says that the bytes are all of an ArrayBuffer.
 * `crc` is the checksum of the frame, or 0.
 */
export type RawEntry = [data: Uint8Array | number | string, whole: boolean, crc: number];

/** Makes a part of large memory and gives the hash of the part. */
export type SetApart = (memory: ArrayBuffer, bytes: Uint8Array, isFresh: boolean) => string;
/** Larger memory that a function captures travels apart from the function. */
export const apartBytes = 100 * 1024;

/**
 * Larger frames have no checksum: to sum one would take longer than to send it, and links
 * authenticate frames.
 */
const summedBytes = 1024 * 1024;

function sumOf(bytes: Uint8Array): number {
  return bytes.byteLength > summedBytes ? 0 : checksum(bytes);
}

interface Region {
  memory: ArrayBuffer;
  start: number;
  end: number;
  whole: boolean;
  /** The memory was made for this encoding: nobody else writes to it. */
  fresh: boolean;
  /**
   * Bodies of the tokens of views. In the end the third member is the offset from the region's
   * start.
   */
  views: unknown[][];
}

export class BufferWriter {
  readonly #regions: Region[] = [];
  readonly #byMemory = new Map<ArrayBuffer, number>();

  /** Adds memory that was made for this encoding alone. */
  addFresh(numbers: Float64Array | Uint8Array): number {
    return this.#regions.push(regionOf(numbers.buffer as ArrayBuffer, true)) - 1;
  }
  addWhole(memory: ArrayBuffer): number {
    const index = this.#indexOf(memory);
    const region = this.#regions[index]!;
    region.start = 0;
    region.end = memory.byteLength;
    region.whole = true;
    return index;
  }
  /**
   * Adds a view's memory: `body[1]` becomes the index of the region, `body[2]` the offset of the
   * view.
   */
  addView(view: ArrayBufferView, body: unknown[]): void {
    const memory = view.buffer as ArrayBuffer;
    const start = view.byteOffset - (view.byteOffset % 8);
    const end = view.byteOffset + view.byteLength;
    const index = isPooled(view) ? this.#pooledIndexOf(memory, start, end) : this.#indexOf(memory);
    const region = this.#regions[index]!;
    const isFirst = region.views.length === 0 && !region.whole;
    region.start = isFirst ? start : Math.min(region.start, start);
    region.end = isFirst ? end : Math.max(region.end, end);
    body[1] = index;
    body[2] = view.byteOffset;
    region.views.push(body);
  }

  /**
   * Gives the header's entries. Large regions are appended to `frames`, as copies when these are to
   * be `own`.
   */
  finish(frames: Uint8Array[], own: boolean, setApart?: SetApart): RawEntry[] {
    return this.#regions.map(({memory, start, end, whole, fresh, views}) => {
      for (const body of views) body[2] = (body[2] as number) - start;
      let bytes = new Uint8Array(memory, start, end - start);
      if (bytes.byteLength < outOfBandBytes) return [bytes, whole, 0];
      if (setApart && bytes.byteLength > apartBytes)
        return [setApart(memory, bytes, fresh), whole, 0];
      if (own && !fresh) bytes = bytes.slice();
      frames.push(bytes);
      return [bytes.byteLength, whole, sumOf(bytes)];
    });
  }

  /** The memory of the user's that is in the value. */
  memories(): Set<ArrayBuffer> {
    return new Set(this.#regions.flatMap(({memory, fresh}) => (fresh ? [] : [memory])));
  }

  #indexOf(memory: ArrayBuffer): number {
    let index = this.#byMemory.get(memory);
    if (index === undefined) {
      index = this.#regions.push(regionOf(memory, false)) - 1;
      this.#byMemory.set(memory, index);
    }
    return index;
  }
  /**
   * Finds the region of a pooled view. Buffers from Node's pool share its memory by chance, so only
   * those that overlap belong together.
   */
  #pooledIndexOf(memory: ArrayBuffer, start: number, end: number): number {
    const index = this.#regions.findIndex(
      (region) => region.memory === memory && region.start < end && start < region.end,
    );
    return index >= 0 ? index : this.#regions.push(regionOf(memory, false)) - 1;
  }
}

function regionOf(memory: ArrayBuffer, fresh: boolean): Region {
  return {memory, start: 0, end: fresh ? memory.byteLength : 0, whole: false, fresh, views: []};
}

function isPooled(view: ArrayBufferView): boolean {
  return (
    Buffer.isBuffer(view) &&
    view.buffer.byteLength === Buffer.poolSize &&
    view.byteLength < view.buffer.byteLength
  );
}

export class BufferReader {
  readonly #raws: (Uint8Array | null)[];
  readonly #whole: boolean[];

  constructor(
    entries: RawEntry[],
    frames: readonly Uint8Array[],
    findApart: (hash: string) => Uint8Array,
  ) {
    let next = 1;
    this.#whole = entries.map((entry) => entry[1]);
    this.#raws = entries.map(([data, , crc]) => {
      if (typeof data === "string") return findApart(data);
      // Small memory is copied out, aligned, so that it doesn't keep the whole message alive.
      if (typeof data !== "number") return new Uint8Array(data);
      const frame = frames[next++];
      if (frame?.byteLength !== data)
        throw new CorruptFrameError(
          `a raw frame of ${data} bytes is ${frame ? `${frame.byteLength} bytes long` : "missing"}`,
        );
      if (crc !== sumOf(frame)) throw new CorruptFrameError("the checksum of a raw frame is wrong");
      return frame;
    });
    if (next !== frames.length)
      throw new CorruptFrameError(`${frames.length} frames where ${next} belong to the value`);
  }

  /** Gives memory on which a view of elements of `align` bytes may be laid, at `base`. */
  memory(index: unknown, align = 8): {memory: ArrayBuffer; base: number; byteLength: number} {
    let bytes = this.#raws[index as number];
    if (!bytes) throw new CorruptFrameError("an encoded value names a buffer that is not there");
    const isExact = bytes.byteOffset === 0 && bytes.buffer.byteLength === bytes.byteLength;
    if (bytes.byteOffset % align !== 0 || (this.#whole[index as number] && !isExact))
      bytes = this.#raws[index as number] = new Uint8Array(bytes);
    return {
      memory: bytes.buffer as ArrayBuffer,
      base: bytes.byteOffset,
      byteLength: bytes.byteLength,
    };
  }
}

/** Gives all elements as floats, or null when one of them is not a number. */
export function flattenNumbers(list: readonly unknown[]): Float64Array | null {
  const flat = new Float64Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const element = list[i];
    if (typeof element !== "number") return null;
    flat[i] = element;
  }
  return flat;
}

export interface Matrix {
  flat: Float64Array;
  /** The length that all rows have, or the length of each row. */
  columns: number | number[];
}

/** Gives a list of lists of numbers, rectangular or ragged, as floats; null for any other list. */
export function flattenMatrix(
  rows: readonly unknown[],
  isPlainRow: (row: unknown[]) => boolean,
): Matrix | null {
  let total = 0;
  let isRectangular = true;
  const width = (rows[0] as unknown[]).length;
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r];
    if (!Array.isArray(row)) return null;
    total += row.length;
    if (row.length !== width) isRectangular = false;
  }
  if (total < flattenFrom || new Set(rows).size !== rows.length) return null;
  const flat = new Float64Array(total);
  let at = 0;
  for (const row of rows as unknown[][]) {
    for (let i = 0; i < row.length; i++) {
      const element = row[i];
      if (typeof element !== "number") return null;
      flat[at++] = element;
    }
    if (!isPlainRow(row)) return null;
  }
  return {flat, columns: isRectangular ? width : (rows as unknown[][]).map((row) => row.length)};
}

/**
 * Tells whether the array (typed or not) has elements only, and no other property. Cheap for long
 * arrays.
 */
export function hasOnlyElements(list: ArrayLike<unknown>): boolean {
  const count = list.length;
  if (count < 2) return Reflect.ownKeys(list).length === count + (Array.isArray(list) ? 1 : 0);
  const text = inspect(list, elementsHidden);
  if (Array.isArray(list)) return text.endsWith(`... ${count} more items, [length]: ${count} ]`);
  return endOfView.test(text);
}
/** The end of what `inspect` gives of such a view: own properties would follow it. */
const endOfView = /more items, [^{}]*, \[buffer\]: ArrayBuffer \{[^{}]*\} \]$/;
const elementsHidden = {
  maxArrayLength: 0,
  depth: 0,
  customInspect: false,
  showHidden: true,
  getters: false,
  breakLength: Infinity,
  compact: 3,
  colors: false,
  sorted: false,
} as const;
