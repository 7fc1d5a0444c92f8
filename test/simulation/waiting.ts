// Drivers that wait for some of what their cells have submitted, in a loop, as programs do.

import type {ObjectId} from "../../cluster/ids.js";
import type {Client} from "./client.js";
import {drawWait} from "./program.js";
import type {World} from "./world.js";

/** A program gives up waiting after so many rounds. */
const maxRounds = 8;

export function waitForSome(world: World, driver: Client, objects: ObjectId[]): void {
  const {random} = world;
  driver.clock.after(random.pick([0, random.between(0, 60)]), () => {
    if (!driver.isDead) waitOnce(world, driver, objects, maxRounds);
  });
}

function waitOnce(world: World, driver: Client, objects: ObjectId[], rounds: number): void {
  const {random} = world;
  // A program can wait only for what it holds.
  const held = objects.filter((object) => driver.holds(object));
  if (held.length === 0 || rounds === 0) return;
  driver.wait({
    objects: held,
    ...drawWait(random, held.length),
    by: null,
    blocked() {},
    unblocked() {},
    answered(ready) {
      const taken = new Set(ready);
      const others = held.filter((_, i) => !taken.has(i));
      driver.clock.after(random.pick([0, 5]), () => {
        if (!driver.isDead) waitOnce(world, driver, others, rounds - 1);
      });
    },
  });
}
