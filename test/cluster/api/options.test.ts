import assert from "node:assert/strict";
import {test} from "node:test";
import {UsageError} from "../../../cluster/errors.js";
import {checkOptions, type RemoteOptions} from "../../../cluster/api/options.js";

const refused: [options: unknown, message: string | RegExp][] = [
  [{numCpus: -1}, "numCpus: -1 of `multiply`: must be a number ≥ 0"],
  [{numCpus: NaN}, "numCpus: NaN of `multiply`: must be a number ≥ 0"],
  [{numCpus: "2"}, 'numCpus: "2" of `multiply`: must be a number ≥ 0'],
  [{numCpus: 0.00001}, "numCpus: 0.00001 of `multiply`: must be 0 or at least 0.0001"],
  [{numGpus: 1.5}, "numGpus: 1.5 of `multiply`: must be a whole number when above 1"],
  [{resources: {CPU: 1}}, 'resources: {"CPU":1} of `multiply`: "CPU" has an option of its own'],
  [{resources: {tpu: -1}}, 'resources: {"tpu":-1} of `multiply`: "tpu" must be a number ≥ 0'],
  [{resources: 3}, "resources: 3 of `multiply`: must be an object such as {tpu: 1}"],
  [{memory: 1.5}, "memory: 1.5 of `multiply`: must be a whole number of bytes ≥ 0"],
  [
    {maxRetries: -2},
    "maxRetries: -2 of `multiply`: must be a whole number ≥ 0, or -1 for without end",
  ],
  [
    {retryExceptions: [Map]},
    "retryExceptions: [Map] of `multiply`: must be true, false or a list of error classes such as [RangeError]",
  ],
  [{timeoutMs: 0}, "timeoutMs: 0 of `multiply`: must be a number of milliseconds > 0"],
  [{priority: Infinity}, "priority: Infinity of `multiply`: must be a number; higher goes first"],
  [{name: ""}, 'name: "" of `multiply`: must be a text that is not empty'],
  [
    {numReturns: 2},
    "numReturns: 2 of `multiply`: must be 1; for several values return an array, `get` gives it whole",
  ],
  [{num_cpus: 2}, "unknown option num_cpus of `multiply`: did you mean numCpus?"],
  [{maxRetrys: 2}, "unknown option maxRetrys of `multiply`: did you mean maxRetries?"],
  [{constructor: 2}, /^unknown option constructor of `multiply`: known are numCpus, /],
  [
    {maxRestarts: 1},
    "maxRestarts of `multiply`: is for actors, which classes make; a function has none of its own",
  ],
  [{maxTaskRetries: 1}, /^maxTaskRetries of `multiply`: .*; maxRetries is for its tasks$/],
  [{runtimeEnv: {}}, "runtimeEnv of `multiply`: not in this version; leave it out"],
  [3, "options of `multiply`: 3: must be an object such as {numCpus: 2}"],
];

for (const [options, message] of refused) {
  test(`an option that can't be right is refused: ${String(message)}`, () => {
    assert.throws(
      () => checkOptions(options as RemoteOptions, "multiply"),
      (error: unknown) => {
        assert(error instanceof UsageError && error instanceof TypeError);
        if (typeof message === "string") assert.equal(error.message, message);
        else assert.match(error.message, message);
        return true;
      },
    );
  });
}

test("without options a task takes one CPU and survives three lost workers", () => {
  assert.deepEqual(checkOptions({}, "f"), {
    name: undefined,
    task: {resources: {CPU: 1}, maxRetries: 3, retryExceptions: false, priority: 0},
  });
});

test("amounts are counted in steps of 0.0001 and zeros left out", () => {
  const {task} = checkOptions(
    {numCpus: 1 / 3, numGpus: 0.5, memory: 1000, resources: {tpu: 2, net: 0}},
    "f",
  );
  assert.deepEqual(task.resources, {CPU: 0.3333, GPU: 0.5, memory: 1000, tpu: 2});
  assert.deepEqual(checkOptions({numCpus: 0}, "f").task.resources, {});
});

test("classes of errors to retry travel as their names", () => {
  class Busy extends Error {}
  assert.deepEqual(checkOptions({retryExceptions: [Busy, RangeError]}, "f").task.retryExceptions, [
    "Busy",
    "RangeError",
  ]);
});
