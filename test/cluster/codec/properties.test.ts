import assert from "node:assert/strict";
import {test} from "node:test";
import {inspect} from "node:util";
import fc from "fast-check";
import {decode, encode} from "../../../cluster/codec/codec.js";
import {CannotShipError, CorruptFrameError} from "../../../cluster/errors.js";
import {portraitOf} from "./portrait.js";
import {rareValues} from "./rare-values.js";

const anything = fc
  .anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
    withUnicodeString: true,
    maxDepth: 4,
  })
  // Node 20 holds no two invalid dates for equal; codec.test.ts has one.
  .filter((value) => !inspect(value, {depth: 9}).includes("Invalid Date"));
const runs = {numRuns: 1500, endOnFailure: true};

test("any value comes back as it was", {timeout: 60_000}, () => {
  fc.assert(
    fc.property(anything, (value) => {
      assert.deepEqual(decode(encode(value, "it").frames), value);
    }),
    runs,
  );
});

test(
  "graphs of what is seldom met come back as they were, or are refused",
  {timeout: 60_000},
  () => {
    fc.assert(
      fc.property(rareValues, (value) => {
        const before = portraitOf(value);
        const back = ifShippable(() => decode(encode(value, "it").frames));
        if (back) assert.deepEqual(portraitOf(back.value), before);
      }),
      runs,
    );
  },
);

function ifShippable(ship: () => unknown): {value: unknown} | undefined {
  try {
    return {value: ship()};
  } catch (error) {
    if (error instanceof CannotShipError) return undefined;
    throw error;
  }
}

test("the same value gives the same bytes", {timeout: 60_000}, () => {
  fc.assert(
    fc.property(anything, (value) => {
      assert.deepEqual(encode(value, "it").frames, encode(value, "it").frames);
    }),
    {...runs, numRuns: 300},
  );
});

test(
  "changed bytes give a CorruptFrameError, never a crash and never another value",
  {timeout: 60_000},
  () => {
    const change = fc.record({frame: fc.nat(), at: fc.nat(), by: fc.integer({min: 1, max: 255})});
    const values = fc
      .tuple(anything, fc.boolean())
      .map(([value, isLarge]) => (isLarge ? [value, new Float64Array(600)] : value));
    fc.assert(
      fc.property(values, change, (value, {frame, at, by}) => {
        const frames = encode(value, "it").frames.map((bytes) => bytes.slice());
        const bytes = frames[frame % frames.length]!;
        bytes[at % bytes.length]! ^= by;
        assert.throws(() => decode(frames), CorruptFrameError);
      }),
      runs,
    );
  },
);

test("random bytes give a CorruptFrameError", {timeout: 60_000}, () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({maxLength: 200}), {maxLength: 3}), (frames) => {
      assert.throws(() => decode(frames), CorruptFrameError);
    }),
    runs,
  );
});
