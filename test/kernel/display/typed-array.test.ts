import assert from "node:assert/strict";
import {test} from "node:test";
import {measure, sparkline, typedArrayHtml} from "../../../kernel/display/typed-array.js";

const lines = (html: string) =>
  html
    .replace(/<\/div>/g, "\n")
    .replace(/<[^>]+>/g, "")
    .trim()
    .split("\n");

const rows: [name: string, array: Parameters<typeof typedArrayHtml>[0], shown: string[]][] = [
  [
    "floats",
    Float64Array.of(1, 2.5, 4),
    ["Float64Array 3 elements, float64, 24 bytes", "min 1, max 4, mean 2.5", "▁▅█", "1, 2.5, 4"],
  ],
  [
    "bytes",
    Uint8ClampedArray.of(7),
    ["Uint8ClampedArray 1 element, uint8, 1 byte", "min 7, max 7, mean 7", "▁", "7"],
  ],
  [
    "big integers",
    BigInt64Array.of(-1n, 1n),
    ["BigInt64Array 2 elements, int64, 16 bytes", "min -1, max 1, mean 0", "▁█", "-1n, 1n"],
  ],
  [
    "what is no number, and what is infinite",
    Float32Array.of(NaN, 0, Infinity, 1),
    [
      "Float32Array 4 elements, float32, 16 bytes",
      "min 0, max Infinity, mean Infinity, 1 NaN",
      " ▁ █",
      "NaN, 0, Infinity, 1",
    ],
  ],
  ["no number at all", Float64Array.of(NaN), ["Float64Array 1 element, float64, 8 bytes", "NaN"]],
];
for (const [name, array, shown] of rows)
  test(`a typed array in brief: ${name}`, () => {
    assert.deepEqual(lines(typedArrayHtml(array)), shown);
  });

test("a long one has its course and its first elements", () => {
  const array = Float64Array.from({length: 100_000}, (_, i) => i);
  const {sparkline: course, ...measures} = measure(array)!;
  assert.deepEqual(measures, {min: 0, max: 99_999, mean: 49_999.5, nans: 0});
  assert.match(course, /^▁+▂+▃+▄+▅+▆+▇+█+$/);
  assert.match(lines(typedArrayHtml(array)).at(-1)!, /^0, 1, .* 11, …$/);
  assert.match(typedArrayHtml(array), /781\.3 KiB/);
});

test("nothing of a subclass runs", () => {
  class Own extends Float64Array {
    constructor(length: number) {
      super(length);
      if (length !== 20) assert.fail("made anew");
    }
  }
  assert.match(typedArrayHtml(new Own(20)), /20 elements/);
});

test("values without range lie at the floor", () => assert.equal(sparkline([5, 5]), "▁▁"));
