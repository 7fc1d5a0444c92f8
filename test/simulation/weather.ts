// What may go wrong in a run, drawn from its seed.

import {Random} from "./random.js";

/**
 * What there is to go wrong grew with time. A kept seed is played in the edition in which it
 * failed, so that it still plays the same run.
 */
export const editions = {first: 1, waits: 2, heads: 3, stores: 4, refs: 5, last: 5} as const;

export interface Faults {
  /** Share of messages that arrive twice. */
  twice: number;
  slowestMs: number;
  /** Mean time between crashes of some worker; 0 for none. */
  crashEveryMs: number;
  /** Programs drop their refs without a word; V8 tells of them late. */
  isForgetful: boolean;
  /** How many crashes there are at most. */
  maxCrashes: number;
  /** Share of workers that crash at start … */
  startCrashes: number;
  /** … and a span of time in which all of them do. */
  startStorm: {fromMs: number; untilMs: number} | null;
  /** Mean time between processes that stand still; 0 for none. */
  pauseEveryMs: number;
  /** Mean time between links that break or are held between processes that live; 0 for none. */
  breakEveryMs: number;
  /** How far the clocks of processes are apart. */
  skewMs: number;
  /** Share of workers that hang at start, until they are given up. */
  startHangs: number;
  /** Mean time between troubles of the head's process or its machine; 0 for none. */
  headEveryMs: number;
  /** What a program holds and drops comes to its agent in batches, a moment later. */
  hasLateRefs: boolean;
  /** Null: there is one store, which answers at once and is never full. */
  stores: StoreWeather | null;
}

/** Every value that is stored has 1e6 bytes. */
export interface StoreWeather {
  limitBytes: number;
  roomWaitMs: number;
  /** A store may take so long to answer. */
  slowMs: number;
  /** Mean time between links to stores that break; 0 for none. */
  breakEveryMs: number;
}

export interface NodeSize {
  resources: Record<string, number>;
  workers: number;
  maxWorkers: number;
}

/** Draws the weather of a seed. */
export function drawWeather(seed: number, edition: number): Weather {
  const random = new Random(seed);
  // Later weather has generators of its own, so that older seeds still play the same run.
  const first = drawFirst(random, new Random(seed + 0x5eed).chance(0.4));
  const ofEdition = (number: number): Random | null =>
    edition < number ? null : new Random(seed + 0x5eed * number);
  const waits = ofEdition(editions.waits);
  const heads = ofEdition(editions.heads);
  const hasWaits = waits?.chance(0.3) ?? false;
  const hasHeadTroubles = heads?.chance(0.25) ?? false;
  if (heads && hasHeadTroubles) first.faults.headEveryMs = heads.between(50, 500);
  if (heads?.chance(0.15)) first.faults.startHangs = 0.15;
  const stores = ofEdition(editions.stores);
  const hasStores = stores?.chance(0.3) ?? false;
  if (ofEdition(editions.refs)?.chance(0.6)) first.faults.hasLateRefs = true;
  if (stores && hasStores) first.faults.stores = drawStores(stores);
  return {
    ...first,
    random,
    stores: hasStores ? stores : null,
    waits: hasWaits ? waits : null,
    heads: hasHeadTroubles ? heads : null,
  };
}

function drawStores(random: Random): StoreWeather {
  return {
    limitBytes: random.pick([Infinity, 2e6, 8e6]),
    roomWaitMs: random.pick([20, 100]),
    slowMs: random.pick([0, 10, 200]),
    breakEveryMs: random.chance(0.4) ? random.between(10, 200) : 0,
  };
}

export interface Weather extends ReturnType<typeof drawFirst> {
  /** For all that is drawn later on. */
  random: Random;
  /** Draws the waits of programs; null when they wait for nothing. */
  waits: Random | null;
  /** Draws more programs, for a cluster whose head has troubles; null when it has none. */
  heads: Random | null;
  /** Draws which values are large, where stores have a weather of their own. */
  stores: Random | null;
}

function drawFirst(random: Random, isForgetful: boolean) {
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
    headEveryMs: 0,
    startHangs: 0,
    stores: null,
    hasLateRefs: false,
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
