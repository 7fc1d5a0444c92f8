import assert from "node:assert/strict";
import {test} from "node:test";
import fc from "fast-check";
import {encodeMessage} from "../../../cluster/packing/pack.js";
import {BatchReader, encodeBatch} from "../../../cluster/io/link/wire.js";
import {maxFrameBytes} from "../../../cluster/limits.js";

interface Blob {
  kind: "object";
  request: number;
  frames: Uint8Array[];
}

/** Bytes that tell where they stand. */
function bytesOf(length: number): Uint8Array {
  return Uint8Array.from({length}, (_, index) => (index * 7 + (index >> 8)) & 255);
}
function batchOf(sizes: number[][]): Blob[] {
  return sizes.map((each, request) => ({kind: "object", request, frames: each.map(bytesOf)}));
}
/** As a socket delivers them. */
function delivered(frames: Uint8Array[]): Buffer[] {
  return frames.map((frame) => Buffer.from(frame));
}
function assertSame(batch: Blob[], expected: Blob[]): void {
  assert.equal(batch.length, expected.length);
  for (const [index, {frames}] of expected.entries()) {
    assert.equal(batch[index]!.frames.length, frames.length);
    for (const [place, frame] of frames.entries()) {
      assert.ok(Buffer.from(batch[index]!.frames[place]!).equals(frame), `${index}, ${place}`);
    }
  }
}

const size = fc.oneof(
  fc.integer({min: 0, max: 5000}),
  fc.integer({min: maxFrameBytes - 3, max: maxFrameBytes + 3}),
  fc.integer({min: 0, max: 3 * maxFrameBytes}),
);

test("no frame of any batch is longer than a socket accepts, and the batch arrives as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.array(size, {maxLength: 5}), {maxLength: 4}), (sizes) => {
      const batch = batchOf(sizes);
      const reader = new BatchReader<Blob>();
      const messages = encodeBatch(batch);
      const read = messages.map((frames) => reader.read(delivered(frames)));
      for (const frames of messages) {
        const pieces = frames.length > 1 && messages.length > 1 ? frames.slice(1) : frames;
        const bytes = pieces.reduce((total, piece) => total + piece.byteLength, 0);
        assert.ok(bytes <= maxFrameBytes && frames[0]!.byteLength <= maxFrameBytes);
      }
      assert.ok(read.slice(0, -1).every((each) => each === null));
      assertSame(read.at(-1)!, batch);
    }),
    {numRuns: 60},
  );
});

test("a buffer that fits into a frame is not copied on its way", () => {
  const messages = encodeBatch(batchOf([[100_000, 90_000, 4096]])).map(delivered);
  const reader = new BatchReader<Blob>();
  const [blob] = messages.map((frames) => reader.read(frames)).at(-1)!;
  const pieces = messages.flat();
  assert.ok(blob!.frames.every((frame) => pieces.includes(frame as Buffer)));
});

const large = encodeBatch(batchOf([[3 * maxFrameBytes]]));
const numbers = (...list: unknown[]): Uint8Array => encodeMessage(list);
const corrupt: {name: string; messages: Uint8Array[][]; says: RegExp}[] = [
  {name: "no batch", messages: [[encodeMessage({kind: "x"})]], says: /not a batch/},
  {
    name: "lists in lists, a hundred thousand deep",
    messages: [[new Uint8Array(100_000).fill(0x91)]],
    says: /can't be read/,
  },
  {
    name: "a list that claims four billion elements",
    messages: [[new Uint8Array([0xdd, 0xff, 0xff, 0xff, 0xff, 1])]],
    says: /can't be read/,
  },
  {name: "a piece of nothing", messages: [large[1]!], says: /belongs to nothing/},
  {
    name: "a batch that begins inside of another",
    messages: [large[0]!, large[0]!],
    says: /did not come to its end/,
  },
  {
    name: "a whole batch inside of another",
    messages: [large[0]!, encodeBatch([])[0]!],
    says: /did not come|not a batch/,
  },
  {
    name: "more bytes than were promised",
    messages: [[numbers(1, 4, 0), bytesOf(3), bytesOf(3)]],
    says: /belongs to nothing/,
  },
  {
    name: "a piece that did not come",
    messages: [[numbers(1, 4)]],
    says: /a piece is missing/,
  },
  {
    name: "a buffer larger than there can be",
    messages: [[numbers(1, Number.MAX_SAFE_INTEGER), bytesOf(3)]],
    says: /size|range/i,
  },
  {
    name: "a size that is none",
    messages: [[numbers(1, "many"), bytesOf(3)]],
    says: /belongs to nothing/,
  },
];
for (const {name, messages, says} of corrupt) {
  test(`${name}: refused in words, and the next batch is read`, () => {
    const reader = new BatchReader<Blob>();
    const last = messages.at(-1)!;
    for (const frames of messages.slice(0, -1)) reader.read(delivered(frames));
    assert.throws(() => reader.read(delivered(last)), says);
    const next = batchOf([[10, maxFrameBytes + 1]]);
    const read = encodeBatch(next).map((frames) => reader.read(delivered(frames)));
    assertSame(read.at(-1)!, next);
  });
}
