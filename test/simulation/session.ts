// A program and its clusters: when the head of one is lost, the next submission starts another, as
// cluster/api/embedded.ts does. What is left of the old one may still live for a while, and reaches
// nobody: each cluster has keys of its own, and the doors of a new one are closed to the old.

import type {Client} from "./client.js";
import {plague} from "./plague.js";
import type {Random} from "./random.js";
import type {Faults, NodeSize} from "./weather.js";
import {Times, World} from "./world.js";

export class Sessions {
  readonly worlds: World[] = [];
  readonly times = new Times();
  readonly #random: Random;
  readonly #sizes: NodeSize[];
  readonly #faults: Faults;
  /** Heard of each cluster that begins. */
  onWorld: (world: World) => void = () => {};

  constructor(random: Random, sizes: NodeSize[], faults: Faults) {
    this.#random = random;
    this.#sizes = sizes;
    this.#faults = faults;
    this.worlds.push(new World(random, sizes, faults, this.times));
  }

  /** The cluster that programs start, or join. */
  get world(): World {
    const last = this.worlds.at(-1)!;
    if (!last.head.isDead) return last;
    const world = new World(this.#random, this.#sizes, this.#faults, this.times);
    this.worlds.push(world);
    this.onWorld(world);
    plague(world);
    return world;
  }
}

/** One program. */
export class Session {
  readonly #sessions: Sessions;
  readonly #name: string;
  /** Its clusters, the present one last. */
  readonly #all: {world: World; driver: Client}[] = [];

  constructor(sessions: Sessions, name: string) {
    this.#sessions = sessions;
    this.#name = name;
    this.#join(name);
  }

  get driver(): Client {
    return this.#all.at(-1)!.driver;
  }
  get world(): World {
    return this.#all.at(-1)!.world;
  }

  /** The program is killed. */
  end(): void {
    for (const {world, driver} of this.#all) world.end(driver.id, "killed", true);
  }

  /** Before something is submitted. */
  enter(): void {
    const {driver, world} = this;
    if (driver.isDead || !driver.hasLeft || !world.head.isDead) return;
    this.#join(`${this.#name}.${this.#all.length + 1}`);
  }

  #join(id: string): void {
    const {world} = this.#sessions;
    this.#all.push({world, driver: world.addDriver(id, this.#name)});
  }
}
