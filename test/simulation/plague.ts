// Faults of a cluster in the simulation. Processes crash, one by one or in storms, or stand still
// and go on. Machines are cut off for a while. Links break between processes that live.

import type {NodeId} from "../../cluster/ids.js";
import {limits} from "./limits.js";
import type {Faults} from "./weather.js";
import type {World} from "./world.js";

export function hasFaults(faults: Faults): boolean {
  const {crashEveryMs, pauseEveryMs, breakEveryMs, headEveryMs} = faults;
  return crashEveryMs + pauseEveryMs + breakEveryMs + headEveryMs > 0;
}

export function plague(world: World): void {
  const {faults, random} = world;
  const {crashEveryMs, maxCrashes, pauseEveryMs, breakEveryMs} = faults;
  repeat(world, crashEveryMs, maxCrashes, () => world.crashSome());
  repeat(world, pauseEveryMs, random.whole(1, 8), () => pauseSome(world));
  repeat(world, breakEveryMs, random.whole(1, 8), () => breakSome(world));
  const storeBreaksMs = faults.stores?.breakEveryMs ?? 0;
  if (storeBreaksMs > 0)
    repeat(world, storeBreaksMs, random.whole(1, 20), () => world.store.breakSome());
  if (faults.headEveryMs > 0)
    repeat(world, faults.headEveryMs, random.whole(1, 3), () => troubleHead(world));
}

function repeat({clock, random}: World, everyMs: number, times: number, act: () => void): void {
  if (everyMs === 0 || times === 0) return;
  clock.after(random.between(0, 2 * everyMs), () => {
    act();
    repeat({clock, random} as World, everyMs, times - 1, act);
  });
}

/** A worker mostly; a driver or a node that is not the head's now and then. */
function pauseSome(world: World): void {
  const {random, workers, drivers} = world;
  const ms = random.chance(0.5)
    ? random.between(1, limits.memberSilenceMs)
    : random.between(limits.memberSilenceMs, 4 * limits.memberSilenceMs);
  const nodes = othersOf(world);
  const among = random.chance(0.1)
    ? [...drivers.keys()]
    : nodes.length > 0 && random.chance(0.2)
      ? nodes
      : [...workers.keys()];
  if (among.length > 0) world.pause(random.pick<string>(among), ms);
}

/** The head's process ends, or stands still, or its machine is suspended with all drivers. */
function troubleHead(world: World): void {
  const {random} = world;
  const ms = random.pick([
    random.between(1, limits.headSilenceMs),
    random.between(limits.headSilenceMs, limits.memberSilenceMs),
    random.between(limits.memberSilenceMs, 4 * limits.memberSilenceMs),
  ]);
  random.pick([
    () => world.troubles.end("killed by the simulation"),
    () => world.troubles.pause(ms),
    () => world.troubles.suspend(ms),
  ])();
}

function breakSome(world: World): void {
  const {random, workers, drivers} = world;
  const nodes = othersOf(world);
  if (nodes.length > 0 && random.chance(0.4)) {
    world.partition(random.pick(nodes), random.between(1, 2 * limits.memberSilenceMs));
    return;
  }
  if (workers.size === 0) return;
  const clients = [...drivers.values(), ...[...workers.values()].map(({client}) => client)];
  const client = random.pick(clients);
  const worker = random.pick([...workers.keys()]);
  if ((client.id as string) !== worker) world.breakLink(client.id, worker);
}

/** The first node is part of the head's process. */
function othersOf({nodes}: World): NodeId[] {
  return [...nodes.values()].slice(1).flatMap(({id, isDead}) => (isDead ? [] : [id]));
}
