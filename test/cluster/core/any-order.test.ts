// Events in any order, twice, about things unknown: no machine throws, and its invariants hold.
import {test} from "node:test";
import fc from "fast-check";
import {actorKey} from "../../../cluster/core/client/actor-calls.js";
import {ActorRunner} from "../../../cluster/core/worker/actor-runner.js";
import {Directory} from "../../../cluster/core/head/directory.js";
import type {
  DirectoryEvent,
  Place,
  RunnerEvent,
  SchedulerEvent,
  Shape,
  SubmitterEvent,
} from "../../../cluster/core/events.js";
import {
  checkActorRunner,
  checkDirectory,
  checkMachines,
  checkRunner,
  checkScheduler,
  checkSubmitter,
} from "../../../cluster/core/invariants.js";
import {Machines, type HeadEvent} from "../../../cluster/core/head/machines.js";
import {Runner} from "../../../cluster/core/worker/runner.js";
import {Scheduler} from "../../../cluster/core/head/scheduler.js";
import {Submitter} from "../../../cluster/core/client/submitter.js";
import {
  actorId,
  actorOf,
  actorTaskId,
  clientOf,
  creationOf,
  holdOf,
  objectId,
} from "../../../cluster/ids.js";
import type {
  ActorId,
  ClientId,
  LeaseId,
  NodeId,
  ObjectId,
  RunId,
  TaskId,
  WorkerId,
} from "../../../cluster/ids.js";

const some = <T>(...values: T[]) => fc.constantFrom(...values);
const numbered = <T extends string>(prefix: string, most: number) =>
  fc.integer({min: 1, max: most}).map((n) => `${prefix}${n}` as T);

const client = some("a", "w1", "w2") as fc.Arbitrary<ClientId>;
const worker = numbered<WorkerId>("w", 6);
const node = numbered<NodeId>("n", 2);
const lease = numbered<LeaseId>("l", 12);
const taskNumber = fc.integer({min: 1, max: 6});
const task = taskNumber.map((n) => `${n}`.padStart(48, "0") as TaskId);
const object: fc.Arbitrary<ObjectId> = task.map((id) => objectId(id));
const place: fc.Arbitrary<Place> = some<Place>(
  {kind: "inline", ok: true, frames: []},
  {kind: "inline", ok: false, frames: []},
  {kind: "inline", ok: true, frames: [], refs: [objectId("f".repeat(48) as TaskId)]},
  {kind: "stored", ok: true, node: "n1" as NodeId, sizeBytes: 1},
  {kind: "lost", reason: "gone"},
);
const shape: fc.Arbitrary<Shape> = fc
  .tuple(some(0, 0.5, 1, 2), some(0, 1), some(0, 1, 2), some(0, 1))
  .map(([CPU, GPU, depth, priority]) => ({
    key: `${CPU}/${GPU}/${depth}/${priority}`,
    resources: {CPU, GPU},
    depth,
    priority,
  }));
const actor = some(1, 2, 3).map((n) => actorId(`${n}`.padStart(24, "0")));
const dedicated: fc.Arbitrary<Shape> = some(0, 1, 2).map((CPU) => ({
  key: `actor ${CPU}`,
  resources: {CPU},
  depth: 0,
  priority: 0,
  dedicated: true,
}));
const is = <Kind extends string>(kind: Kind) => fc.constant(kind);
const reason = fc.constant("so");

const schedulerEvent: fc.Arbitrary<SchedulerEvent> = fc.oneof(
  fc.record({
    kind: is("node-joined"),
    node,
    host: fc.constant("here"),
    resources: fc.constant({CPU: 2, GPU: 1}),
    workers: some(0, 1, 2),
    maxWorkers: some(1, 3),
  }),
  fc.record({kind: is("node-lost"), node, reason}),
  fc.record({kind: is("worker-joined"), worker, node, pid: some(1), address: some("")}),
  fc.record({kind: is("worker-joined"), worker, node, pid: some(1), address: some("")}),
  fc.record({kind: is("worker-lost"), worker, crashed: fc.boolean(), reason}),
  fc.record({kind: is("client-lost"), client}),
  fc.record({kind: is("leases-wanted"), client, shape, count: some(0, 1, 2, 5)}),
  fc.record({kind: is("leases-wanted"), client, shape, count: some(0, 1, 2, 5)}),
  fc.record({
    kind: is("leases-wanted"),
    client: actor.map(clientOf),
    shape: dedicated,
    count: some(0, 1),
  }),
  fc.record({kind: is("lease-reduced"), lease, resources: some({}, {CPU: 1}, {GPU: 1})}),
  fc.record({kind: is("lease-returned"), lease}),
  fc.record({kind: is("lease-suspended"), lease}),
  fc.record({kind: is("lease-resumed"), lease}),
  fc.record({
    kind: is("scaled"),
    node: fc.option(node),
    workers: some(0, 1, 3),
    maxWorkers: some(1, 4),
  }),
  fc.record({kind: is("collect-ended"), asker: some("a CPU:1", "b")}),
  fc.record({kind: is("ticked")}),
);

const directoryEvent: fc.Arbitrary<DirectoryEvent> = fc.oneof(
  fc.record({kind: is("object-shared"), client, object}),
  fc.record({kind: is("object-published"), client, object, place}),
  fc.record({kind: is("place-wanted"), client, object}),
  fc.record({kind: is("object-released"), client, object, lentMsAgo: some(null, 0, 10_000)}),
  fc.record({kind: is("object-lent"), object}),
  fc.record({kind: is("client-lost"), client}),
  fc.record({kind: is("node-lost"), node}),
  fc.record({kind: is("ticked")}),
);

const neverLent = {kind: "object-released", client: "a" as ClientId, lentMsAgo: null} as const;
const callLease = numbered<LeaseId>("a", 6);
const callShape = (id: ActorId): Shape => ({
  key: actorKey(id),
  resources: {},
  depth: 0,
  priority: 0,
  actor: id,
});
const request = some(1, 2);
const incarnation = some(1, 1, 2);
const headEvent: fc.Arbitrary<HeadEvent> = fc.oneof(
  {arbitrary: schedulerEvent.filter(isOutside), weight: 6},
  directoryEvent.filter((event): event is Extract<DirectoryEvent, HeadEvent> => {
    return event.kind !== "node-lost" && event.kind !== "object-lent";
  }),
  fc
    .record({
      actor,
      client,
      name: some(null, "c"),
      detached: fc.boolean(),
      maxRestarts: some(0, 1, -1),
      keeps: some({}, {CPU: 1}),
      shape: dedicated,
    })
    .map(({actor: id, client: by, shape: needs, ...options}): HeadEvent => {
      const face = {className: "Counter", methods: ["add"], maxTaskRetries: 0};
      const all = {...options, maxConcurrency: 1};
      return {kind: "actor-declared", actor: id, client: by, face, options: all, shape: needs};
    }),
  fc.record({kind: is("actor-submitted"), actor, holds: fc.array(object, {maxLength: 2})}),
  fc.record({kind: is("actor-submitted"), actor, holds: some([])}),
  fc.record({kind: is("actor-abandoned"), actor, reason, cause: some(null)}),
  fc.record({kind: is("actor-made"), actor, incarnation}),
  fc.record({kind: is("actor-made"), actor, incarnation}),
  fc.record({kind: is("actor-failed"), actor, incarnation, reason, cause: place}),
  fc.record({kind: is("kill-asked"), actor, client, request, restart: fc.boolean()}),
  fc.record({kind: is("actor-sought"), client, request, name: some("c", "d")}),
  fc
    .record({actor, client, count: some(0, 1, 2)})
    .map(({actor: id, client: by, count}): HeadEvent => {
      return {kind: "leases-wanted", client: by, shape: callShape(id), count};
    }),
  fc.record({kind: is("lease-returned"), lease: callLease}),
  actor.map((id): HeadEvent => ({...neverLent, object: holdOf(id)})),
  fc.record({
    kind: is("collect-wanted"),
    asker: some("a", "b"),
    clients: fc.array(client, {maxLength: 2}),
  }),
  fc.record({kind: is("collected"), client, round: some(1, 2), tookMs: some(0, 100)}),
  fc.record({kind: is("ticked")}),
);

function isOutside(event: SchedulerEvent): event is Extract<SchedulerEvent, HeadEvent> {
  if (event.kind === "leases-wanted") return !event.shape.dedicated;
  // Nobody but the actors themselves knows the leases of their processes.
  return !["lease-reduced", "lease-returned", "collect-ended"].includes(event.kind);
}

const how = {force: fc.boolean(), recursive: fc.boolean()};
const outcome = fc.oneof(
  fc.record({kind: is("returned"), place}),
  fc.record({kind: is("threw"), place, errorName: some("Error", "RangeError")}),
  some({kind: "cancelled"} as const, {kind: "cancelled", settles: true} as const),
);
const callTask = fc
  .tuple(taskNumber, actor)
  .map(([n, id]) => actorTaskId(`${n}`.padStart(16, "0"), id));
const callEvent: fc.Arbitrary<SubmitterEvent> = fc.oneof(
  fc.record({actor, takes: fc.boolean(), dedicated}).map((of): SubmitterEvent => {
    const made = {kind: "creation", actor: of.actor} as const;
    const part = {shape: of.dedicated, actor: made};
    const task = creationOf(of.actor);
    return {kind: "task-submitted", task, ticket: {...ticketOfActor(of.takes), ...part}};
  }),
  {
    weight: 4,
    arbitrary: fc
      .record({id: callTask, takes: fc.boolean(), maxRetries: some(-1, 0, 1), limit: some(0, 5)})
      .map(({id, takes, maxRetries, limit}): SubmitterEvent => {
        const called = {kind: "call", actor: actorOf(id)!} as const;
        const part = {shape: callShape(called.actor), actor: called, maxRetries};
        const holds = [holdOf(called.actor)];
        const timeout = limit === 0 ? {} : {timeoutMs: limit};
        return {
          kind: "task-submitted",
          task: id,
          ticket: {...ticketOfActor(takes), ...part, ...timeout, holds},
        };
      }),
  },
  fc.record({kind: is("lease-granted"), lease: callLease, shape: actor.map(callShape), worker}),
  fc.record({kind: is("lease-granted"), lease: callLease, shape: actor.map(callShape), worker}),
  fc.record({kind: is("lease-lost"), lease: callLease, reason, restarts: fc.boolean()}),
  fc.record({kind: is("actor-died"), actor, reason, cause: some(null)}),
  fc.record({kind: is("task-began"), task: callTask, attempt: some(1, 2)}),
  fc.record({
    kind: is("task-ended"),
    task: callTask,
    attempt: some(1, 1, 2),
    outcome,
    ranMs: some(0, 50),
  }),
  fc.record({
    kind: is("cancel-asked"),
    task: callTask,
    force: fc.constant(false),
    recursive: fc.constant(true),
  }),
  fc.record({kind: is("object-released"), object: actor.map(holdOf)}),
);
function ticketOfActor(takes: boolean) {
  return {
    ...{fn: "C", run: "r" as RunId, cell: "c1", parent: "1".padStart(48, "0") as TaskId},
    args: takes ? [objectId("2".padStart(48, "0") as TaskId)] : [],
    ...{maxRetries: 0, retryExceptions: true},
  };
}
const submitterEvent: fc.Arbitrary<SubmitterEvent> = fc.oneof(
  {arbitrary: callEvent, weight: 12},
  fc
    .record({
      number: taskNumber,
      shape,
      takes: fc.boolean(),
      maxRetries: some(-1, 0, 1, 3),
      retryExceptions: some<boolean | string[]>(true, false, ["RangeError"]),
      timeoutMs: some(undefined, 5),
    })
    .map(({number, takes, timeoutMs, ...rest}) => ({
      kind: "task-submitted" as const,
      task: `${number}`.padStart(48, "0") as TaskId,
      ticket: {
        fn: "f",
        run: "r" as RunId,
        cell: number % 2 ? "c1" : "c2",
        parent: number > 1 ? (`${number - 1}`.padStart(48, "0") as TaskId) : null,
        args: takes && number > 1 ? [objectId(`${number - 1}`.padStart(48, "0") as TaskId)] : [],
        ...(timeoutMs === undefined ? {} : {timeoutMs}),
        ...rest,
      },
    })),
  fc.record({kind: is("object-put"), object, place}),
  fc.record({kind: is("lease-granted"), lease, shape, worker}),
  fc.record({kind: is("lease-granted"), lease, shape, worker}),
  fc.record({kind: is("lease-revoked"), lease}),
  fc.record({kind: is("lease-lost"), lease, reason}),
  fc.record({
    kind: is("task-ended"),
    task,
    attempt: some(1, 1, 2),
    outcome,
    ranMs: some(0, 0.1, 50),
  }),
  fc.record({kind: is("task-settled"), task, attempt: some(1, 1, 2)}),
  fc.record({kind: is("tasks-returned"), lease, tasks: fc.array(task, {maxLength: 3})}),
  fc.record({kind: is("place-told"), object, place}),
  fc.record({kind: is("object-wanted"), object}),
  fc.record({kind: is("object-shared"), object}),
  fc.record({kind: is("object-released"), object}),
  fc.record({kind: is("cancel-asked"), task, ...how}),
  fc.record({kind: is("cancel-cell-asked"), cell: some("c1", "c2")}),
  fc.record({kind: is("cancel-children-asked"), parent: task, ...how}),
  fc.record({kind: is("ticked")}),
);

const runnerEvent: fc.Arbitrary<RunnerEvent> = fc.oneof(
  fc.record({
    kind: is("tasks-sent"),
    client,
    lease,
    tasks: fc.array(fc.record({task, attempt: some(1, 2)}), {minLength: 1, maxLength: 3}),
  }),
  fc.record({kind: is("task-prepared"), task}),
  fc.record({kind: is("task-prepared"), task}),
  fc.record({kind: is("task-unprepared"), task}),
  fc.record({kind: is("task-done"), task}),
  fc.record({kind: is("task-blocked"), task}),
  fc.record({kind: is("task-unblocked"), task}),
  fc.record({kind: is("cancel-asked"), task, force: fc.boolean()}),
  fc.record({kind: is("client-lost"), client}),
  fc.record({kind: is("ticked")}),
);

/** Plays random events, a few milliseconds apart. */
function play<Event>(
  event: fc.Arbitrary<Event>,
  make: () => {handle: (event: Event, nowMs: number) => void; check: () => void},
): void {
  const step = fc.tuple(event, some(0, 0, 1, 30, 500));
  fc.assert(
    fc.property(fc.array(step, {maxLength: 60}), (steps) => {
      const machine = make();
      let nowMs = 0;
      for (const [happened, laterMs] of steps) {
        nowMs += laterMs;
        machine.handle(happened, nowMs);
        machine.check();
      }
    }),
    {numRuns: 400},
  );
}

test("the scheduler keeps its accounts, whatever it hears", () => {
  play(schedulerEvent, () => {
    const scheduler = new Scheduler({idleMs: 40, quantumMs: 20, maxNesting: 2});
    return {
      handle: (event, nowMs) => scheduler.handle(event, nowMs),
      check: () => checkScheduler(scheduler),
    };
  });
});

test("the directory keeps its accounts, whatever it hears", () => {
  play(directoryEvent, () => {
    const directory = new Directory({graceMs: 20, orphanMs: 40});
    return {
      handle: (event, nowMs) => directory.handle(event, nowMs),
      check: () => checkDirectory(directory),
    };
  });
});

test("the head's machines agree on who has which process, whatever they hear", () => {
  play(headEvent, () => {
    const machines = new Machines({
      scheduler: {idleMs: 40, quantumMs: 20, maxNesting: 2},
      directory: {graceMs: 20, orphanMs: 40},
      actors: {unknownMs: 60, restMs: 10},
    });
    return {
      handle: (event, nowMs) => machines.handle(event, nowMs),
      check: () => checkMachines(machines),
    };
  });
});

test("the submitter keeps its accounts, whatever it hears", () => {
  play(submitterEvent, () => {
    const submitter = new Submitter();
    return {
      handle: (event, nowMs) => {
        submitter.handle(event, nowMs);
        submitter.flush(nowMs);
      },
      check: () => checkSubmitter(submitter),
    };
  });
});

/** A thread that has begun the first of what it was handed, and gives back the others. */
function playRunner(make: () => Pick<Runner, "handle">, check: (runner: never) => void): void {
  play(runnerEvent, () => {
    const runner = make();
    const handed: TaskId[] = [];
    const handle = (event: RunnerEvent, nowMs: number) => {
      for (const command of runner.handle(event, nowMs)) {
        if (command.kind === "run") handed.push(...command.tasks);
        if (command.kind === "reclaim") {
          handle({kind: "tasks-reclaimed", tasks: handed.splice(1)}, nowMs);
        }
      }
      if (event.kind === "task-done" || event.kind === "task-blocked") {
        const at = handed.indexOf(event.task);
        if (at >= 0) handed.splice(at, 1);
      }
    };
    return {handle, check: () => check(runner as never)};
  });
}

test("the runner keeps its accounts, whatever it hears", () => {
  playRunner(() => new Runner(), checkRunner);
});

test("an actor's runner keeps its accounts, whatever it hears", () => {
  playRunner(() => new ActorRunner({maxConcurrency: 2}), checkActorRunner);
});
