// The library's refusals, as tests expect them.

import assert from "node:assert/strict";
import {UsageError} from "../../cluster/index.js";

export function refuses(run: () => unknown, message: RegExp | string) {
  return assert.rejects(
    async () => run(),
    (error: unknown) => {
      assert(error instanceof UsageError, String(error));
      if (typeof message === "string") assert.equal(error.message, message);
      else assert.match(error.message, message);
      return true;
    },
  );
}
