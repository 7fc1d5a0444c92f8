import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {CannotShipError} from "../../../cluster/errors.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {cases} from "./cases.js";
import {otherPlaces} from "./cases/other-places.js";
import {runCell} from "./cells.js";
import {Elsewhere} from "./elsewhere.js";

type AnyFunction = (...args: unknown[]) => unknown;

describe("a function of a cell, shipped to another process", {timeout: 60_000}, () => {
  let elsewhere: Elsewhere;
  before(() => (elsewhere = new Elsewhere()));
  after(() => elsewhere.end());

  for (const {name, cells, args = [], gives, refused, compilerOptions} of cases) {
    test(name, async () => {
      let subject: unknown;
      for (const cell of [cells].flat()) subject = await runCell(cell, "subject", compilerOptions);
      if (refused) {
        assert.throws(
          () => capture(subject as AnyFunction),
          (error) =>
            (error instanceof CannotShipError && refused.test(error.message)) ||
            assert.fail(String(error)),
        );
        return;
      }
      const result = await elsewhere.run(subject as AnyFunction, ...args);
      const expected = gives ?? (await (subject as AnyFunction)(...args));
      assert.deepEqual(result, expected);
    });
  }
});

test("each of the 73 cases of the list has a test", () => {
  const numbers = new Set(cases.map(({name}) => Number.parseInt(name)));
  for (const [number, place] of Object.entries(otherPlaces)) {
    const text = readFileSync(join(import.meta.dirname, "../..", `${place.file}.js`), "utf8");
    assert.ok(text.includes(place.test), `no test "${place.test}" in ${place.file}`);
    numbers.add(Number(number));
  }
  const missing = Array.from({length: 73}, (_, i) => i + 1).filter((n) => !numbers.has(n));
  assert.deepEqual(missing, []);
});
