import assert from "node:assert/strict";
import test from "node:test";
import type {RunId} from "../../../cluster/ids.js";
import type {CallId} from "../../../cluster/trace.js";
import {eventsOf, latestRun, latestTask, modelOf, twinOf} from "../../../kernel/magics/recorded.js";
import {expensive, tutorial} from "../../extensions/stories.js";

const twoRuns = () => tutorial().events;

test("a bundle holds what belongs to its runs, and the workers, which belong to all", () => {
  const events = twoRuns();
  const [first, second] = events.flatMap((event) =>
    event.kind === "run-started" ? [event.run] : [],
  );
  const here = eventsOf(events, [first!]);
  const there = eventsOf(events, [second!]);
  assert.ok(here.some((event) => event.kind === "call-ended"));
  assert.ok(!here.some((event) => event.kind.startsWith("task-")));
  assert.ok(there.some((event) => event.kind === "task-ended"));
  assert.ok(there.some((event) => event.kind === "object-fetched"));
  assert.ok(!there.some((event) => event.kind.startsWith("call-")));
  for (const bundle of [here, there])
    assert.equal(bundle.filter((event) => event.kind === "worker-joined").length, 2);
  assert.equal(eventsOf(events, [first!, second!]).length, events.length);
});

test("twins are the latest sequential and the latest distributed run of one name", () => {
  const started = (run: string, mode: "sequential" | "distributed", name: string) =>
    ({kind: "run-started", at: 0, run: run as RunId, mode, name, cell: 1}) as const;
  const called = (run: string) =>
    ({
      kind: "call-started",
      at: 1,
      call: `call of ${run}` as CallId,
      run: run as RunId,
      parent: null,
      fn: "f",
    }) as const;
  const events = [
    started("r1", "sequential", "a"),
    started("r2", "distributed", "a"),
    started("r3", "sequential", "b"),
    started("r4", "sequential", "a"),
    started("r5", "sequential", "a"),
    ...["r1", "r2", "r3", "r4"].map(called),
  ];
  const model = modelOf(events);
  assert.deepEqual(
    twinOf(model, "a").map(({id}) => id),
    ["r4", "r2"],
    "a run that called nothing is no twin",
  );
  assert.deepEqual(
    twinOf(model, "b").map(({id}) => id),
    ["r3"],
  );
  assert.equal(latestRun(model).id, "r5");
  assert.equal(latestRun(model, "b").id, "r3");
  assert.throws(() => latestRun(model, "c"), /no run is called "c"; recorded: a, b/);
  assert.throws(() => latestRun(modelOf([])), /run a cell that begins with %%sequential/);
});

test("the task to follow is the latest one of its function that finished", () => {
  const model = modelOf(twoRuns());
  const followed = latestTask(model, expensive);
  assert.equal(followed.fn, expensive);
  assert.throws(() => latestTask(model, "nothing"), /no task of nothing has run; tasks so far: /);
  assert.throws(() => latestTask(modelOf([])), /no task has run yet/);
});
