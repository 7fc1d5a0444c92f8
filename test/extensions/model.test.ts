import assert from "node:assert/strict";
import {test} from "node:test";
import fc from "fast-check";
import {taskId} from "../../cluster/ids.js";
import type {TraceEvent} from "../../cluster/trace.js";
import {checkBundle, viewOf} from "../../extensions/execution/views/bundle.js";
import {chromeTrace} from "../../extensions/execution/model/chrome-trace.js";
import {clusterView} from "../../extensions/execution/model/cluster-view.js";
import {steps} from "../../extensions/execution/model/steps.js";
import {viewNamed, views} from "../../extensions/execution/views/all.js";
import {twinView} from "../../extensions/execution/views/twin.js";
import {timeline} from "../../extensions/execution/model/timeline.js";
import {TraceModel} from "../../extensions/execution/model/trace-model.js";
import {twin} from "../../extensions/execution/model/twin.js";
import {duration, needs, size} from "../../extensions/execution/model/words.js";
import {Story} from "./story.js";
import {
  autoscaled,
  distributedRun,
  expensive,
  multiply,
  sequentialRun,
  sum,
  troubled,
  tutorial,
} from "./stories.js";

function modelOf(events: readonly TraceEvent[]): TraceModel {
  const model = new TraceModel();
  model.add(events);
  return model;
}

function allViews(model: TraceModel): string {
  return JSON.stringify([twin(model), timeline(model), steps(model), clusterView(model)]);
}

test("events in any order, some of them twice, give the same views", () => {
  for (const story of [tutorial(), autoscaled(), troubled()]) {
    const expected = allViews(modelOf(story.events));
    const order = fc.shuffledSubarray(story.events, {minLength: story.events.length});
    const again = fc.subarray(story.events);
    fc.assert(
      fc.property(order, again, (events, twice) => {
        assert.equal(allViews(modelOf([...events, ...twice])), expected);
      }),
      {numRuns: 15},
    );
  }
});

test("events one by one, in order, give the same views as all at once", () => {
  const {events} = tutorial();
  const model = new TraceModel();
  for (const event of events.toSorted((a, b) => a.at - b.at)) model.add([event]);
  assert.equal(allViews(model), allViews(modelOf(events)));
});

test("the twin compares the newest two runs of a name", () => {
  const view = twin(modelOf(tutorial().events));
  assert.equal(view?.sequential?.figures.runs, 10);
  assert.equal(view?.distributed?.figures.runs, 10);
  assert.equal(view?.distributed?.figures.workers, 2);
  assert.equal(view?.ideal?.workers, 2);
  assert.equal(view?.nowUs, null);
  assert.deepEqual(
    view?.legend.map((entry) => [entry.fn, entry.colour, entry.needs]),
    [
      [expensive, 0, ""],
      [multiply, 1, "2 CPUs"],
      [sum, 2, ""],
    ],
  );
});

test("the ideal is the measured calls, all of them, split so that all workers end together", () => {
  const view = twin(modelOf(tutorial().events));
  const lengths = view?.ideal?.lanes.map((lane) =>
    lane.bars.reduce((total, bar) => total + (bar.to ?? 0) - bar.from, 0),
  );
  const measured = view?.sequential?.lane.bars.filter(({depth}) => depth === 0) ?? [];
  const total = measured.reduce((sumUs, bar) => sumUs + (bar.to ?? 0) - bar.from, 0);
  for (const length of lengths ?? []) assert.ok(Math.abs(length - total / 2) < 1);
});

const sentences: [string, (story: Story) => void, string | RegExp][] = [
  [
    "both runs",
    (story) => void distributedRun(story, sequentialRun(story) + 50),
    /^10 runs on 2 workers took 0\.6\d s instead of 1\.\d\d s: 1\.8×, 9\d % of ideal$/,
  ],
  [
    "the sequential run alone claims nothing about a cluster",
    (story) => void sequentialRun(story),
    "10 runs in one process, one after another, took 1.11 s.",
  ],
  [
    "the distributed run alone says how to compare",
    (story) => void distributedRun(story, 0),
    "10 runs on 2 workers took 0.61 s. To compare, run the same calls in a %%sequential cell.",
  ],
  [
    "runs of different work are not compared",
    (story) => void distributedRun(story, sequentialRun(story) + 50, {runs: 4}),
    /^4 runs on 2 workers took .*; the sequential run had 10 runs, so the two are not compared\.$/,
  ],
  [
    "an empty run",
    (story) => {
      story.startRun(0, "sequential");
      story.endRun(3);
    },
    /no function of the notebook was called/,
  ],
];
for (const [name, tell, expected] of sentences)
  test(`the sentence: ${name}`, () => {
    const story = new Story();
    tell(story);
    const view = twin(modelOf(story.events));
    assert.ok(view !== null);
    if (typeof expected === "string") assert.equal(view.sentence, expected);
    else assert.match(view.sentence, expected);
  });

test("an interrupted sequential run is not a baseline", () => {
  const story = new Story();
  story.startRun(0, "sequential", {cell: 1});
  story.call("slow", 1, 40);
  story.call("slow", 41, null);
  story.endRun(60, "interrupted");
  story.startRun(100, "distributed", {cell: 2});
  for (let index = 0; index < 2; index++) {
    const task = story.submit("slow", 101);
    story.start(task, 102, `w${index}`);
    story.end(task, 140);
  }
  story.endRun(141);
  const view = twin(modelOf(story.events));
  assert.ok(view !== null);
  assert.match(view.sentence, /The sequential run did not finish: 1 finished, 1 cancelled\.$/);
  assert.equal(view.sequential?.figures.tookUs, 59_000);
});

test("while it runs, the sentence says how far it is and the axis knows now", () => {
  const story = tutorial();
  const now = 1_900_000;
  const view = twin(modelOf(story.until(1_900)), {now});
  assert.match(
    view!.sentence,
    /^10 runs on 2 workers: \d of 10 done after 0\.3\d s; one after another took 1\.11 s$/,
  );
  assert.equal(view?.nowUs, now - view!.zero);
  const running = view!.distributed!.groups.flatMap(({lanes}) => lanes.flatMap(({bars}) => bars));
  assert.ok(running.some((bar) => bar.to === null && bar.state === "running"));
});

test("nested tasks share their run's number and lie below their parent", () => {
  const view = twin(modelOf(tutorial().events));
  const bars = view!.distributed!.groups.flatMap(({lanes}) => lanes.flatMap((lane) => lane.bars));
  for (const bar of bars.filter(({depth}) => depth === 1)) {
    const parent = bars.find(({span}) => span === bar.parent);
    assert.equal(bar.ordinal, parent?.ordinal);
    assert.ok(bar.row > (parent?.row ?? Infinity));
  }
});

test("bars of one row never overlap", () => {
  for (const story of [tutorial(), autoscaled(), troubled()])
    for (const {lanes} of timeline(modelOf(story.events))?.groups ?? [])
      for (const {bars} of lanes)
        for (const [index, bar] of bars.entries())
          for (const other of bars.slice(index + 1))
            if (other.row === bar.row)
              assert.ok(other.from >= (bar.to ?? Infinity) || bar.from >= (other.to ?? Infinity));
});

test("a lost worker's task shows both attempts, and counts once", () => {
  const view = timeline(modelOf(troubled().events));
  const bars = view!.groups.flatMap(({lanes}) => lanes.flatMap((lane) => lane.bars));
  const states = bars.filter(({fn}) => fn === "render").map((bar) => [bar.state, bar.attempt]);
  assert.deepEqual(states, [
    ["lost", 1],
    ["finished", 2],
  ]);
  assert.equal(view?.figures.runs, 5);
  assert.deepEqual([view?.figures.done, view?.figures.failed, view?.figures.cancelled], [3, 1, 1]);
  const crashed = view!.groups[0]!.lanes.find((lane) => lane.left?.reason === "crashed");
  assert.equal(crashed?.label, "worker 1");
});

test("a task on a worker that left without a word is lost, not running for ever", () => {
  const story = new Story();
  story.startRun(0, "distributed");
  const task = story.submit("f", 1);
  story.joinWorker("w1", -5, -2);
  story.start(task, 3, "w1");
  story.leaveWorker("w1", 20, "crashed");
  const view = timeline(modelOf(story.events), {now: 100_000});
  assert.equal(view?.groups[0]?.lanes[0]?.bars[0]?.state, "lost");
  assert.equal(view?.groups[0]?.lanes[0]?.bars[0]?.to, 19_000);
});

test("idle time has the reason that the trace proves", () => {
  const story = new Story();
  story.joinNode(0, {cpus: 2});
  story.joinWorker("w1", 0, 1);
  story.joinWorker("w2", 0, 1);
  story.startRun(9, "distributed");
  const wide = story.submit("wide", 10, {cpus: 2});
  const next = story.submit("next", 10);
  const last = story.submit("last", 10, {args: [next]});
  story.start(wide, 11, "w1");
  story.end(wide, 50);
  story.start(next, 51, "w1");
  story.end(next, 80);
  story.start(last, 81, "w1");
  story.end(last, 110);
  story.endRun(111);
  const idle = timeline(modelOf(story.events))?.groups[0]?.lanes[1]?.idle ?? [];
  assert.ok(idle.length === 1 && idle[0]?.reason !== undefined);
  const lanes = timeline(modelOf(story.events.filter((event) => event.at <= 40_000)), {
    now: 40_000,
  });
  assert.deepEqual(
    lanes?.groups[0]?.lanes[1]?.idle.map(({reason}) => reason),
    ["not enough free CPUs"],
  );
});

test("functions keep the colour that they got first", () => {
  const model = new TraceModel();
  const call = (fn: string, at: number): TraceEvent =>
    ({kind: "call-started", at, call: `${fn}${at}`, run: "r", parent: null, fn}) as TraceEvent;
  model.add([call("b", 2), call("a", 1)]);
  model.add([call("early", 0)]);
  assert.deepEqual(
    ["a", "b", "early"].map((fn) => model.colour(fn)),
    [0, 1, 2],
  );
  model.add(Array.from({length: 9}, (_, index) => call(`f${index}`, 10 + index)));
  assert.equal(model.colour("f8"), 8);
  // A later run of others begins anew.
  const later = Array.from({length: 5}, (_, index) => ({
    ...call(`g${index}`, 30 + index),
    run: "later",
  })) as TraceEvent[];
  model.add(later);
  assert.equal(new Set([0, 1, 2, 3, 4].map((index) => model.colour(`g${index}`))).size, 5);
  assert.ok([0, 1, 2, 3, 4].every((index) => model.colour(`g${index}`) < 8));
});

test("steps tell the way of one task in order, each with its time", () => {
  const view = steps(modelOf(tutorial().events));
  assert.deepEqual(
    view?.steps.map(({kind}) => kind),
    ["called", "submitted", "autoscaled", "scheduled", "executed", "stored", "fetched"],
  );
  const [called, , scaled, , ran, , fetched] = view!.steps;
  assert.equal(called?.title, `${expensive}.remote(…) is called with its inputs`);
  assert.match(scaled!.detail, /no worker had to be started/);
  assert.match(ran!.detail, /waiting in get for computeMatrixSum/);
  assert.ok(fetched!.to! > ran!.to!);
});

test("steps tell of the autoscaler, of retries and of failures", () => {
  const grown = modelOf(autoscaled().events);
  const late = grown.spansOf(grown.runsByStart()[0]!.id)[2]!;
  const scaled = steps(grown, {task: taskId(late.id.slice(0, 16))})?.steps[2];
  assert.equal(scaled?.detail, "11 tasks wait for a free process");
  const trouble = modelOf(troubled().events);
  const failed = steps(trouble, {task: taskId("0000000000000002")});
  assert.match(failed!.steps.at(-1)!.detail, /RangeError: row 7/);
  assert.equal(failed!.steps.at(-1)!.state, "failed");
  const retried = steps(trouble, {task: taskId("0000000000000004")});
  assert.equal(retried?.steps.filter(({kind}) => kind === "scheduled").length, 2);
});

test("the cluster shows workers joining and leaving, and why", () => {
  const view = clusterView(modelOf(autoscaled().events));
  assert.deepEqual(
    view?.nodes[0]?.workers.map(({label, left}) => [label, left?.reason]),
    [
      ["worker 1", undefined],
      ["worker 2", "idle"],
      ["worker 3", "idle"],
      ["worker 4", "idle"],
    ],
  );
  assert.deepEqual(
    view?.scaling.map(({wanted}) => wanted),
    [4, 1],
  );
});

test("the cluster's picture stands still while nothing happens, and shows its last minute", () => {
  const model = modelOf(autoscaled().events);
  const hour = 3600e6;
  const idle = clusterView(model, {now: hour});
  assert.equal(idle?.nowUs, null);
  assert.ok(idle!.untilUs < 5e6);
  assert.match(idle!.sentence, /up for 60 min 0 s/);
  const story = new Story();
  story.joinWorker("late", hour / 1000, hour / 1000 + 50);
  model.add(story.events);
  const later = clusterView(model, {now: hour + 60_000});
  assert.equal(later?.zero, hour + 50_000 - 60e6);
  assert.deepEqual(
    later?.nodes[0]?.workers.map(({label}) => label),
    ["worker 1", "worker 5"],
  );
});

test("a table has the same bars as the picture", () => {
  const view = twin(modelOf(tutorial().events))!;
  const {columns, rows} = twinView.show(view).table();
  assert.equal(rows.length, 60);
  assert.ok(rows.every((row) => row.length === columns.length));
});

test("a Chrome trace has every attempt, on its worker's thread", () => {
  const {traceEvents} = chromeTrace(modelOf(tutorial().events));
  const slices = traceEvents.filter(({ph}) => ph === "X");
  assert.equal(slices.length, 60);
  assert.deepEqual(
    [...new Set(slices.map(({pid, tid}) => `${pid}/${tid}`))],
    ["0/0", "1/1", "1/2"],
  );
});

test("a bundle gives the view that it was saved to show", () => {
  const story = tutorial();
  const kinds = ["twin", "ideal", "timeline", "steps", "cluster"].map(
    (view) => viewOf(story.bundle(view))?.id,
  );
  assert.deepEqual(kinds, ["twin", "ideal", "timeline", "steps", "cluster"]);
  const ideal = viewOf(story.bundle("ideal", {workers: 5}));
  assert.match(ideal!.sentence, /one after another, took .*; split perfectly over 5 workers: /);
  const where = new Set(ideal!.table().rows.map(([lane]) => lane));
  assert.deepEqual([...where], ["one after another"], "no distributed run beside the ideal");
});

test("a pair of which nothing was recorded is shown as the one run that there is", () => {
  const bundle = tutorial().bundle("twin");
  const events = bundle.events.map((event) =>
    event.kind === "run-started" ? {...event, mode: "plain" as const} : event,
  );
  assert.equal(viewOf({...bundle, events})?.id, "timeline");
});

test("each view has words for readers, and one that nobody knows names those that there are", () => {
  const ids = views.map(({id}) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const view of views) {
    assert.equal(viewNamed(view.id), view);
    assert.equal(view.of(new TraceModel(), {}), null, `${view.id} of nothing`);
    for (const words of [view.label, view.hint, view.empty]) assert.ok(words.length > 4);
  }
  const unknown =
    /there is no view "flame"; this Tasklab draws twin, ideal, timeline, steps, cluster/;
  assert.throws(() => viewOf(tutorial().bundle("flame")), unknown);
});

test("a bundle of another version is refused in words", () => {
  assert.throws(
    () => checkBundle({version: 7, events: [], runs: []}),
    /version of a saved trace: 7/,
  );
  assert.throws(() => checkBundle({version: 1}), /no list of runs and events/);
  assert.throws(() => checkBundle(null), /version of a saved trace: undefined/);
});

test("numbers read well", () => {
  const cases: [string, string][] = [
    [duration(250), "250 µs"],
    [duration(1_234), "1.2 ms"],
    [duration(31_400), "31 ms"],
    [duration(99_999), "0.10 s"],
    [duration(1_115_000), "1.11 s"],
    [duration(12_340_000), "12.3 s"],
    [duration(125_000_000), "2 min 5 s"],
    [size(1), "1 byte"],
    [size(1_400_000), "1.4 MB"],
    [needs({CPU: 2, GPU: 0}), "2 CPUs"],
    [needs({CPU: 1, tpu: 2, memory: 1e9}), "1 CPU + 2 tpu + 1.0 GB memory"],
  ];
  for (const [actual, expected] of cases) assert.equal(actual, expected);
});
