// A worker's tasks between sockets and the user's thread: carries out what its Runner orders. Code
// comes from ArrivingCodes, the user's thread is InHand's, and TaskNews tells clients and the
// trace.

import {nowUs} from "../../clock.js";
import type {TaskOutput} from "../../backend.js";
import type {RunnerCommand, RunnerEvent} from "../../core/events.js";
import {ActorRunner} from "../../core/worker/actor-runner.js";
import {Runner} from "../../core/worker/runner.js";
import type {ClusterError} from "../../errors.js";
import type {ClientId, LeaseId, NodeId, ObjectId, TaskId} from "../../ids.js";
import type {FromHead, SentTask, ToHead, ToWorker} from "../../messages.js";
import {fetchArgValues} from "./arg-values.js";
import {ArrivingCodes} from "./arriving-codes.js";
import {assign, dropValues, type ArgValue, type Assigned, type Submitting} from "./assigned.js";
import {ChildPipes} from "./child-pipes.js";
import {pieceOf} from "../agent/codes.js";
import {failedPlace} from "../agent/failures.js";
import {InHand, type HandSurroundings} from "./in-hand.js";
import {endProcess} from "../node/launch.js";
import {makerOf, makingTask} from "./making.js";
import {Alarm} from "../link/member.js";
import type {TaskEnd, UserReport} from "../threads/ports.js";
import {Recent} from "../../recent.js";
import type {Stores} from "../agent/stores.js";
import type {Submissions} from "../agent/submissions.js";
import {TaskNews, type NewsSurroundings} from "./task-news.js";

export interface WorkerSurroundings extends HandSurroundings, NewsSurroundings {
  node: NodeId;
  stores: Stores;
  submissions: Submissions;
  toHead(message: ToHead): void;
  wakeTurn(): void;
}

/** The user's thread has about so much work in hand, and tells of it a few times in between. */
const batchMs = 2;
/** Cells whose output still finds its way after their tasks have ended. */
const maxRoutes = 256;

const nowMs = (): number => nowUs() / 1000;

export class Running {
  readonly #around: WorkerSurroundings;
  #machine: Pick<Runner, "handle" | "holds"> = new Runner({batchMs});
  readonly #clients = new Map<string, Submitting>();
  readonly #assigned = new Map<TaskId, Assigned>();
  readonly #codes = new ArrivingCodes();
  readonly #inHand: InHand;
  readonly #news: TaskNews;
  readonly #routes = new Recent<string, Submitting>(maxRoutes);
  readonly #alarm = new Alarm(nowMs, () => this.#tell({kind: "ticked"}));
  readonly #childPipes = new ChildPipes((output) => this.#output(output));
  /** The task that has ended last. */
  #latest: Source | null = null;
  /** Once this process is an actor's. */
  #making: {maxConcurrency: number} | null = null;

  constructor(around: WorkerSurroundings) {
    this.#around = around;
    this.#news = new TaskNews(around);
    this.#inHand = new InHand(around, this.#news);
  }

  close(): void {
    this.#alarm.clear();
    this.#inHand.close();
  }

  /** Names what has not ended here, in words; "" when all has. */
  leftovers(): string {
    const left = [
      [this.#assigned.size, "tasks"],
      [this.#inHand.size, "tasks in hand"],
      [this.#codes.waiting, "pieces it waits for"],
    ] as const;
    return left.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])).join(", ");
  }

  // ---- from those who submit ----

  heard(client: Submitting, message: ToWorker): void {
    switch (message.kind) {
      case "code":
        return this.#codes.add(message);
      case "tasks":
        return this.#accept(client, message.lease, message.tasks);
      case "cancel": {
        const {task, force, recursive} = message;
        this.#around.submissions.tell({
          kind: "cancel-children-asked",
          parent: task,
          force,
          recursive,
        });
        return this.#tell({kind: "cancel-asked", task, force});
      }
      default:
        return;
    }
  }
  lostClient(client: Submitting): void {
    this.#tell({kind: "client-lost", client: client.id as ClientId});
    this.#codes.lostClient(client);
    if (this.#clients.get(client.id) === client) this.#clients.delete(client.id);
    // What has begun is being cut off, and will end.
    for (const assigned of this.#assigned.values()) {
      if (assigned.client === client && assigned.slot === null) this.#forget(assigned);
    }
  }

  /** Output of a child task, on its way up to the driver. */
  forward(output: TaskOutput): void {
    const client = this.#routes.get(output.cell);
    if (!client) return;
    this.#routes.set(output.cell, client);
    client.send({kind: "output", output});
  }

  #accept(client: Submitting, lease: LeaseId, tasks: SentTask[]): void {
    const arrivedAtUs = nowUs();
    this.#clients.set(client.id, client);
    this.#tell({kind: "tasks-sent", client: client.id as ClientId, lease, tasks});
    for (const sent of tasks) {
      const {task, attempt, context} = sent;
      this.#routes.set(context.cell, client);
      // It has gone back at once, or came twice.
      if (!this.#machine.holds(task, attempt)) continue;
      if (this.#assigned.get(task)?.sent.attempt === attempt) continue;
      const assigned = assign(sent, client, lease, arrivedAtUs);
      this.#assigned.set(task, assigned);
      this.#prepare(assigned);
    }
  }

  /** Waits for a task's code and the values of its arguments. */
  #prepare(assigned: Assigned): void {
    const {sent} = assigned;
    assigned.code = this.#codes.use(sent.code) ?? null;
    if (assigned.code !== null && sent.argPlaces.length === 0) return this.#prepared(assigned);
    const code = assigned.code ?? this.#codes.fetch(sent.code, assigned.client);
    Promise.all([code, ...fetchArgValues(sent, this.#around.stores)]).then(
      ([whole, ...values]) => {
        assigned.code = whole;
        assigned.values = values as ArgValue[];
        assigned.fetchUs = nowUs() - assigned.arrivedAtUs;
        this.#prepared(assigned);
      },
      (error: unknown) => this.#unprepared(assigned, error as ClusterError),
    );
  }

  #prepared(assigned: Assigned): void {
    if (this.#isHere(assigned)) this.#tell({kind: "task-prepared", task: assigned.sent.task});
  }
  async #unprepared(assigned: Assigned, error: ClusterError): Promise<void> {
    const place = await failedPlace(error);
    if (!this.#isHere(assigned)) return;
    this.#tell({kind: "task-unprepared", task: assigned.sent.task});
    this.#news.failed(assigned, error, place);
    this.#forget(assigned);
  }

  // ---- an actor ----

  /** From now on this process is the actor's, and runs nothing else. */
  make(message: FromHead & {kind: "make-actor"}): void {
    if (this.#making) return;
    const {code, maxConcurrency} = message.creation;
    this.#machine = new ActorRunner({maxConcurrency});
    this.#making = {maxConcurrency};
    this.#codes.add(pieceOf(code));
    for (const part of code.parts) this.#codes.add({...part, parts: []});
    const {lease, sent} = makingTask(message);
    this.#accept(makerOf(message, this.#around.toHead), lease, [sent]);
  }

  // ---- from the user's thread ----

  reported(report: UserReport): void {
    switch (report.kind) {
      case "began": {
        const assigned = this.#assigned.get(report.task);
        if (assigned) this.#inHand.began(assigned, report.startedAt);
        return;
      }
      case "heard": {
        const assigned = this.#assigned.get(report.task);
        if (assigned) assigned.isHeard = true;
        return;
      }
      case "done":
        return this.#done(report.task, report);
      case "output":
        return this.#output(report.output);
      case "child-pipe":
        return this.#childPipes.add(report);
      case "catch-up":
        return this.#childPipes.catchUp(report.fds);
      default:
        return;
    }
  }

  #output(output: TaskOutput): void {
    const client = this.#assigned.get(output.task)?.client;
    if (client) client.send({kind: "output", output});
    else this.forward(output);
  }

  /** Nobody can tell which task's code it was: the running one, or else the one that ran last. */
  wrote(name: "stdout" | "stderr", line: string): void {
    const running = this.#inHand.running();
    const source = running ? sourceOf(running) : this.#latest;
    if (source === null) return;
    const {node} = this.#around;
    this.#output({...source, pid: process.pid, node, name, text: `${line}\n`});
  }

  #done(task: TaskId, end: TaskEnd): void {
    const assigned = this.#assigned.get(task);
    if (!assigned) return;
    this.#latest = sourceOf(assigned);
    this.#forget(assigned);
    dropValues(assigned);
    if (assigned.isCancelled) this.#news.settled(assigned);
    else {
      this.#news.started(assigned, end.startedAt, end.decodeUs);
      void this.#news.ended(assigned, end);
    }
    const ranMs = (end.endedAt - end.startedAt + end.decodeUs + end.encodeUs) / 1000;
    this.#tell({kind: "task-done", task, ranMs});
  }

  /** A running task waits in `get` or `wait`. */
  blocked(task: TaskId, on: ObjectId[]): void {
    if (!this.#assigned.has(task)) return;
    this.#around.trace({kind: "task-blocked", at: nowUs(), task, on});
    this.#around.order({kind: "blocked", task});
    this.#tell({kind: "task-blocked", task});
  }
  unblocked(task: TaskId): void {
    if (!this.#assigned.has(task)) return;
    this.#around.trace({kind: "task-unblocked", at: nowUs(), task});
    this.#around.order({kind: "unblocked", task});
    this.#tell({kind: "task-unblocked", task});
  }

  // ---- the machine ----

  #tell(event: RunnerEvent): void {
    for (const command of this.#machine.handle(event, nowMs())) this.#carryOut(command);
    this.#around.wakeTurn();
  }

  #carryOut(command: RunnerCommand): void {
    switch (command.kind) {
      case "run":
        return this.#handOver(command.tasks);
      case "reclaim":
        return this.#tell({kind: "tasks-reclaimed", tasks: this.#inHand.reclaim()});
      case "return-tasks": {
        const {client, lease, tasks} = command;
        for (const task of tasks) {
          const assigned = this.#assigned.get(task);
          // An earlier attempt may have begun, which is why this one goes back.
          if (assigned?.lease === lease) this.#forget(assigned);
        }
        return this.#clients.get(client)?.send({kind: "returned", lease, tasks});
      }
      case "suspend-lease":
      case "resume-lease":
        return this.#around.toHead({kind: command.kind, lease: command.lease});
      case "interrupt":
        return this.#interrupt(command.task);
      case "die":
        return endProcess();
      case "report-cancelled": {
        const assigned = this.#assigned.get(command.task);
        if (!assigned) return;
        this.#news.cancelled(assigned, nowUs());
        return this.#forget(assigned);
      }
      case "wake":
        return this.#alarm.set(command.atMs);
      default:
        command satisfies never;
    }
  }

  #handOver(tasks: TaskId[]): void {
    const all = tasks.map((task) => this.#assigned.get(task)!);
    this.#inHand.give(all, this.#making ?? undefined);
  }

  #interrupt(task: TaskId): void {
    const assigned = this.#assigned.get(task);
    if (!assigned || assigned.slot === null || assigned.isCancelled) return;
    const at = nowUs();
    if (!this.#inHand.takeBack(assigned)) {
      assigned.isCancelled = true;
      this.#news.cancelled(assigned, at, {settles: true});
      return this.#inHand.interrupt(assigned);
    }
    this.#done(task, {...cancelledEnd, startedAt: at, endedAt: at});
  }

  // ---- small things ----

  #isHere(assigned: Assigned): boolean {
    return this.#assigned.get(assigned.sent.task) === assigned;
  }
  #forget(assigned: Assigned | undefined): void {
    if (!assigned) return;
    if (this.#isHere(assigned)) this.#assigned.delete(assigned.sent.task);
    this.#inHand.drop(assigned);
  }
}

type Source = Pick<TaskOutput, "cell" | "fn" | "task">;
function sourceOf({sent: {context, fn, task}}: Assigned): Source {
  return {cell: context.cell, fn, task};
}

const cancelledEnd: Omit<TaskEnd, "startedAt" | "endedAt"> = {
  state: "cancelled",
  frames: [],
  refs: [],
  errorNames: [],
  errorLine: "",
  decodeUs: 0,
  encodeUs: 0,
};
