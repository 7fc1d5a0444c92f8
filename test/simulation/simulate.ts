// One seed: a cluster, programs, and faults drawn from it; run to the end and checked.

import {InvariantError} from "../../cluster/core/invariants.js";
import {taskOf} from "../../cluster/ids.js";
import type {ActorId, ClientId, ObjectId} from "../../cluster/ids.js";
import type {Client} from "./client.js";
import {useActor} from "./actor-use.js";
import {addWaits, evaluate, makeProgram} from "./program.js";
import type {ActorPlan, Outcome, Spec} from "./program.js";
import {hasFaults, plague} from "./plague.js";
import {Random} from "./random.js";
import {waitForSome} from "./waiting.js";
import {World} from "./world.js";
import type {Faults, NodeSize} from "./world.js";

export interface Report {
  seed: number;
  tasks: number;
  /** Of actors, by drivers and in tasks. */
  calls: number;
  events: number;
  virtualMs: number;
  crashes: number;
  errors: number;
}

/** A run that goes on for more events than this has a livelock. */
const maxEvents = 2_000_000;

/**
 * What there is to go wrong grew with time. A kept seed is played in the edition in which it failed,
 * so that it still plays the same run.
 */
export const editions = {first: 1, waits: 2, last: 2} as const;

/** Throws when anything is wrong; the message has the story. */
export function simulate(seed: number, edition: number = editions.last): Report {
  const random = new Random(seed);
  // Later weather is drawn by a generator of its own, so that older seeds play the same run.
  const later = new Random(seed + 0x5eed);
  const {sizes, faults, cancels, losesDriver, scales, hasActors} = drawWeather(
    random,
    later.chance(0.4),
  );
  const waits = later.chance(0.3) && edition >= editions.waits;
  const world = new World(random, sizes, faults);
  const watches: Watch[] = [];
  let hasTimeouts = false;
  world.ledger.hasCancels = cancels;
  const driverCount = random.pick([1, 1, 2, 3]);
  for (let i = 1; i <= driverCount; i++) {
    const driver = world.addDriver(`driver${i}`);
    const hasGpu = (sizes[0]!.resources["GPU"] ?? 0) > 0;
    const program = makeProgram(random, {hasGpu, hasActors});
    if (waits) for (const batch of program) addWaits(later, batch);
    hasTimeouts ||= program.some((batch) => batch.some(hasTimeout));
    // One that joins late finds a cluster that has been through something.
    const joinsAtMs = i > 1 && random.chance(0.3) ? random.between(300, 1000) : 0;
    program.forEach((batch, j) => {
      const atMs = joinsAtMs + random.between(0, 300);
      const cell = `${driver.id}-cell${j}`;
      runBatch(world, driver, {batch, cell, atMs}, {cancels, waits}, watches);
    });
  }
  if (losesDriver) {
    world.clock.at(random.between(10, 400), () => world.end("driver1" as ClientId, "killed", true));
  }
  if (scales) {
    world.clock.at(random.between(10, 600), () => {
      const workers = random.whole(1, 4);
      world.head.tell({
        kind: "scaled",
        node: null,
        workers,
        maxWorkers: workers + random.whole(0, 2),
      });
    });
  }
  plague(world);

  const tolerated = {
    cancelled: cancels || hasTimeouts,
    crashed: hasFaults(faults) || cancels || hasTimeouts || losesDriver,
    // A driver that the head has given up, for it stood still.
    stopped: faults.pauseEveryMs > 0,
  };
  try {
    while (world.clock.step()) {
      if (world.clock.events > maxEvents) throw new InvariantError("it does not come to an end");
    }
    world.ledger.check();
    const killed = world.crashes > 0;
    for (const watch of watches) checkOutcome(watch, {...tolerated, killed}, losesDriver);
    const left = world.leftovers();
    if (left.length > 0) throw new InvariantError(`left over: ${left.join("; ")}`, firstTask(left));
  } catch (error) {
    const task = error instanceof InvariantError ? error.task : null;
    const story = world.story(task);
    throw new Error(`seed ${seed}: ${(error as Error).message}\n${story}`, {cause: error});
  }
  return {
    seed,
    tasks: watches.length,
    calls: world.ledger.size,
    events: world.clock.events,
    virtualMs: Math.round(world.clock.nowMs),
    crashes: world.crashes,
    errors: watches.filter(({outcome}) => outcome && !outcome.ok).length,
  };
}

interface Watch {
  driver: Client;
  object: ObjectId;
  spec: Spec;
  expected: Outcome;
  outcome: Outcome | null;
  isDropped: boolean;
}

function drawWeather(random: Random, isForgetful: boolean) {
  const cpus = random.whole(2, 6);
  const workers = random.whole(1, 4);
  const size: NodeSize = {
    resources: {CPU: cpus, ...(random.chance(0.3) ? {GPU: 1} : {})},
    workers,
    maxWorkers: workers + (random.chance(0.5) ? random.whole(1, 4) : 0),
  };
  const sizes = Array.from({length: random.pick([1, 1, 1, 2, 3])}, () => size);
  const isCalm = random.chance(0.3);
  const sometimes = (share: number): boolean => !isCalm && random.chance(share);
  const isStorm = sometimes(0.1);
  const stormAtMs = random.between(0, 500);
  const faults: Faults = {
    twice: sometimes(0.5) ? 0.05 : 0,
    slowestMs: random.pick([0.3, 2, 30]),
    crashEveryMs: isStorm ? random.between(2, 20) : sometimes(0.5) ? random.between(20, 300) : 0,
    maxCrashes: isStorm ? random.whole(20, 200) : random.whole(1, 8),
    startCrashes: sometimes(0.2) ? 0.2 : 0,
    startStorm: sometimes(0.1)
      ? {fromMs: stormAtMs, untilMs: stormAtMs + random.between(100, 3000)}
      : null,
    pauseEveryMs: sometimes(0.3) ? random.between(20, 200) : 0,
    breakEveryMs: sometimes(0.3) ? random.between(20, 200) : 0,
    skewMs: random.pick([0, 1000, 1e7]),
    isForgetful,
  };
  return {
    sizes,
    faults,
    cancels: !isCalm && random.chance(0.4),
    losesDriver: !isCalm && random.chance(0.15),
    scales: random.chance(0.2),
    hasActors: random.chance(0.6),
  };
}

/** Submits the batch at some moment, gets some of it, lets go of all of it. */
function runBatch(
  world: World,
  driver: Client,
  {batch, cell, atMs}: {batch: Spec[]; cell: string; atMs: number},
  {cancels, waits}: {cancels: boolean; waits: boolean},
  watches: Watch[],
): void {
  const {random} = world;
  const {clock} = driver;
  const expected = evaluate(batch);
  clock.after(atMs, () => {
    if (driver.isDead) return;
    const objects: ObjectId[] = [];
    const context = {parent: null, depth: 0, cell, actors: new Map<ActorPlan, ActorId>()};
    for (const spec of batch) objects.push(driver.submit(spec, objects, context));
    objects.forEach((object, i) => {
      const {makes} = batch[i]!;
      if (makes) return useActor(world, driver, context.actors.get(makes)!);
      const watch: Watch = {
        driver,
        object,
        spec: batch[i]!,
        expected: expected[i]!,
        outcome: null,
        isDropped: random.chance(0.1),
      };
      watches.push(watch);
      const letGo = () => {
        clock.after(random.pick([0, 0, 20]), () => driver.isDead || driver.drop(object));
      };
      if (watch.isDropped) letGo();
      else {
        driver.get(object, (outcome) => {
          watch.outcome = outcome;
          letGo();
        });
      }
      if (cancels && random.chance(0.08)) {
        const force = random.chance(0.3);
        const recursive = random.chance(0.8);
        const task = taskOf(object);
        clock.after(random.between(0, 150), () =>
          driver.tell({kind: "cancel-asked", task, force, recursive}),
        );
      }
    });
    if (waits && random.chance(0.6)) {
      const gotten = objects.filter((_, i) => !batch[i]!.makes && random.chance(0.6));
      waitForSome(world, driver, gotten);
    }
    if (cancels && random.chance(0.1)) {
      clock.after(random.between(0, 150), () => driver.tell({kind: "cancel-cell-asked", cell}));
    }
  });
}

function checkOutcome(
  watch: Watch,
  tolerated: {cancelled: boolean; crashed: boolean; killed: boolean; stopped: boolean},
  losesDriver: boolean,
): void {
  const {driver, object, expected, outcome, spec, isDropped} = watch;
  const task = taskOf(object);
  if (driver.isDead && losesDriver) return;
  if (isDropped) return;
  if (!outcome) throw new InvariantError(`get of ${spec.name} never settled`, task);
  if (outcome.ok) {
    if (expected.ok && expected.value === outcome.value) return;
  } else {
    if (!expected.ok && /^Boom/.test(outcome.error)) return;
    if (tolerated.cancelled && outcome.error === "cancelled") return;
    if (tolerated.stopped && /^cluster-stopped/.test(outcome.error)) return;
    if (tolerated.crashed && /^(worker-crashed|lost|cancelled)/.test(outcome.error)) return;
    // Of a call, by itself or inside of a task: whether it may was asked when its caller was told.
    if (/^actor-(died|unavailable)$/.test(outcome.error) && !spec.isPlain) return;
    if (tolerated.killed && /^lost/.test(outcome.error) && !spec.isPlain) return;
  }
  const got = JSON.stringify(outcome);
  throw new InvariantError(
    `${spec.name} came to ${got} instead of ${JSON.stringify(expected)}`,
    task,
  );
}

function hasTimeout(spec: Spec): boolean {
  return spec.timeoutMs !== undefined || spec.children.some(hasTimeout);
}

function firstTask(left: string[]) {
  const id = /[0-9a-f]{48}/.exec(left.join(" "));
  return id ? taskOf(id[0] as ObjectId) : null;
}
