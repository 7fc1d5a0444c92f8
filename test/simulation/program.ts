// Random programs: trees of tasks that take, hold, make and return refs, and make and call actors,
// with their direct evaluation, which is what the cluster must come to as well.
//
// A call waits inside of its actor only for what has nothing to do with actors: what needs the one
// that waits for it would never come, and that were the program's own fault.

import type {Random} from "./random.js";

export interface Spec {
  name: string;
  /** How long it computes before it gets its children, and after. */
  beforeMs: number;
  afterMs: number;
  resources: Record<string, number>;
  priority: number;
  /** Earlier siblings whose values it takes … */
  args: number[];
  /** … and whose refs it holds, and gets itself. */
  holds: number[];
  children: Spec[];
  /** Gets all children; or returns a ref to the last and gets the rest; or leaves them alone. */
  awaits: "all" | "return-ref" | "none";
  /** Before it gets its children, it waits for so many of them, or for so long. */
  waits?: {numReturns: number; timeoutMs: number | null};
  ends: "well" | "throws" | "throws-once";
  maxRetries: number;
  timeoutMs?: number;
  isBig: boolean;
  /** It makes this actor; the others that are named after it may call it. */
  makes?: ActorPlan;
  /** It is a call of this actor. */
  on?: ActorPlan;
  /** Neither it nor anything that it waits for has to do with actors. */
  isPlain: boolean;
}

export interface ActorPlan {
  name: string | null;
  detached: boolean;
  maxRestarts: number;
  maxConcurrency: number;
  keeps: Record<string, number>;
}

export type Outcome = {ok: true; value: number} | {ok: false; error: string};

/** Batches of siblings: each is submitted by one cell. */
export function makeProgram(
  random: Random,
  {hasGpu, hasActors}: {hasGpu: boolean; hasActors: boolean},
): Spec[][] {
  let names = 0;
  let budget = random.whole(5, 120);
  const isTiny = random.chance(0.4);

  function makeSiblings(depth: number, most: number, actors: ActorPlan[] | null): Spec[] {
    const siblings: Spec[] = [];
    const known = [...(actors ?? [])];
    const count = random.whole(1, most);
    while (siblings.length < count && budget > 0) {
      if (actors && depth < 3 && random.chance(depth === 0 ? 0.06 : 0.2)) {
        const plan = makePlan(depth);
        known.push(plan);
        siblings.push(makeCreation(plan, siblings));
        const calls = random.whole(1, 8);
        for (let i = 0; i < calls; i++) siblings.push(makeCall(plan, siblings));
      } else if (known.length > 0 && random.chance(0.5)) {
        siblings.push(makeCall(random.pick(known), siblings));
      } else {
        // What an actor keeps comes back when nobody holds it: no task that waits may.
        const shared = known.filter(({keeps}) => Object.keys(keeps).length === 0);
        siblings.push(makeTask(depth, siblings, actors && shared));
      }
    }
    return siblings;
  }

  function chooseEarlier(siblings: Spec[], share: number, may: (spec: Spec) => boolean): number[] {
    const chosen = new Set<number>();
    while (siblings.length > 0 && chosen.size < 3 && random.chance(share)) {
      const index = random.whole(0, siblings.length - 1);
      if (!siblings[index]!.makes && may(siblings[index]!)) chosen.add(index);
    }
    return [...chosen];
  }

  const drawMs = (isLong: boolean) => (isLong ? random.between(5, 120) : random.between(0.01, 0.8));

  function makePlan(depth: number): ActorPlan {
    return {
      name: random.chance(0.2) ? random.pick(actorNames) : null,
      detached: random.chance(0.1),
      maxRestarts: random.pick([0, 0, 1, 3, -1]),
      maxConcurrency: random.pick([1, 1, 1, 3, 1000]),
      keeps: depth === 0 && random.chance(0.2) ? {CPU: 0.5} : {},
    };
  }

  function makeCreation(makes: ActorPlan, siblings: Spec[]): Spec {
    budget--;
    return {
      name: `t${names++}`,
      beforeMs: drawMs(random.chance(0.2)),
      afterMs: 0,
      resources: {CPU: random.pick([0.5, 1])},
      priority: 0,
      args: chooseEarlier(siblings, 0.2, ({isPlain}) => isPlain),
      holds: [],
      children: [],
      awaits: "none",
      ends: random.chance(0.06) ? "throws" : "well",
      maxRetries: 0,
      isBig: random.chance(0.5),
      makes,
      isPlain: false,
    };
  }

  function makeCall(on: ActorPlan, siblings: Spec[]): Spec {
    budget--;
    const name = `t${names++}`;
    const isLong = random.chance(isTiny ? 0.02 : 0.15);
    const mayWait = Object.keys(on.keeps).length === 0;
    const children = mayWait && random.chance(0.15) ? makeSiblings(3, 3, null) : [];
    const isPlain = (spec: Spec) => spec.isPlain;
    const ends = random.chance(0.06) ? "throws" : random.chance(0.1) ? "throws-once" : "well";
    const spec: Spec = {
      name,
      beforeMs: drawMs(isLong),
      afterMs: drawMs(isLong),
      resources: {},
      priority: 0,
      args: mayWait ? chooseEarlier(siblings, 0.2, (spec) => spec.isPlain || !!spec.on) : [],
      holds: mayWait ? chooseEarlier(siblings, 0.08, isPlain) : [],
      children,
      awaits: children.length > 0 ? random.pick(waits) : "all",
      ends,
      maxRetries: ends === "throws-once" ? random.whole(1, 3) : random.pick([0, 0, 0, 1, 3, -1]),
      isBig: random.chance(0.05),
      on,
      isPlain: false,
    };
    if (random.chance(0.1)) spec.timeoutMs = random.between(1, 100);
    return spec;
  }

  function makeTask(depth: number, siblings: Spec[], actors: ActorPlan[] | null): Spec {
    budget--;
    const name = `t${names++}`;
    const isLong = random.chance(isTiny ? 0.02 : 0.3);
    const ms = () => drawMs(isLong);
    const earlier = (share: number) => chooseEarlier(siblings, share, () => true);
    const resources: Record<string, number> = {CPU: random.pick([0.5, 1, 1, 1, 2])};
    if (random.chance(0.03)) delete resources["CPU"];
    // One that waits while it holds a GPU may wait for one that needs it: only those that can't
    // wait take one. (A value may have a ref in it, and to get at that is to wait.)
    const children = depth < 4 && random.chance(0.35) ? makeSiblings(depth + 1, 4, actors) : [];
    const holds = earlier(0.12);
    const args = earlier(0.25);
    const neverWaits = children.length + holds.length + args.length === 0;
    if (hasGpu && neverWaits && random.chance(0.15)) resources["GPU"] = random.pick([0.5, 1]);
    const ends = random.chance(0.06) ? "throws" : random.chance(0.08) ? "throws-once" : "well";
    const spec: Spec = {
      name,
      beforeMs: ms(),
      afterMs: ms(),
      resources,
      priority: random.chance(0.1) ? random.whole(-1, 2) : 0,
      args,
      holds,
      children,
      awaits: children.length > 0 ? random.pick(waits) : "all",
      ends,
      maxRetries: ends === "throws-once" ? random.whole(1, 3) : random.pick([3, 3, 3, -1, 0, 1]),
      isBig: random.chance(0.1),
      isPlain: [...children, ...[...holds, ...args].map((index) => siblings[index]!)].every(
        (needed) => needed.isPlain,
      ),
    };
    if (random.chance(0.02)) spec.timeoutMs = random.between(1, 50);
    return spec;
  }

  const program: Spec[][] = [];
  while (budget > 0) program.push(makeSiblings(0, 40, hasActors ? [] : null));
  return program;
}

/** Has some tasks wait for some of their children before they get them. */
export function addWaits(random: Random, siblings: Spec[]): void {
  for (const spec of siblings) {
    const children = spec.children.filter(({makes}) => !makes).length;
    if (children > 0 && random.chance(0.3)) spec.waits = drawWait(random, children);
    addWaits(random, spec.children);
  }
}

/** Has more tasks give large values. */
export function addLarge(random: Random, siblings: Spec[]): void {
  for (const spec of siblings) {
    spec.isBig ||= random.chance(0.4);
    addLarge(random, spec.children);
  }
}

export function drawWait(
  random: Random,
  most: number,
): {numReturns: number; timeoutMs: number | null} {
  const timeoutMs = random.chance(0.5) ? null : random.pick([0, random.between(0, 30)]);
  return {numReturns: random.whole(1, most), timeoutMs};
}

export const actorNames = ["c", "d"];

const waits = ["all", "all", "all", "return-ref", "none"] as const;

/** What each of these tasks comes to when all goes well. `actors`: how their creation did. */
export function evaluate(siblings: Spec[], actors = new Map<ActorPlan, Outcome>()): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const spec of siblings) {
    const args = spec.args.map((index) => outcomes[index]!);
    const holds = spec.holds.map((index) => outcomes[index]!);
    const outcome = evaluateOne(spec, args, holds, actors);
    if (spec.makes) actors.set(spec.makes, outcome);
    outcomes.push(outcome);
  }
  return outcomes;
}

function evaluateOne(
  spec: Spec,
  args: Outcome[],
  holds: Outcome[],
  actors: Map<ActorPlan, Outcome>,
): Outcome {
  const failedArg = args.find((arg) => !arg.ok);
  if (failedArg) return failedArg;
  const actor = spec.on && actors.get(spec.on);
  if (actor && !actor.ok) return actor;
  const all = evaluate(spec.children, actors);
  const children = spec.awaits === "none" ? [] : all.filter((_, i) => !spec.children[i]!.makes);
  const gotten = [...holds, ...children];
  const failed = gotten.find((outcome) => !outcome.ok);
  if (spec.ends === "throws") {
    // It throws after its gets; a ref that it would have returned is never made.
    const before = spec.awaits === "return-ref" ? gotten.slice(0, -1) : gotten;
    return before.find((outcome) => !outcome.ok) ?? {ok: false, error: `Boom ${spec.name}`};
  }
  if (failed) return failed;
  const values = [...args, ...gotten].map((outcome) => (outcome.ok ? outcome.value : 0));
  return {ok: true, value: combine(spec.name, values)};
}

/** A number that depends on all of its inputs and on their order. */
export function combine(name: string, values: number[]): number {
  let hash = Number(name.slice(1)) + 1;
  for (const value of values) hash = (hash * 31 + value * 17 + 7) % 1_000_003;
  return hash;
}
