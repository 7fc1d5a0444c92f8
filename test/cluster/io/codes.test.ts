// Which pieces of shipped functions travel, and what both sides remember of that.

import assert from "node:assert/strict";
import {describe, test} from "node:test";
import fc from "fast-check";
import type {ShippedCode} from "../../../cluster/backend.js";
import {BelievedCodes, KeptCodes} from "../../../cluster/io/agent/codes.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {runCell} from "../shipping/cells.js";

type AnyFunction = (...args: unknown[]) => unknown;

function send(code: ShippedCode, from: BelievedCodes, to: KeptCodes): string[] {
  const pieces = from.missing(code);
  for (const piece of pieces) to.add(piece);
  from.sent(code);
  return pieces.map(({hash}) => hash);
}

describe("the pieces of a function", () => {
  test("travel once, however often it is submitted", async () => {
    const fn = (await runCell("const k = 2; const subject = (x) => x * k")) as AnyFunction;
    const [believed, kept] = [new BelievedCodes(), new KeptCodes()];
    let sent = 0;
    for (let i = 0; i < 1e5; i++) sent += send(capture(fn).code, believed, kept).length;
    assert.equal(sent, 2, "its text, and its values");
  });
  test("are apart: a changed value does not send the text again", async () => {
    const fn = (await runCell("let level = 1; const subject = (x) => x * level")) as AnyFunction;
    const [believed, kept] = [new BelievedCodes(), new KeptCodes()];
    const first = capture(fn).code;
    send(first, believed, kept);
    await runCell("level = 2");
    const second = capture(fn).code;
    assert.deepEqual(send(second, believed, kept), [second.hash]);
    assert.notEqual(second.hash, first.hash);
    assert.equal(second.parts[0]!.hash, first.parts[0]!.hash);
  });
  test("are where their sender believes them, however many and large they are", () => {
    const sizes = [10, 1000, 40e6, 300e6];
    // Many pieces, some of them large; or few, so that all are used again and again.
    const codesOf = (most: number, every: number) => {
      const part = fc
        .nat(most)
        .map((n) => ({hash: `p${n}`, frames: [frame(sizes[n % every] ?? 10)]}));
      const code = fc
        .tuple(fc.nat(most), fc.array(part, {maxLength: 3}))
        .map(([n, parts]) => ({hash: `c${n} ${parts.map((each) => each.hash).join()}`, parts}));
      return fc.array(code, {minLength: 100, maxLength: 1500});
    };
    fc.assert(
      fc.property(fc.oneof(codesOf(700, 97), codesOf(8, 5)), (codes) => {
        const [believed, kept] = [new BelievedCodes(), new KeptCodes()];
        for (const {hash, parts} of codes) {
          send({hash, parts, frames: [frame(100)]}, believed, kept);
          const found = kept.use(hash);
          assert.deepEqual(
            found?.parts.map((each) => each.hash),
            parts.map((each) => each.hash),
          );
        }
      }),
      {numRuns: 20},
    );
  });
  test("are not kept for good", () => {
    const kept = new KeptCodes();
    for (let n = 0; n < 2000; n++) {
      kept.add({hash: `c${n}`, frames: [frame(10)], parts: []});
      kept.use(`c${n}`);
    }
    assert.equal(kept.find("c0"), undefined);
    assert.notEqual(kept.find("c1999"), undefined);
  });
});

/** Only its size counts here. */
function frame(byteLength: number): Uint8Array {
  return {byteLength} as Uint8Array;
}
