import assert from "node:assert/strict";
import {after, before, describe, test} from "node:test";
import {CannotShipError} from "../../../cluster/errors.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {cases} from "./cases.js";
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
