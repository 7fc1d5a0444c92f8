// What must hold after every event. Checked in tests only; a failure names the lease or task, and
// the simulation adds its story.

import {clientOf, maybeActor, objectId} from "../ids.js";
import type {ActorId, LeaseId, TaskId, WorkerId} from "../ids.js";
import type {ActorRunner} from "./worker/actor-runner.js";
import type {Actors} from "./head/actors.js";
import {add, cpusOf, subtract} from "./head/amounts.js";
import {isServedBefore} from "./client/leases.js";
import type {Directory} from "./head/directory.js";
import type {Machines} from "./head/machines.js";
import type {PoolLease, PoolNode, PoolProcess, Want} from "./head/pool.js";
import type {Runner} from "./worker/runner.js";
import type {Scheduler} from "./head/scheduler.js";
import type {Submitter} from "./client/submitter.js";

export class InvariantError extends Error {
  override name = "InvariantError";
  readonly task: TaskId | null;
  constructor(message: string, task: TaskId | null = null) {
    super(message);
    this.task = task;
  }
}

export function checkScheduler(scheduler: Scheduler): void {
  const {nodes, processes, leases, wants} = scheduler.inspect();
  for (const node of nodes.values()) checkNode(node, processes, leases);
  const counted = new Map<Want, {all: number; held: number}>();
  for (const lease of leases.values()) {
    const {id, process, want} = lease;
    if (processes.get(process.id) !== process) fail(`${id} has no live worker`);
    if (!process.leases.has(lease)) fail(`${id} is not on its worker`);
    const count = counted.get(want);
    const held = lease.isRevoked ? 0 : 1;
    if (!count) counted.set(want, {all: 1, held});
    else {
      count.all++;
      count.held += held;
    }
  }
  for (const want of wants) {
    const {client, count, shape} = want;
    const {all, held} = counted.get(want) ?? nothing;
    if (count < 0) fail(`${client} wants ${count} of ${shape.key}`);
    if (all !== want.leases) fail(`${client} has ${all} of ${shape.key}, counted ${want.leases}`);
    if (held !== want.held) fail(`${client} holds ${held} of ${shape.key}, counted ${want.held}`);
  }
}

const nothing = {all: 0, held: 0};

function checkNode(
  node: PoolNode,
  processes: ReadonlyMap<WorkerId, PoolProcess>,
  leases: ReadonlyMap<LeaseId, PoolLease>,
): void {
  const free = new Map(node.total);
  let owed = 0;
  for (const process of node.processes.values()) {
    if (processes.get(process.id) !== process) fail(`${process.id} of ${node.id} is not known`);
    let awake = 0;
    for (const lease of process.leases) {
      const {id, holds, isSuspended, wasSuspended, want} = lease;
      if (leases.get(id) !== lease) fail(`${id} on ${process.id} is not known`);
      const isThere = process.state === "up" || process.state === "fenced";
      if (!isThere) fail(`${id} is on ${process.id}, which is ${process.state}`);
      if (process.isDedicated !== (want.shape.dedicated ?? false))
        fail(`${id} shares an actor's process`);
      subtract(free, holds);
      if (isSuspended) add(free, cpusOf(holds));
      else if (wasSuspended) owed += holds.get("CPU") ?? 0;
      else awake++;
    }
    if (awake > 1) fail(`${process.id} has ${awake} leases awake`);
    if (process.isDedicated && process.leases.size > 1)
      fail(`${process.id} has ${process.leases.size} actors`);
  }
  for (const [name, whole] of free) {
    const counted = node.free.get(name) ?? 0;
    if (counted !== whole)
      fail(`${node.id} counts ${counted} free ${name}, its leases leave ${whole}`);
    const least = name === "CPU" ? -owed : 0;
    if (whole < least) fail(`${node.id} has ${whole} ten-thousandths of ${name} free`);
  }
}

export function checkSubmitter(submitter: Submitter): void {
  const {tasks, settling, leases, queues, objects} = submitter.inspect();
  let queued = 0;
  let sent = 0;
  let packed = 0;
  for (const [name, task] of tasks) {
    if (task.state === "packed") {
      packed++;
      if (!task.ids.includes(name)) fail("is not in its pack", name);
      continue;
    }
    const {alone, id, lease, list, missing, state, ticket} = task;
    switch (state) {
      case "waiting":
        if (list !== null || missing === 0) fail("waits for nothing", id);
        break;
      case "queued":
        queued++;
        if (list !== task.queue.ready || lease !== null) fail("is not in its queue", id);
        break;
      case "sent":
        sent++;
        if (lease === null || leases.get(lease.id) !== lease) fail("has no lease", id);
        if (list !== lease.sent) fail("is not on its lease", id);
        if (alone && lease.sent.size !== 1) fail("must travel alone", id);
        break;
      case "settling":
        fail("has been told its end, and is kept", id);
        break;
      default:
        state satisfies never;
    }
    // What holders of an actor hold is there from the first, and may be let go before it is made.
    if (ticket.actor?.kind !== "creation" && objects.get(objectId(id))?.place)
      fail("has a result before its end", id);
    for (const object of ticket.args) {
      if (!((objects.get(object)?.needs ?? 0) > 0))
        fail(`does not hold its argument ${object}`, id);
    }
  }
  for (const task of settling.values()) {
    const {state, lease, list} = task;
    const isHeld = lease !== null && leases.get(lease.id) === lease && list === lease.sent;
    must(state === "settling" && isHeld, "settles, and has lost its lease", task.id);
    must(lease?.closing || !!task.ticket.actor, "settles on a lease that takes more", task.id);
  }
  let inQueues = 0;
  let inPacks = 0;
  for (const {ready, backlog, shape} of queues.values()) {
    inQueues += ready.size;
    const tasksInPacks = [...backlog].length;
    inPacks += tasksInPacks;
    if (tasksInPacks !== backlog.size)
      fail(`${tasksInPacks} tasks of ${shape.key} are packed, counted ${backlog.size}`);
    if (!shape.actor) continue;
    for (let task = ready.first; task?.next; task = task.next) {
      if (task.turn >= task.next.turn) fail("waits in front of an earlier call", task.next.id);
    }
  }
  if (inQueues !== queued) fail(`${queued} tasks are queued, the queues hold ${inQueues}`);
  if (inPacks !== packed) fail(`${packed} tasks are packed, the backlogs hold ${inPacks}`);
  let onLeases = 0;
  for (const lease of leases.values()) {
    onLeases += lease.sent.size;
    if (!lease.queue.leases.has(lease)) fail(`${lease.id} is not with its queue`);
  }
  const under = sent + settling.size;
  if (onLeases !== under) fail(`${under} tasks are sent, the leases hold ${onLeases}`);
  for (const {held, needs, object, own, place} of objects.values()) {
    if (needs < 0) fail(`object ${object} is needed ${needs} times`);
    if (!held && needs === 0 && (!own || place))
      fail(`object ${object} is kept though nobody holds it`);
  }
}

/** Tasks were sent on this lease just now: none that is more urgent, and would fit there, waits. */
export function checkPriority(submitter: Submitter, id: LeaseId): void {
  const {leases, queues} = submitter.inspect();
  const {queue} = leases.get(id)!;
  for (const {shape, ready, backlog} of queues.values()) {
    const waits = ready.first ?? backlog.first;
    if (!waits || !isServedBefore(shape, queue.shape)) continue;
    must(false, `waits for a lease while one of lower priority is sent on ${id}`, waits.id);
  }
}

export function checkDirectory(directory: Directory): void {
  for (const entry of directory.inspect().values()) {
    must(!entry.place || entry.parked.size === 0, `${entry.object} is known, yet some wait for it`);
    for (const client of entry.parked) {
      must(entry.holders.has(client), `${client} waits for ${entry.object} but does not hold it`);
    }
  }
}

export function checkActors(actors: Actors): void {
  const {actors: living, names, leases} = actors.inspect();
  for (const actor of living.values()) {
    const {id, state, options, callers} = actor;
    const hasProcess = state === "making" || state === "alive" || state === "ending";
    if ((actor.process !== null) !== hasProcess)
      fail(`actor ${id} is ${state} in the wrong process`);
    const {name} = options;
    const isNamed = name === null || names.get(name) === actor;
    if (isNamed === actor.awaitsName) fail(`actor ${id} does not have its name ${name}`);
    if (state !== "declared" && !isNamed) fail(`actor ${id} is ${state} without its name ${name}`);
    for (const caller of callers.values()) {
      const {client, lease, count} = caller;
      if (lease) {
        if (state !== "alive") fail(`${client} has ${lease} of actor ${id}, which is ${state}`);
        if (leases.get(lease)?.caller !== caller) fail(`${lease} of ${client} is not known`);
      } else if (state === "alive" && count !== 0) {
        fail(`${client} waits for actor ${id}, which is alive`);
      }
    }
  }
  for (const [name, {id}] of names) if (!living.has(id)) fail(`the name ${name} is a dead actor's`);
  for (const [lease, {actor, caller}] of leases) {
    if (living.get(actor.id) !== actor) fail(`${lease} is of the dead actor ${actor.id}`);
    if (actor.callers.get(caller.client) !== caller) fail(`${lease} has lost its client`);
  }
}

/** Each for itself, and that they agree about each actor's process. */
export function checkMachines({scheduler, directory, actors}: Machines): void {
  checkScheduler(scheduler);
  checkDirectory(directory);
  checkActors(actors);
  const {leases, wants} = scheduler.inspect();
  const living = actors.inspect().actors;
  const wanted = new Map<ActorId, number>();
  for (const {client, count} of wants) {
    const actor = maybeActor(client);
    if (!actor) continue;
    wanted.set(actor, count);
    if (count > 0 && !living.has(actor)) fail(`the dead actor ${actor} wants a process`);
  }
  for (const {id, state, process} of living.values()) {
    if (process) {
      const lease = leases.get(process.lease);
      if (lease?.want.client !== clientOf(id)) fail(`actor ${id} has lost ${process.lease}`);
      if (lease.process.id !== process.worker) fail(`actor ${id} is not on ${process.worker}`);
    }
    const count = wanted.get(id) ?? 0;
    if (count !== (state === "placing" ? 1 : 0))
      fail(`actor ${id} is ${state}, yet wants ${count}`);
  }
}

export function checkRunner(runner: Runner): void {
  const {tasks, suspended} = runner.inspect();
  const asleep = new Set<LeaseId>();
  const awake = new Set<LeaseId>();
  for (const task of tasks.values()) {
    const isListed = task.state === "preparing" || task.state === "ready";
    must((task.list !== null) === isListed, `is ${task.state} and in the wrong list`, task.id);
    if (task.state === "blocked") asleep.add(task.lease);
    else if (!isListed) awake.add(task.lease);
  }
  for (const lease of asleep) {
    const isDue = !awake.has(lease);
    must(suspended.has(lease) === isDue, `${lease} must ${isDue ? "" : "not "}be suspended`);
  }
  for (const lease of suspended) must(asleep.has(lease), `${lease} is suspended for nothing`);
}

export function checkActorRunner(runner: ActorRunner): void {
  const {tasks, waiting, handed, most} = runner.inspect();
  let away = 0;
  for (const {id, state, client} of tasks.values()) {
    const calls = waiting.get(client)?.filter((call) => call.id === id).length ?? 0;
    must(calls === (state === "handed" ? 0 : 1), `is ${state}, and waits ${calls} times`, id);
    if (state === "handed") away++;
  }
  must(away === handed, `${away} calls are handed over, counted ${handed}`);
  must(handed <= most, `${handed} calls are handed over at once`);
  for (const [client, calls] of waiting) {
    must(calls.length > 0, `${client} waits for nothing`);
    for (const {id, state} of calls) must(tasks.has(id), `has ended, and waits (${state})`, id);
  }
}

function must(holds: boolean, what: string, task: TaskId | null = null): void {
  if (!holds) fail(what, task);
}
/**
 * The checks that run most often call this by themselves, so that only a failure makes its text.
 */
function fail(what: string, task: TaskId | null = null): never {
  throw new InvariantError(task ? `task ${task} ${what}` : what, task);
}
