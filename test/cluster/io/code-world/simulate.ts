// One seed: functions with shared pieces, drivers that submit them, workers that come and go. Run
// to the end and checked.

import {ClusterError} from "../../../../cluster/errors.js";
import {encodeFailure} from "../../../../cluster/io/agent/failures.js";
import {Random} from "../../../simulation/random.js";
import {makeFunctions} from "./functions.js";
import {World, type Driver, type Weather} from "./world.js";

export interface Report {
  tasks: number;
  crashes: number;
  /** Pieces that travelled, were asked for, travelled again without. */
  sends: number;
  asks: number;
  agains: number;
}

const maxEvents = 300_000;

/** Rejects when anything is wrong. */
export async function simulate(seed: number): Promise<Report> {
  const random = new Random(seed);
  const isCalm = random.chance(0.3);
  const weather: Weather = {
    twice: !isCalm && random.chance(0.4) ? 0.05 : 0,
    lost: !isCalm && random.chance(0.3) ? 0.1 : 0,
    unheard: !isCalm && random.chance(0.4) ? 0.1 : 0,
    slowestMs: random.pick([0.3, 2, 30]),
  };
  const functions = makeFunctions(random);
  const world = new World(random, functions, weather);
  const drivers = isCalm ? 1 : random.whole(1, 3);
  for (let i = 0; i < drivers; i++) world.addDriver();
  for (let i = random.whole(1, 3); i > 0; i--) world.addWorker();
  const report: Report = {tasks: 0, crashes: 0, sends: 0, asks: 0, agains: 0};
  for (const driver of world.drivers) useFunctions(world, driver, !isCalm && random.chance(0.3));
  if (!isCalm) plague(world, report);
  try {
    // The modules that encode errors load in real time, which the world's clock knows nothing of.
    await encodeFailure(new ClusterError(""));
    await world.run(maxEvents);
    for (const {watch} of world.links) {
      report.sends += watch.sends;
      report.asks += watch.asks;
      report.agains += watch.agains;
    }
    for (const driver of world.drivers) report.tasks += check(driver);
    for (const worker of world.workers.values()) {
      const left = worker.running.leftovers();
      if (left !== "") throw new Error(`${worker.id} keeps ${left}`);
    }
    if (isCalm && report.asks > 0) throw new Error(`${report.asks} pieces were asked for`);
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`, {cause: error});
  }
  return report;
}

function useFunctions(world: World, driver: Driver, cancels: boolean): void {
  const {random, clock} = world;
  const functions = [...world.functions.values()];
  for (let bursts = random.whole(1, 6); bursts > 0; bursts--) {
    const favourites = Array.from({length: random.pick([1, 2, 5, 400])}, () =>
      random.pick(functions),
    );
    const count = random.pick([1, 10, 100, 400]);
    clock.at(random.between(0, 500), () => {
      for (let i = 0; i < count && !driver.isDead; i++) {
        const task = driver.submit(random.pick(favourites));
        if (!cancels || !random.chance(0.1)) continue;
        clock.after(random.between(0, 100), () => driver.isDead || driver.cancel(task));
      }
    });
  }
}

function plague(world: World, report: Report): void {
  const {random, clock} = world;
  const anyTime = () => random.between(0, 700);
  for (let i = random.pick([0, 0, 1, 5]); i > 0; i--) {
    clock.at(anyTime(), () => {
      if (world.workers.size === 0) return;
      report.crashes++;
      world.crash(random.pick([...world.workers.values()]));
    });
  }
  for (let i = random.pick([0, 0, 0, 3]); i > 0; i--) {
    clock.at(anyTime(), () => {
      const open = world.links.filter(({isOpen}) => isOpen);
      if (open.length > 0) random.pick(open).break();
    });
  }
  if (world.drivers.length > 1 && random.chance(0.3))
    clock.at(anyTime(), () => world.end(world.drivers[0]!));
}

/** How many of its tasks have come to what they should. */
function check(driver: Driver): number {
  if (driver.isDead) return 0;
  for (const [task, {expected, got, mayBe}] of driver.outcomes) {
    if (got === null) throw new Error(`${task} of ${driver.id} never ended: ${expected}`);
    if (got !== expected && got !== mayBe) throw new Error(`${task}: ${got}, not ${expected}`);
  }
  return driver.outcomes.size;
}
