// A worker's tasks between sockets and the user's thread: carries out what its Runner orders, fetches
// code and arguments, tells outcomes, and cuts off what is cancelled.

import {nowUs} from "../clock.js";
import type {Frames, ShippedCode, TaskOutput} from "../backend.js";
import {sizeOf} from "../codec/size.js";
import type {RunnerCommand, RunnerEvent, TaskOutcome} from "../core/events.js";
import {ActorRunner} from "../core/actor-runner.js";
import {Runner} from "../core/runner.js";
import {type ClusterError, ObjectLostError} from "../errors.js";
import {
  objectId,
  type ClientId,
  type LeaseId,
  type ObjectId,
  type TaskId,
  type WorkerId,
} from "../ids.js";
import type {FromHead, FromWorker, SentTask, ToHead, ToWorker} from "../messages.js";
import type {TraceEvent} from "../trace.js";
import {BelievedCodes, KeptCodes, pieceOf, type CodePiece} from "./codes.js";
import type {Peer} from "./link.js";
import {failedPlace} from "./failures.js";
import {Alarm} from "./member.js";
import {
  claimSlots,
  type SharedState,
  type TaskEnd,
  type UserOrder,
  type UserReport,
} from "./ports.js";
import {Recent} from "./recent.js";
import type {Stores} from "./stores.js";
import type {Submissions} from "./submissions.js";

export interface WorkerSurroundings {
  worker: WorkerId;
  stores: Stores;
  submissions: Submissions;
  shared: SharedState;
  toHead(message: ToHead): void;
  /** To the user's thread. */
  order(order: UserOrder): void;
  trace(event: TraceEvent): void;
  /** Cuts off whatever the user's thread runs. */
  terminate(): void;
  /** Hears what the user's thread has written without waking anybody. */
  poll(): void;
  /** Wakes the user's thread, whatever it was doing when it was cut off. */
  wake(): void;
  wakeTurn(): void;
}

type Submitting = Pick<Peer<FromWorker>, "id" | "send">;

/** An attempt that was sent here and has not ended. */
interface Assigned {
  sent: SentTask;
  client: Submitting;
  lease: LeaseId;
  arrivedAtUs: number;
  fetchUs: number;
  /** Once all of it is here. */
  code: ShippedCode | null;
  values: {index: number; frames: Frames}[];
  /** Where its claim stands, once it was handed over. */
  slot: number | null;
  ticket: number;
  /** Known early only for tasks that run long. */
  startedAtUs: number | null;
  traced: boolean;
}

interface WaitingForPiece {
  client: Submitting;
  resolve(piece: CodePiece): void;
}

/** A task that runs shorter is told with its end. */
const tellStartAfterMs = 20;
/** The user's thread has about so much work in hand, and tells of it a few times in between. */
const batchMs = 2;
/** While tasks run, their thread is looked at so often. */
const lookEveryMs = 5;
/** A task that awaits is let go within this time, or its thread is busy and is cut off. */
const letGoMs = 250;
/** Cells whose output still finds its way after their tasks have ended. */
const maxRoutes = 256;

const nowMs = (): number => nowUs() / 1000;

export class Running {
  readonly #around: WorkerSurroundings;
  #machine: Pick<Runner, "handle"> = new Runner({batchMs});
  readonly #assigned = new Map<TaskId, Assigned>();
  readonly #slots = new Map<number, Assigned>();
  readonly #codes = new KeptCodes();
  readonly #codesHanded = new BelievedCodes();
  readonly #waitingForCode = new Map<string, WaitingForPiece[]>();
  readonly #routes = new Recent<string, Submitting>(maxRoutes);
  readonly #alarm = new Alarm(nowMs, () => this.#tell({kind: "ticked"}));
  #watch: NodeJS.Timeout | null = null;
  /** Once this process is an actor's. */
  #making: {maxConcurrency: number} | null = null;
  #nextSlot = 0;

  constructor(around: WorkerSurroundings) {
    this.#around = around;
  }

  close(): void {
    this.#alarm.clear();
    if (this.#watch) clearInterval(this.#watch);
  }

  // ---- from those who submit ----

  heard(client: Submitting, message: ToWorker): void {
    switch (message.kind) {
      case "code":
        return this.#learn(message);
      case "tasks":
        return this.#accept(client, message.lease, message.tasks);
      case "cancel": {
        const {task, force, recursive} = message;
        if (recursive)
          this.#around.submissions.tell({kind: "cancel-children-asked", parent: task, force});
        return this.#tell({kind: "cancel-asked", task, force});
      }
      default:
        return;
    }
  }
  lostClient(client: Submitting): void {
    this.#tell({kind: "client-lost", client: client.id as ClientId});
  }

  /** Output of a child task, on its way up to the driver. */
  forward(output: TaskOutput): void {
    this.#routes.get(output.cell)?.send({kind: "output", output});
  }

  #accept(client: Submitting, lease: LeaseId, tasks: SentTask[]): void {
    const fresh = tasks.filter(
      ({task, attempt}) => this.#assigned.get(task)?.sent.attempt !== attempt,
    );
    const arrivedAtUs = nowUs();
    for (const sent of fresh) {
      this.#routes.set(sent.context.cell, client);
      this.#assigned.set(sent.task, {
        sent,
        client,
        lease,
        arrivedAtUs,
        fetchUs: 0,
        code: null,
        values: [],
        slot: null,
        ticket: 0,
        startedAtUs: null,
        traced: false,
      });
    }
    this.#tell({
      kind: "tasks-sent",
      client: client.id as ClientId,
      lease,
      tasks: fresh.map(({task, attempt}) => ({task, attempt})),
    });
    for (const {task} of fresh) {
      const assigned = this.#assigned.get(task);
      // It may have gone back at once.
      if (assigned) this.#prepare(assigned);
    }
  }

  /** Its code and the values of its arguments come here first. */
  #prepare(assigned: Assigned): void {
    const {sent} = assigned;
    assigned.code = this.#codes.use(sent.code) ?? null;
    if (assigned.code !== null && sent.argPlaces.length === 0) return this.#prepared(assigned);
    const code = assigned.code ?? this.#wantCode(assigned);
    const values = sent.argPlaces.map(async ({index, object, place}) => {
      if (place.kind === "lost") throw new ObjectLostError(`${object} is lost: ${place.reason}`);
      if (place.kind === "inline") return {index, frames: place.frames};
      const frames = await this.#around.stores.fetch(object, place.node);
      if (frames === null) {
        throw new ObjectLostError(
          `ObjectRef(${object}), which ${sent.fn} takes, is no longer on ${place.node}`,
        );
      }
      return {index, frames};
    });
    Promise.all([code, ...values]).then(
      ([whole, ...arrived]) => {
        assigned.code = whole;
        assigned.values = arrived as {index: number; frames: Frames}[];
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
    const {name} = error;
    this.#report(assigned, {kind: "threw", place, errorName: name, errorNames: [name]}, 0);
    const end = {state: "failed", sizeBytes: 0, storeUs: 0, error: error.message} as const;
    this.#traceEnd(assigned, nowUs(), end);
    this.#forget(assigned);
  }

  async #wantCode({client, sent}: Assigned): Promise<ShippedCode> {
    const {hash, frames, parts} = await this.#wantPiece(sent.code, client);
    return {
      hash,
      frames,
      parts: await Promise.all(parts.map((part) => this.#wantPiece(part, client))),
    };
  }
  #wantPiece(hash: string, client: Submitting): CodePiece | Promise<CodePiece> {
    const known = this.#codes.find(hash);
    if (known) return known;
    return new Promise((resolve) => {
      const waiting = this.#waitingForCode.get(hash) ?? [];
      // Each client is asked: one of them may be lost before it answers.
      if (!waiting.some((other) => other.client === client)) client.send({kind: "need-code", hash});
      this.#waitingForCode.set(hash, [...waiting, {client, resolve}]);
    });
  }
  #learn({hash, frames, parts}: CodePiece): void {
    const piece = {hash, frames, parts};
    this.#codes.add(piece);
    const waiting = this.#waitingForCode.get(hash) ?? [];
    this.#waitingForCode.delete(hash);
    for (const {resolve} of waiting) resolve(piece);
  }

  // ---- an actor ----

  /** From now on this process is the actor's, and runs nothing else. */
  make({creation, incarnation}: FromHead & {kind: "make-actor"}): void {
    if (this.#making) return;
    const {task, actor, client, fn, code, args, argPlaces, maxConcurrency, context} = creation;
    this.#machine = new ActorRunner({maxConcurrency});
    this.#making = {maxConcurrency};
    this.#codes.add(pieceOf(code));
    for (const part of code.parts) this.#codes.add({...part, parts: []});
    const {toHead} = this.#around;
    // To the head it reports what it makes; what it prints goes to who asked for it.
    const maker: Submitting = {
      id: "head",
      send: (message) => {
        if (message.kind === "output")
          toHead({kind: "actor-output", client, output: message.output});
        if (message.kind !== "ended") return;
        const {outcome} = message;
        if (outcome.kind === "returned") return toHead({kind: "actor-made", actor, incarnation});
        if (outcome.kind === "cancelled") return;
        const {place: cause, errorName} = outcome;
        const reason = `its constructor threw ${errorName || "something"}`;
        toHead({kind: "actor-failed", actor, incarnation, reason, cause});
      },
    };
    const {hash} = code;
    const sent = {task, attempt: incarnation, fn, code: hash, args, argPlaces, context};
    this.#accept(maker, `make ${actor}` as LeaseId, [sent]);
  }

  // ---- from the user's thread ----

  reported(report: UserReport): void {
    switch (report.kind) {
      case "began":
        return this.#began(this.#assigned.get(report.task), report.startedAt);
      case "done":
        return this.#done(report.task, report);
      case "output": {
        const {output} = report;
        const client = this.#assigned.get(output.task)?.client;
        if (client) client.send({kind: "output", output});
        else this.forward(output);
        return;
      }
      default:
        return;
    }
  }

  #began(assigned: Assigned | undefined, at: number): void {
    if (!assigned) return;
    const {client, sent, startedAtUs} = assigned;
    assigned.startedAtUs = at;
    const {task, attempt, isTimed} = sent;
    if (isTimed && startedAtUs === null) client.send({kind: "began", task, attempt});
  }

  #done(task: TaskId, end: TaskEnd): void {
    const assigned = this.#assigned.get(task);
    if (!assigned) return;
    this.#forget(assigned);
    this.#traceStart(assigned, end.startedAt, end.decodeUs);
    void this.#conclude(assigned, end);
    const ranMs = (end.endedAt - end.startedAt + end.decodeUs + end.encodeUs) / 1000;
    this.#tell({kind: "task-done", task, ranMs});
  }

  /** The result is where others can have it before it is told. */
  async #conclude(assigned: Assigned, end: TaskEnd): Promise<void> {
    const {frames, refs, errorNames, errorLine} = end;
    const ranMs = Math.max(0, end.endedAt - end.startedAt) / 1000;
    if (end.state === "cancelled") {
      this.#report(assigned, {kind: "cancelled"}, ranMs);
      return this.#traceEnd(assigned, end.endedAt, {state: "cancelled", sizeBytes: 0, storeUs: 0});
    }
    for (const object of refs) this.#around.submissions.tell({kind: "object-shared", object});
    const ok = end.state === "returned";
    const placed = this.#around.submissions.placeOf(objectId(assigned.sent.task), frames, ok, refs);
    let storeUs = end.encodeUs;
    let place;
    if (placed instanceof Promise) {
      place = await placed;
      storeUs = nowUs() - end.endedAt;
    } else {
      place = placed;
    }
    this.#report(
      assigned,
      ok
        ? {kind: "returned", place}
        : {kind: "threw", place, errorName: errorNames[0] ?? "", errorNames},
      ranMs,
    );
    this.#traceEnd(assigned, end.endedAt + storeUs, {
      state: ok ? "finished" : "failed",
      sizeBytes: sizeOf(frames),
      storeUs,
      ...(ok ? {} : {error: errorLine}),
    });
  }

  #report({sent, client}: Assigned, outcome: TaskOutcome, ranMs: number): void {
    client.send({kind: "ended", task: sent.task, attempt: sent.attempt, outcome, ranMs});
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
        return this.#reclaim();
      case "return-tasks": {
        const {lease, tasks} = command;
        const client = this.#assigned.get(tasks[0]!)?.client;
        for (const task of tasks) this.#forget(this.#assigned.get(task));
        return client?.send({kind: "returned", lease, tasks});
      }
      case "suspend-lease":
      case "resume-lease":
        return this.#around.toHead({kind: command.kind, lease: command.lease});
      case "interrupt":
        return this.#interrupt(command.task);
      case "die":
        process.kill(process.pid, "SIGKILL");
        return;
      case "report-cancelled": {
        const assigned = this.#assigned.get(command.task);
        if (!assigned) return;
        this.#report(assigned, {kind: "cancelled"}, 0);
        this.#traceEnd(assigned, nowUs(), {state: "cancelled", sizeBytes: 0, storeUs: 0});
        return this.#forget(assigned);
      }
      case "wake":
        return this.#alarm.set(command.atMs);
      default:
        command satisfies never;
    }
  }

  #handOver(tasks: TaskId[]): void {
    const {order, shared} = this.#around;
    const handed = [];
    for (const task of tasks) {
      const assigned = this.#assigned.get(task)!;
      const {sent} = assigned;
      const whole = assigned.code!;
      const pieces = this.#codesHanded.missing(whole);
      for (const piece of pieces) order({kind: "code", ...piece});
      this.#codesHanded.sent(pieces, whole);
      const slot = this.#freeSlot();
      assigned.slot = slot;
      this.#slots.set(slot, assigned);
      const ticket = (assigned.ticket = shared.offer(slot));
      const {fn, code, args, context, method} = sent;
      const ofActor =
        method !== undefined ? {method} : this.#making ? {makes: this.#making} : undefined;
      const {values} = assigned;
      handed.push({task, slot, ticket, fn, code, args, values, context, ...ofActor});
    }
    order({kind: "run", tasks: handed});
    this.#watch ??= setInterval(() => this.#look(), lookEveryMs);
  }

  #freeSlot(): number {
    while (this.#slots.has(this.#nextSlot)) this.#nextSlot = (this.#nextSlot + 1) % claimSlots;
    return this.#nextSlot;
  }

  #reclaim(): void {
    const reclaimed: TaskId[] = [];
    for (const [slot, assigned] of this.#slots) {
      if (!this.#around.shared.take(slot, assigned.ticket)) continue;
      this.#slots.delete(slot);
      assigned.slot = null;
      reclaimed.push(assigned.sent.task);
    }
    this.#tell({kind: "tasks-reclaimed", tasks: reclaimed});
  }

  /** Tells the trace of what has been running for a while. */
  #look(): void {
    this.#around.poll();
    if (this.#slots.size === 0) {
      clearInterval(this.#watch!);
      this.#watch = null;
      return;
    }
    const running = this.#around.shared.running();
    if (running) {
      this.#began(this.#slots.get(running.slot), running.startedAt);
    }
    const longAgo = nowUs() - tellStartAfterMs * 1000;
    for (const assigned of this.#slots.values()) {
      const {startedAtUs} = assigned;
      if (startedAtUs !== null && startedAtUs < longAgo) this.#traceStart(assigned, startedAtUs, 0);
    }
  }

  // ---- cancelling ----

  #interrupt(task: TaskId): void {
    const assigned = this.#assigned.get(task);
    if (!assigned || assigned.slot === null) return;
    const {shared, order} = this.#around;
    if (shared.take(assigned.slot, assigned.ticket)) {
      const at = nowUs();
      return this.#done(task, {...cancelledEnd, startedAt: at, endedAt: at});
    }
    if (this.#cut(assigned.slot)) return;
    order({kind: "abandon", task});
    const again = setInterval(() => {
      if (!this.#isHere(assigned)) return clearInterval(again);
      // Its thread does not answer: it is in a synchronous part of this task after an `await`, or of
      // what another has left behind. In the code of another task it will answer in time.
      const running = shared.running();
      if (running === null) this.#terminate();
      else if (running.slot === assigned.slot) this.#cut(running.slot);
      order({kind: "abandon", task});
    }, letGoMs);
  }

  /** Only while the task's own code runs: then no code of ours can be torn. */
  #cut(slot: number): boolean {
    if (!this.#around.shared.hold(slot)) return false;
    this.#terminate();
    return true;
  }
  #terminate(): void {
    this.#around.terminate();
    this.#around.order({kind: "resume"});
    this.#around.wake();
  }

  // ---- small things ----

  #isHere(assigned: Assigned): boolean {
    return this.#assigned.get(assigned.sent.task) === assigned;
  }
  #forget(assigned: Assigned | undefined): void {
    if (!assigned) return;
    if (this.#isHere(assigned)) this.#assigned.delete(assigned.sent.task);
    if (assigned.slot !== null) this.#slots.delete(assigned.slot);
    assigned.slot = null;
  }

  #traceStart(assigned: Assigned, at: number, decodeUs: number): void {
    if (assigned.traced) return;
    assigned.traced = true;
    const {sent, fetchUs} = assigned;
    const {worker} = this.#around;
    const {task, attempt} = sent;
    this.#around.trace({
      kind: "task-started",
      at,
      task,
      attempt,
      worker,
      fetchUs: fetchUs + decodeUs,
    });
  }
  #traceEnd(
    {sent}: Assigned,
    at: number,
    end: {
      state: "finished" | "failed" | "cancelled";
      sizeBytes: number;
      storeUs: number;
      error?: string;
    },
  ): void {
    this.#around.trace({kind: "task-ended", at, task: sent.task, attempt: sent.attempt, ...end});
  }
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
