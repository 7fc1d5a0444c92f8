// One seed: a cluster, programs, and faults drawn from it; run to the end and checked.

import {InvariantError} from "../../cluster/core/invariants.js";
import {taskOf} from "../../cluster/ids.js";
import type {ActorId, ObjectId} from "../../cluster/ids.js";
import type {Client} from "./client.js";
import {useActor} from "./actor-use.js";
import {addLarge, addWaits, evaluate, makeProgram} from "./program.js";
import type {ActorPlan, Outcome, Spec} from "./program.js";
import {hasFaults, plague} from "./plague.js";
import {leftoversOf} from "./leftovers.js";
import {waitForSome} from "./waiting.js";
import {Session, Sessions} from "./session.js";
import type {World} from "./world.js";
import {drawWeather, editions} from "./weather.js";

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
const maxEvents = 30_000;

/** Throws when anything is wrong; the message has the story. */
export function simulate(seed: number, edition: number = editions.last): Report {
  const weather = drawWeather(seed, edition);
  const {random, sizes, faults, cancels, losesDriver, scales, hasActors, waits, heads, stores} =
    weather;
  const sessions = new Sessions(random, sizes, faults);
  const {world} = sessions;
  const {clock} = sessions.times;
  const watches: Watch[] = [];
  let first: Session | undefined;
  let hasTimeouts = false;
  world.ledger.hasCancels = cancels;
  sessions.onWorld = ({ledger}) => (ledger.hasCancels = cancels);
  const driverCount = random.pick([1, 1, 2, 3]);
  for (let i = 1; i <= driverCount; i++) {
    const session = new Session(sessions, `driver${i}`);
    first ??= session;
    const hasGpu = (sizes[0]!.resources["GPU"] ?? 0) > 0;
    const program = makeProgram(random, {hasGpu, hasActors});
    if (waits) for (const batch of program) addWaits(waits, batch);
    if (heads) program.push(...makeProgram(heads, {hasGpu, hasActors}));
    if (stores) for (const batch of program) addLarge(stores, batch);
    hasTimeouts ||= program.some((batch) => batch.some(hasTimeout));
    // One that joins late finds a cluster that has been through something.
    const joinsAtMs = i > 1 && random.chance(0.3) ? random.between(300, 1000) : 0;
    program.forEach((batch, j) => {
      const atMs = joinsAtMs + random.between(0, heads ? 1500 : 300);
      const cell = `driver${i}-cell${j}`;
      runBatch(session, {batch, cell, atMs}, {cancels, waits: waits !== null}, watches);
    });
  }
  if (losesDriver) {
    clock.at(random.between(10, 400), () => first!.end());
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
    full: faults.stores !== null && faults.stores.limitBytes < Infinity,
    unreachable: faults.stores !== null && faults.stores.breakEveryMs > 0,
    cancelled: cancels || hasTimeouts,
    crashed: hasFaults(faults) || cancels || hasTimeouts || losesDriver,
    // A driver that the head has given up, for it stood still.
    stopped: faults.pauseEveryMs + faults.headEveryMs > 0,
  };
  try {
    while (clock.step()) {
      if (clock.events > maxEvents) throw new InvariantError("it does not come to an end");
    }
    for (const {ledger} of sessions.worlds) ledger.check();
    for (const watch of watches) checkOutcome(watch, tolerated, losesDriver);
    const left = sessions.worlds.flatMap(leftoversOf);
    if (left.length > 0) throw new InvariantError(`left over: ${left.join("; ")}`, firstTask(left));
  } catch (error) {
    const task = error instanceof InvariantError ? error.task : null;
    const story = sessions.worlds.map((each) => each.story.ofTask(task)).join("\n----\n");
    throw new Error(`seed ${seed}: ${(error as Error).message}\n${story}`, {cause: error});
  }
  return {
    seed,
    tasks: watches.length,
    calls: sum(sessions.worlds.map(({ledger}) => ledger.size)),
    events: clock.events,
    virtualMs: Math.round(clock.nowMs),
    crashes: sum(sessions.worlds.map(({crashes}) => crashes)),
    errors: watches.filter(({outcome}) => outcome && !outcome.ok).length,
  };
}

const sum = (numbers: number[]): number => numbers.reduce((one, other) => one + other, 0);

interface Watch {
  world: World;
  driver: Client;
  object: ObjectId;
  spec: Spec;
  expected: Outcome;
  outcome: Outcome | null;
  isDropped: boolean;
}

/** Submits the batch at some moment, gets some of it, lets go of all of it. */
function runBatch(
  session: Session,
  {batch, cell, atMs}: {batch: Spec[]; cell: string; atMs: number},
  {cancels, waits}: {cancels: boolean; waits: boolean},
  watches: Watch[],
): void {
  const {random} = session.world;
  const {clock} = session.driver;
  const expected = evaluate(batch);
  clock.after(atMs, () => {
    session.enter();
    const {driver, world} = session;
    if (driver.isDead) return;
    const objects: ObjectId[] = [];
    const context = {parent: null, depth: 0, cell, actors: new Map<ActorPlan, ActorId>()};
    for (const spec of batch) objects.push(driver.submit(spec, objects, context));
    objects.forEach((object, i) => {
      const {makes} = batch[i]!;
      if (makes) return useActor(world, driver, context.actors.get(makes)!);
      const watch: Watch = {
        world,
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
  tolerated: {
    full: boolean;
    unreachable: boolean;
    cancelled: boolean;
    crashed: boolean;
    stopped: boolean;
  },
  losesDriver: boolean,
): void {
  const {world, driver, object, expected, outcome, spec, isDropped} = watch;
  const task = taskOf(object);
  if (driver.isDead && losesDriver) return;
  if (isDropped) return;
  if (!outcome) throw new InvariantError(`get of ${spec.name} never settled`, task);
  if (outcome.ok) {
    if (expected.ok && expected.value === outcome.value) return;
  } else {
    if (!expected.ok && /^Boom/.test(outcome.error)) return;
    if (tolerated.full && outcome.error === "store-full") return;
    if (tolerated.unreachable && /^lost/.test(outcome.error)) return;
    if (tolerated.cancelled && outcome.error === "cancelled") return;
    if ((tolerated.stopped || world.head.isDead) && /^cluster-stopped/.test(outcome.error)) return;
    if (tolerated.crashed && /^(worker-crashed|lost|cancelled)/.test(outcome.error)) return;
    // Of a call, by itself or inside of a task: whether it may was asked when its caller was told.
    if (/^actor-(died|unavailable)$/.test(outcome.error) && !spec.isPlain) return;
    if (world.crashes > 0 && /^lost/.test(outcome.error) && !spec.isPlain) return;
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
