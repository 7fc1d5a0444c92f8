// How many tasks a second the machines themselves can take through submit, lease, run and settle,
// all in one thread, with no sockets: `node test/program.mjs simulation/pace`

import {fileURLToPath} from "node:url";
import {Runner} from "../../cluster/core/worker/runner.js";
import {Scheduler} from "../../cluster/core/head/scheduler.js";
import {Submitter} from "../../cluster/core/client/submitter.js";
import type {
  Place,
  RunnerCommand,
  SchedulerCommand,
  SubmitterCommand,
} from "../../cluster/core/events.js";
import {objectId} from "../../cluster/ids.js";
import type {ClientId, NodeId, ObjectId, RunId, TaskId, WorkerId} from "../../cluster/ids.js";

const shape = {key: "CPU=1", resources: {CPU: 1}, depth: 0, priority: 0};
const place: Place = {kind: "inline", ok: true, frames: []};
const client = "driver" as ClientId;

/**
 * Takes `count` tasks through, `inFlight` at a time; returns tasks per second of processor time.
 */
export function measurePace(count: number, inFlight: number): number {
  const scheduler = new Scheduler();
  const submitter = new Submitter();
  const runners = new Map<WorkerId, Runner>();
  let submitted = 0;
  let settled = 0;
  let nowMs = 0;

  function obeyScheduler(commands: SchedulerCommand[]): void {
    for (const command of commands) {
      if (command.kind === "start-worker") {
        const {worker, node} = command;
        runners.set(worker, new Runner());
        obeyScheduler(
          scheduler.handle({kind: "worker-joined", worker, node, pid: 1, address: ""}, nowMs),
        );
      } else if (command.kind === "grant") {
        obey(submitter.handle({...command, kind: "lease-granted"}, nowMs));
      } else if (command.kind === "revoke") {
        obey(submitter.handle({kind: "lease-revoked", lease: command.lease}, nowMs));
      }
    }
  }

  function obeyRunner(runner: Runner, commands: RunnerCommand[], ended: TaskId[]): void {
    for (const command of commands) {
      if (command.kind !== "run") continue;
      for (const task of command.tasks) {
        ended.push(task);
        obeyRunner(runner, runner.handle({kind: "task-done", task}, nowMs), ended);
      }
    }
  }

  function obey(commands: SubmitterCommand[]): void {
    for (const command of commands) {
      switch (command.kind) {
        case "want-leases":
          obeyScheduler(scheduler.handle({...command, kind: "leases-wanted", client}, nowMs));
          break;
        case "return-lease":
          obeyScheduler(scheduler.handle({kind: "lease-returned", lease: command.lease}, nowMs));
          break;
        case "send-tasks": {
          const runner = runners.get(command.worker)!;
          const {lease, tasks} = command;
          const ended: TaskId[] = [];
          runner.handle({kind: "tasks-sent", client, lease, tasks}, nowMs);
          for (const {task} of tasks) {
            obeyRunner(runner, runner.handle({kind: "task-prepared", task}, nowMs), ended);
          }
          nowMs += tasks.length * 0.001;
          for (const task of ended) {
            const outcome = {kind: "returned", place} as const;
            obey(
              submitter.handle(
                {kind: "task-ended", task, attempt: 1, outcome, ranMs: 0.001},
                nowMs,
              ),
            );
          }
          break;
        }
        case "settle":
          settled++;
          obey(submitter.handle({kind: "object-released", object: command.object}, nowMs));
          break;
        default:
      }
    }
  }

  const node = "n1" as NodeId;
  const joined = {node, host: "here", resources: {CPU: 2}, workers: 2, maxWorkers: 2};
  obeyScheduler(scheduler.handle({kind: "node-joined", ...joined}, nowMs));
  const ids = Array.from({length: count}, (_, i) => idOf(i));
  const cpu = process.cpuUsage();
  while (settled < count) {
    while (submitted < count && submitted - settled < inFlight) {
      const task = ids[submitted++]!;
      const ticket = {
        fn: "f",
        run: "r" as RunId,
        cell: "c",
        parent: null,
        shape,
        args: noArgs,
        maxRetries: 3,
        retryExceptions: false,
      };
      obey(submitter.handle({kind: "task-submitted", task, ticket}, nowMs));
    }
    const before = settled;
    obey(submitter.flush(nowMs));
    if (settled === before) nowMs += 1;
    if (nowMs > count) throw new Error(`stuck at ${settled} of ${count}`);
  }
  // Of processor time, so that a busy machine gives the same figure.
  const {user, system} = process.cpuUsage(cpu);
  const seconds = (user + system) / 1e6;
  const {tasks, objects} = submitter.status();
  if (tasks + objects > 0) throw new Error(`${tasks} tasks and ${objects} objects are left`);
  return count / seconds;
}

const noArgs: ObjectId[] = [];

function idOf(index: number): TaskId {
  const id = `${index.toString(16).padStart(16, "0")}ffffffffffffffffffffffff01000000` as TaskId;
  objectId(id);
  return id;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  measurePace(100_000, 1000);
  for (const inFlight of [1, 10, 1000, 100_000]) {
    const pace = measurePace(300_000, inFlight);
    console.log(`${String(inFlight).padStart(7)} in flight: ${Math.round(pace)} tasks/s`);
  }
}
