// What a driver does with an actor beside the calls of its program: it gives it to others, kills
// it, looks for one by its name, and lets go of it.

import {holdOf, type ActorId} from "../../cluster/ids.js";
import type {Client} from "./client.js";
import {actorNames, type ActorPlan, type Spec} from "./program.js";
import type {World} from "./world.js";

export function useActor(world: World, driver: Client, actor: ActorId): void {
  const {random} = world;
  const {clock} = driver;
  for (const other of world.drivers.values()) {
    if (other === driver || !random.chance(0.5)) continue;
    driver.passOn(holdOf(actor));
    receive(world, other, actor);
  }
  if (random.chance(0.1)) {
    clock.after(random.between(0, 400), () => driver.kill(actor, random.chance(0.5)));
  }
  if (random.chance(0.1)) {
    clock.after(random.between(0, 400), () =>
      driver.seek(random.pick(actorNames), (found) => {
        if (found) receive(world, driver, found);
      }),
    );
  }
  letGo(world, driver, actor);
}

/** A handle has come: it may overtake the news that there is such an actor. */
function receive(world: World, driver: Client, actor: ActorId): void {
  const {random} = world;
  const {clock} = driver;
  clock.after(random.between(0, 5), () => {
    if (driver.isDead) return;
    driver.hold(holdOf(actor));
    const plan = world.ledger.planOf(actor);
    const context = {parent: null, depth: 0, cell: "", actors: new Map([[plan, actor]])};
    const times = random.whole(0, 4);
    for (let i = 0; i < times; i++) {
      clock.after(random.between(0, 200), () => {
        if (driver.isDead || !driver.holds(holdOf(actor))) return;
        const object = driver.submit(simpleCall(world, plan), [], context);
        driver.get(object, () => driver.drop(object));
      });
    }
    letGo(world, driver, actor);
  });
}

function letGo(world: World, driver: Client, actor: ActorId): void {
  const ms = world.random.pick([0, world.random.between(0, 400)]);
  driver.clock.after(ms, () => driver.isDead || driver.drop(holdOf(actor)));
}

function simpleCall({random}: World, on: ActorPlan): Spec {
  return {
    name: `t${random.whole(1000, 2000)}`,
    beforeMs: random.between(0.01, 1),
    afterMs: random.between(0.01, 20),
    resources: {},
    priority: 0,
    args: [],
    holds: [],
    children: [],
    awaits: "all",
    ends: random.chance(0.1) ? "throws" : "well",
    maxRetries: random.pick([0, 0, 2]),
    isBig: false,
    on,
    isPlain: false,
  };
}
