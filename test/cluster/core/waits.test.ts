import assert from "node:assert/strict";
import {test} from "node:test";
import type {Place} from "../../../cluster/core/events.js";
import {Waits, type WaitsCommand, type WaitsEvent} from "../../../cluster/core/client/waits.js";
import type {ObjectId, TaskId} from "../../../cluster/ids.js";

const there: Place = {kind: "inline", ok: true, frames: []};
const lost: Place = {kind: "lost", reason: "its worker is gone"};
const task = "t1" as TaskId;

type Ask = Partial<Extract<WaitsEvent, {kind: "asked"}>>;
/** `known`: of the objects, those whose place is known when somebody asks. */
const asks =
  (kind: "get" | "wait", names: string, {known = "", ...more}: Ask & {known?: string} = {}) =>
  (request: number): WaitsEvent => ({
    kind: "asked",
    request,
    asks: kind,
    objects: [...names] as ObjectId[],
    places: [...names].map((name) => (known.includes(name) ? there : null)),
    numReturns: kind === "get" ? names.length : 1,
    timeoutMs: null,
    by: null,
    ...more,
  });
const settled = (object: string, place: Place = there): WaitsEvent => {
  return {kind: "settled", object: object as ObjectId, place};
};

const words = (command: WaitsCommand): string => {
  switch (command.kind) {
    case "tell-ready":
      return `ready ${command.request}: ${command.positions.join(" ")}`;
    case "read-values":
      return `read ${command.request}: ${command.places.map(({kind}) => kind).join(" ")}`;
    case "block":
      return `block on ${command.on.join("")}`;
    case "unblock":
      return "unblock";
    case "limit":
      return `limit ${command.timeoutMs}`;
    default:
      return `${command.kind} ${command.request}`;
  }
};

type Step = [WaitsEvent, ...string[]];
const cases: Record<string, Step[]> = {
  "a wait of many that are there is answered once": [
    [asks("wait", "abcd", {known: "abcd"})(1), "ready 1: 0 1 2 3"],
    [settled("a")],
  ],
  "a wait hears of all that are there, and not before there are enough": [
    [asks("wait", "abcd", {numReturns: 2})(1)],
    [settled("c")],
    [settled("a"), "ready 1: 0 2"],
    [settled("b")],
  ],
  "what is lost is there": [[asks("wait", "ab")(1)], [settled("b", lost), "ready 1: 1"]],
  "two that wait for one object are both answered": [
    [asks("wait", "ab")(1)],
    [asks("wait", "bc")(2)],
    [settled("b"), "ready 1: 1", "ready 2: 0"],
  ],
  "a wait of no time tells what is there": [
    [asks("wait", "abc", {known: "b", numReturns: 2, timeoutMs: 0})(1), "ready 1: 1"],
  ],
  "a wait whose time is over tells what is there": [
    [asks("wait", "abc", {numReturns: 2, timeoutMs: 50})(1), "limit 50"],
    [settled("c")],
    [{kind: "timed-out", request: 1}, "call-off-limit 1", "ready 1: 2"],
    [{kind: "timed-out", request: 1}],
  ],
  "a get reads its values when the last is there, each as often as it is asked for": [
    [asks("get", "aba", {known: "a"})(1)],
    [settled("b", lost), "read 1: inline lost inline"],
    [{kind: "read", request: 1}, "tell-values 1"],
  ],
  "a get of no time is late unless everything is there": [
    [asks("get", "ab", {known: "a", timeoutMs: 0})(1), "tell-late 1"],
    [asks("get", "ab", {known: "ab", timeoutMs: 0})(2), "read 2: inline inline"],
    [{kind: "read", request: 2}, "tell-values 2"],
  ],
  "a get can be late while its values are read": [
    [asks("get", "a", {timeoutMs: 50})(1), "limit 50"],
    [settled("a"), "read 1: inline"],
    [{kind: "timed-out", request: 1}, "call-off-limit 1", "tell-late 1"],
    [{kind: "read", request: 1}],
  ],
  "what is given up is not answered": [
    [asks("get", "ab")(1)],
    [{kind: "given-up", request: 1}],
    [settled("a")],
    [settled("b")],
  ],
  "a task that has to wait is blocked until its answer": [
    [asks("get", "ab", {known: "a", by: task})(1), "block on b"],
    [settled("b"), "read 1: inline inline"],
    [{kind: "read", request: 1}, "unblock", "tell-values 1"],
  ],
  "a task that need not wait is not blocked": [
    [asks("wait", "ab", {known: "b", by: task})(1), "ready 1: 1"],
  ],
};

for (const [title, steps] of Object.entries(cases)) {
  test(title, () => {
    const waits = new Waits();
    for (const [event, ...expected] of steps)
      assert.deepEqual(waits.handle(event).map(words), expected);
    assert.deepEqual(waits.inspect(), {open: 0, objects: 0});
  });
}
