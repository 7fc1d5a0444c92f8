import assert from "node:assert/strict";
import {test} from "node:test";
import {setAmbient} from "../../../cluster/context/context.js";
import type {RunId} from "../../../cluster/ids.js";
import {measured} from "../../../cluster/shipping/functions/measured.js";
import {Spans, toldCallsPerFunction} from "../../../cluster/context/spans.js";
import type {TraceEvent} from "../../../cluster/trace.js";

const run = "run-1" as RunId;

/** Measures what `body` does and writes it as a tree of words. */
function record(body: (spans: Spans) => void): string[] {
  const spans = new Spans();
  const events: TraceEvent[] = [];
  setAmbient({parent: null});
  spans.start(run, (some) => void events.push(...some));
  body(spans);
  spans.stop();
  return story(events);
}

function story(events: TraceEvent[]): string[] {
  const names = new Map<string, string>();
  const nameOf = (parent: string | null) => (parent === null ? "cell" : (names.get(parent) ?? "?"));
  return events.map((event) => {
    switch (event.kind) {
      case "call-started":
        names.set(event.call, `${event.fn}#${names.size + 1}`);
        return `${nameOf(event.parent)} > ${names.get(event.call)}`;
      case "call-ended":
        return `${names.get(event.call)} ${event.state}`;
      case "calls-folded":
        return `${nameOf(event.parent)} > ${event.count} × ${event.fn}`;
      default:
        return event.kind;
    }
  });
}

/** As a cell's function is measured. */
function spanned<Args extends unknown[], R>(
  spans: Spans,
  name: string,
  body: (...args: Args) => R,
): (...args: Args) => R {
  return measured(body as never, name, spans) as never;
}

test("calls nest by who called whom", () => {
  const told = record((spans) => {
    const inner = spanned(spans, "inner", () => 1);
    const outer = spanned(spans, "outer", () => inner() + inner());
    outer();
    inner();
  });
  assert.deepEqual(told, [
    "cell > outer#1",
    "outer#1 > inner#2",
    "inner#2 finished",
    "outer#1 > inner#3",
    "inner#3 finished",
    "outer#1 finished",
    "cell > inner#4",
    "inner#4 finished",
  ]);
});

test("a call that throws has failed, and what calls it goes on", () => {
  const told = record((spans) => {
    const bad = spanned(spans, "bad", () => {
      throw new Error("no");
    });
    spanned(spans, "outer", () => {
      assert.throws(bad, /no/);
    })();
  });
  assert.deepEqual(told, ["cell > outer#1", "outer#1 > bad#2", "bad#2 failed", "outer#1 finished"]);
});

test("asynchronous calls that wait at the same time don't become each other's parents", async () => {
  const spans = new Spans();
  const events: TraceEvent[] = [];
  setAmbient({parent: null});
  spans.start(run, (some) => void events.push(...some));
  const leaf = spanned(spans, "leaf", () => 1);
  const work = async (name: string) => {
    const span = spans.begin(name);
    spans.pause(span);
    await Promise.resolve();
    spans.resume(span);
    leaf();
    spans.end(span);
  };
  await Promise.all([work("a"), work("b")]);
  spans.stop();
  assert.deepEqual(story(events), [
    "cell > a#1",
    "cell > b#2",
    "a#1 > leaf#3",
    "leaf#3 finished",
    "a#1 finished",
    "b#2 > leaf#4",
    "leaf#4 finished",
    "b#2 finished",
  ]);
});

test("past the limit a function's calls are counted, under the call that made them", () => {
  const told = record((spans) => {
    const tick = spanned(spans, "tick", () => {});
    spanned(spans, "loop", () => {
      for (let i = 0; i < toldCallsPerFunction + 7; i++) tick();
    })();
    tick();
  });
  assert.equal(
    told.filter((line) => line.startsWith("loop#1 > tick#")).length,
    toldCallsPerFunction,
  );
  assert.deepEqual(told.slice(-3), ["loop#1 > 7 × tick", "loop#1 finished", "cell > 1 × tick"]);
});

test("calls that an interrupt cut off have failed when the run ends", () => {
  assert.deepEqual(
    record((spans) => void spans.begin("endless")),
    ["cell > endless#1", "endless#1 failed"],
  );
});

test("nothing is measured outside of a run, nor told in another what outlived its own", () => {
  const spans = new Spans();
  assert.equal(spans.begin("f"), null);
  spans.end(null);
  spans.start(run, () => {});
  const outliving = spans.begin("outliving");
  const told: TraceEvent[] = [];
  spans.start("run-2" as RunId, (some) => void told.push(...some));
  const inside = spans.begin("inside");
  spans.end(outliving);
  spans.end(inside);
  spans.stop();
  assert.deepEqual(story(told), ["cell > inside#1", "inside#1 finished"]);
});
