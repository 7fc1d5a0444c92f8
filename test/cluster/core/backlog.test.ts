// Tasks that wait behind many others are packed: nobody can tell by how they run, end or fail.
import assert from "node:assert/strict";
import {test} from "node:test";
import {Backlog, type Pack} from "../../../cluster/core/client/backlog.js";
import type {Shape, SubmitterCommand, SubmitterEvent} from "../../../cluster/core/events.js";
import type {TaskTicket} from "../../../cluster/core/events.js";
import {checkSubmitter} from "../../../cluster/core/invariants.js";
import {Submitter} from "../../../cluster/core/client/submitter.js";
import {objectId} from "../../../cluster/ids.js";
import type {LeaseId, RunId, TaskId, WorkerId} from "../../../cluster/ids.js";

const shape: Shape = {key: "CPU=1", resources: {CPU: 1}, depth: 0, priority: 0};
const task = (n: number) => `${n}`.padStart(48, "0") as TaskId;
const numberOf = (id: TaskId) => Number(id);
const tasks = [1, 2, 3, 4, 5, 6, 7];

function submission(n: number, own: Partial<TaskTicket> = {}): SubmitterEvent {
  const run = "r1" as RunId;
  const ticket: TaskTicket = {
    ...{fn: `f${n}`, run, cell: "c1", parent: null, shape, args: []},
    ...{maxRetries: 3, retryExceptions: false, ...own},
  };
  return {kind: "task-submitted", task: task(n), ticket, payload: `payload ${n}`};
}
const grant: SubmitterEvent = {
  ...{kind: "lease-granted", lease: "l1" as LeaseId, shape, worker: "w1" as WorkerId},
};
const returned = (n: number): SubmitterEvent => ({
  ...{kind: "task-ended", task: task(n), attempt: 1, ranMs: 50},
  outcome: {kind: "returned", place: {kind: "inline", ok: true, frames: []}},
});
const cancel = (n: number): SubmitterEvent => ({
  ...{kind: "cancel-asked", task: task(n), force: false, recursive: true},
});

/** Tells a submitter that keeps two tasks at hand; gives what it ordered. */
function play(events: SubmitterEvent[]): SubmitterCommand[] {
  const submitter = new Submitter({maxReady: 2});
  const commands: SubmitterCommand[] = [];
  for (const event of events) {
    commands.push(...submitter.handle(event, 0), ...submitter.flush(0));
    checkSubmitter(submitter);
  }
  return commands;
}
function sentBy(commands: SubmitterCommand[]): unknown[][] {
  return commands.flatMap((command) =>
    command.kind === "send-tasks"
      ? command.tasks.map(({task, payload}) => [numberOf(task), payload])
      : [],
  );
}
function failedBy(commands: SubmitterCommand[]): number[] {
  return commands.flatMap((each) => (each.kind === "fail-task" ? [numberOf(each.task)] : []));
}
const submitAll = tasks.map((n) => submission(n));

test("packed tasks are sent in the order of their submission, each with its payload", () => {
  const commands = play([...submitAll, grant, ...tasks.map(returned)]);
  assert.deepEqual(
    sentBy(commands),
    tasks.map((n) => [n, `payload ${n}`]),
  );
});

test("a lease is wanted for packed tasks too", () => {
  const wanted = play(submitAll).flatMap((each) => (each.kind === "want-leases" ? each.count : []));
  assert.equal(wanted.at(-1), tasks.length);
});

test("a packed task that is cancelled never runs; the others do", () => {
  const others = tasks.filter((n) => n !== 5);
  const commands = play([...submitAll, cancel(5), grant, ...others.map(returned)]);
  assert.deepEqual(failedBy(commands), [5]);
  assert.deepEqual(
    sentBy(commands).map(([n]) => n),
    others,
  );
});

test("packed tasks are cancelled with their cell and with their parent, and end with the head", () => {
  const mixed = tasks.map((n) => submission(n, n % 2 ? {} : {cell: "c2", parent: task(99)}));
  const cell = play([...mixed, {kind: "cancel-cell-asked", cell: "c1"}]);
  assert.deepEqual(failedBy(cell), [1, 3, 5, 7]);
  const how = {force: false, recursive: true};
  const parent = play([...mixed, {kind: "cancel-children-asked", parent: task(99), ...how}]);
  assert.deepEqual(failedBy(parent), [2, 4, 6]);
  const all = play([...mixed, {kind: "head-lost", reason: "the head ended"}]);
  assert.deepEqual(failedBy(all), tasks);
});

test("a task takes the result of one that is packed, and is packed when it is ready", () => {
  const taker = submission(8, {args: [objectId(task(6))]});
  const later = submission(9);
  const commands = play([...submitAll, taker, later, grant, ...[...tasks, 9, 8].map(returned)]);
  assert.deepEqual(
    sentBy(commands).map(([n]) => n),
    [...tasks, 9, 8],
  );
});

test("tasks are taken out of packs until none is left", () => {
  const backlog = new Backlog(3);
  const packs = new Map<TaskId, Pack>();
  const packed = tasks.map((n) => ({id: task(n), ticket: {} as TaskTicket, payload: n}));
  for (const each of packed) packs.set(each.id, backlog.push(each));
  assert.equal(new Set(packs.values()).size, 3);
  for (const n of [2, 1, 3, 6]) assert.equal(packs.get(task(n))!.take(task(n)).payload, n);
  assert.deepEqual(
    [...backlog].map(({payload}) => payload),
    [4, 5, 7],
  );
  assert.equal(backlog.first?.payload, 4);
  assert.deepEqual(
    [backlog.shift(), backlog.shift(), backlog.shift()].map((pack) => pack.length),
    [2, 1, 0],
  );
  assert.equal(backlog.size, 0);
});
