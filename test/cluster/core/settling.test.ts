import assert from "node:assert/strict";
import {test} from "node:test";
import type {Shape, SubmitterCommand, SubmitterEvent} from "../../../cluster/core/events.js";
import {checkSubmitter} from "../../../cluster/core/invariants.js";
import {Submitter} from "../../../cluster/core/client/submitter.js";
import type {LeaseId, RunId, TaskId, WorkerId} from "../../../cluster/ids.js";

const shape: Shape = {key: "CPU=1", resources: {CPU: 1}, depth: 0, priority: 0};
const lease = "l1" as LeaseId;
const task = (n: number) => `${n}`.padStart(48, "0") as TaskId;

function submitted(n: number, parent: TaskId | null = null): SubmitterEvent {
  const names = {fn: `f${n}`, run: "r1" as RunId, cell: "c1", parent};
  const ticket = {...names, shape, args: [], maxRetries: 3, retryExceptions: false};
  return {kind: "task-submitted", task: task(n), ticket};
}
const granted = {kind: "lease-granted", lease, shape, worker: "w1" as WorkerId} as const;
const asked = {kind: "cancel-asked", task: task(1), force: false, recursive: true} as const;
const told: SubmitterEvent = {
  kind: "task-ended",
  task: task(1),
  attempt: 1,
  outcome: {kind: "cancelled", settles: true},
  ranMs: 1,
};
const settled = {kind: "task-settled", task: task(1), attempt: 1} as const;

/** Kinds of the commands that the last event leads to, and the tasks and leases left after it. */
function lastOf(events: SubmitterEvent[]): {words: string; tasks: number; leases: number} {
  const submitter = new Submitter();
  let commands: SubmitterCommand[] = [];
  for (const event of events) {
    commands = [...submitter.handle(event, 0), ...submitter.flush(0)];
    checkSubmitter(submitter);
  }
  const telling = new Set(["fail-task", "send-tasks", "return-lease", "want-leases"]);
  const words = commands.map(({kind}) => kind).filter((kind) => telling.has(kind));
  const {tasks, leases} = submitter.status();
  return {words: words.join(", "), tasks, leases};
}

const until = [submitted(1), granted, submitted(2), asked];
const rows: {name: string; events: SubmitterEvent[]; follows: ReturnType<typeof lastOf>}[] = [
  {
    name: "its end is told at once, and its lease is kept for nobody",
    events: [...until, told],
    follows: {words: "fail-task", tasks: 2, leases: 1},
  },
  {
    name: "the lease goes back when it has settled",
    events: [...until, told, settled],
    follows: {words: "return-lease", tasks: 1, leases: 0},
  },
  {
    name: "all of it twice changes nothing",
    events: [...until, told, told, settled, settled],
    follows: {words: "", tasks: 1, leases: 0},
  },
  {
    name: "another attempt's news is not its own",
    events: [...until, told, {...settled, attempt: 2}],
    follows: {words: "", tasks: 2, leases: 1},
  },
  {
    name: "a lost lease has nothing more to settle",
    events: [...until, told, {kind: "lease-lost", lease, reason: "it did not stop"}],
    follows: {words: "", tasks: 1, leases: 0},
  },
  {
    name: "nor has a cluster that is gone",
    events: [...until, told, {kind: "head-lost", reason: "gone"}],
    follows: {words: "fail-task, want-leases", tasks: 0, leases: 0},
  },
];
for (const {name, events, follows} of rows) {
  test(`a cancelled task that runs on: ${name}`, () => assert.deepEqual(lastOf(events), follows));
}

for (const recursive of [true, false]) {
  test(`what a cancelled task submits later is cancelled (recursive: ${recursive})`, () => {
    const cancelled = {kind: "cancel-children-asked", parent: task(1), force: false} as const;
    const events = [submitted(2, task(1)), {...cancelled, recursive}, submitted(3, task(1))];
    const {words, tasks} = lastOf(events);
    assert.match(words, /^fail-task/);
    assert.equal(tasks, recursive ? 0 : 1);
  });
}
