// What must hold after every event. Checked in tests only; a failure names the lease or task, and
// the simulation adds its story.

import {clientOf, maybeActor, objectId} from "../ids.js";
import type {LeaseId, TaskId} from "../ids.js";
import type {ActorRunner} from "./actor-runner.js";
import type {Actors} from "./actors.js";
import {add, cpusOf, subtract} from "./amounts.js";
import {isServedBefore} from "./leases.js";
import type {Directory} from "./directory.js";
import type {Machines} from "./machines.js";
import type {Runner} from "./runner.js";
import type {Scheduler} from "./scheduler.js";
import type {Submitter} from "./submitter.js";

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
  for (const node of nodes.values()) {
    const free = new Map(node.total);
    let owed = 0;
    for (const process of node.processes.values()) {
      must(processes.get(process.id) === process, `${process.id} of ${node.id} is not known`);
      let awake = 0;
      for (const lease of process.leases) {
        must(leases.get(lease.id) === lease, `${lease.id} on ${process.id} is not known`);
        const isThere = process.state === "up" || process.state === "fenced";
        must(isThere, `${lease.id} is on ${process.id}, which is ${process.state}`);
        const {dedicated} = lease.want.shape;
        must(process.isDedicated === (dedicated ?? false), `${lease.id} shares an actor's process`);
        subtract(free, lease.holds);
        if (lease.isSuspended) add(free, cpusOf(lease.holds));
        else if (lease.wasSuspended) owed += lease.holds.get("CPU") ?? 0;
        if (!lease.isSuspended && !lease.wasSuspended) awake++;
      }
      must(awake <= 1, `${process.id} has ${awake} leases awake`);
      const isOnlyOne = !process.isDedicated || process.leases.size <= 1;
      must(isOnlyOne, `${process.id} has ${process.leases.size} actors`);
    }
    for (const [name, whole] of free) {
      const counted = node.free.get(name) ?? 0;
      must(
        counted === whole,
        `${node.id} counts ${counted} free ${name}, its leases leave ${whole}`,
      );
      const least = name === "CPU" ? -owed : 0;
      must(whole >= least, `${node.id} has ${whole} ten-thousandths of ${name} free`);
    }
  }
  for (const want of wants) {
    must(want.count >= 0, `${want.client} wants ${want.count} of ${want.shape.key}`);
    let held = 0;
    let all = 0;
    for (const lease of leases.values()) {
      if (lease.want !== want) continue;
      all++;
      if (!lease.isRevoked) held++;
    }
    must(
      all === want.leases,
      `${want.client} has ${all} of ${want.shape.key}, counted ${want.leases}`,
    );
    must(
      held === want.held,
      `${want.client} holds ${held} of ${want.shape.key}, counted ${want.held}`,
    );
  }
  for (const lease of leases.values()) {
    must(processes.get(lease.process.id) === lease.process, `${lease.id} has no live worker`);
    must(lease.process.leases.has(lease), `${lease.id} is not on its worker`);
  }
}

export function checkSubmitter(submitter: Submitter): void {
  const {tasks, settling, leases, queues, objects} = submitter.inspect();
  let queued = 0;
  let sent = 0;
  for (const task of tasks.values()) {
    switch (task.state) {
      case "waiting":
        must(task.list === null && task.missing > 0, "waits for nothing", task.id);
        break;
      case "queued":
        queued++;
        must(task.list === task.queue.ready && task.lease === null, "is not in its queue", task.id);
        break;
      case "sent":
        sent++;
        must(
          task.lease !== null && leases.get(task.lease.id) === task.lease,
          "has no lease",
          task.id,
        );
        must(task.list === task.lease?.sent, "is not on its lease", task.id);
        must(!task.alone || task.lease?.sent.size === 1, "must travel alone", task.id);
        break;
      case "settling":
        must(false, "has been told its end, and is kept", task.id);
        break;
      default:
        task.state satisfies never;
    }
    const result = objects.get(objectId(task.id));
    // What holders of an actor hold is there from the first, and may be let go before it is made.
    if (task.ticket.actor?.kind !== "creation")
      must(!result?.place, "has a result before its end", task.id);
    for (const object of task.ticket.args) {
      must((objects.get(object)?.needs ?? 0) > 0, `does not hold its argument ${object}`, task.id);
    }
  }
  for (const task of settling.values()) {
    const {state, lease, list} = task;
    const isHeld = lease !== null && leases.get(lease.id) === lease && list === lease.sent;
    must(state === "settling" && isHeld, "settles, and has lost its lease", task.id);
    must(lease?.closing || !!task.ticket.actor, "settles on a lease that takes more", task.id);
  }
  let inQueues = 0;
  for (const {ready, shape} of queues.values()) {
    inQueues += ready.size;
    if (!shape.actor) continue;
    for (let task = ready.first; task?.next; task = task.next)
      must(task.turn < task.next.turn, "waits in front of an earlier call", task.next.id);
  }
  must(inQueues === queued, `${queued} tasks are queued, the queues hold ${inQueues}`);
  let onLeases = 0;
  for (const lease of leases.values()) {
    onLeases += lease.sent.size;
    must(lease.queue.leases.has(lease), `${lease.id} is not with its queue`);
  }
  const under = sent + settling.size;
  must(onLeases === under, `${under} tasks are sent, the leases hold ${onLeases}`);
  for (const entry of objects.values()) {
    must(entry.needs >= 0, `object ${entry.object} is needed ${entry.needs} times`);
    const isKept = entry.held || entry.needs > 0 || (entry.own && !entry.place);
    must(isKept, `object ${entry.object} is kept though nobody holds it`);
  }
}

/** Tasks were sent on this lease just now: none that is more urgent, and would fit there, waits. */
export function checkPriority(submitter: Submitter, id: LeaseId): void {
  const {leases, queues} = submitter.inspect();
  const {queue} = leases.get(id)!;
  for (const {shape, ready} of queues.values()) {
    const waits = ready.first;
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
    must((actor.process !== null) === hasProcess, `actor ${id} is ${state} in the wrong process`);
    const {name} = options;
    const isNamed = name === null || names.get(name) === actor;
    must(isNamed !== actor.awaitsName, `actor ${id} does not have its name ${name}`);
    must(state === "declared" || isNamed, `actor ${id} is ${state} without its name ${name}`);
    for (const caller of callers.values()) {
      const {client, lease, count} = caller;
      if (lease) {
        must(state === "alive", `${client} has ${lease} of actor ${id}, which is ${state}`);
        must(leases.get(lease)?.caller === caller, `${lease} of ${client} is not known`);
      } else {
        must(state !== "alive" || count === 0, `${client} waits for actor ${id}, which is alive`);
      }
    }
  }
  for (const [name, {id}] of names) must(living.has(id), `the name ${name} is a dead actor's`);
  for (const [lease, {actor, caller}] of leases) {
    must(living.get(actor.id) === actor, `${lease} is of the dead actor ${actor.id}`);
    must(actor.callers.get(caller.client) === caller, `${lease} has lost its client`);
  }
}

/** Each for itself, and that they agree about each actor's process. */
export function checkMachines({scheduler, directory, actors}: Machines): void {
  checkScheduler(scheduler);
  checkDirectory(directory);
  checkActors(actors);
  const {leases, wants} = scheduler.inspect();
  const living = actors.inspect().actors;
  for (const {id, state, process} of living.values()) {
    if (process) {
      const lease = leases.get(process.lease);
      must(lease?.want.client === clientOf(id), `actor ${id} has lost ${process.lease}`);
      must(lease?.process.id === process.worker, `actor ${id} is not on ${process.worker}`);
    }
    const want = wants.find(({client}) => client === clientOf(id));
    const count = state === "placing" ? 1 : 0;
    must((want?.count ?? 0) === count, `actor ${id} is ${state}, yet wants ${want?.count}`);
  }
  for (const {client, count} of wants) {
    const actor = maybeActor(client);
    if (actor && count > 0) must(living.has(actor), `the dead actor ${actor} wants a process`);
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
  if (!holds) throw new InvariantError(task ? `task ${task} ${what}` : what, task);
}
