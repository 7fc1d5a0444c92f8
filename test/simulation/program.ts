// Random programs: trees of tasks that take, hold, make and return refs, with their direct evaluation,
// which is what the cluster must come to as well.

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
  ends: "well" | "throws" | "throws-once";
  maxRetries: number;
  timeoutMs?: number;
  isBig: boolean;
}

export type Outcome = {ok: true; value: number} | {ok: false; error: string};

/** Batches of siblings: each is submitted by one cell. */
export function makeProgram(random: Random, hasGpu: boolean): Spec[][] {
  let names = 0;
  let budget = random.whole(5, 120);
  const isTiny = random.chance(0.4);

  function makeSiblings(depth: number, most: number): Spec[] {
    const siblings: Spec[] = [];
    const count = random.whole(1, most);
    for (let i = 0; i < count && budget > 0; i++) siblings.push(makeTask(depth, i));
    return siblings;
  }

  function makeTask(depth: number, index: number): Spec {
    budget--;
    const name = `t${names++}`;
    const isLong = random.chance(isTiny ? 0.02 : 0.3);
    const ms = () => (isLong ? random.between(5, 120) : random.between(0.01, 0.8));
    const earlier = (share: number): number[] => {
      const chosen = new Set<number>();
      while (index > 0 && chosen.size < 3 && random.chance(share))
        chosen.add(random.whole(0, index - 1));
      return [...chosen];
    };
    const resources: Record<string, number> = {CPU: random.pick([0.5, 1, 1, 1, 2])};
    if (random.chance(0.03)) delete resources["CPU"];
    // One that waits while it holds a GPU may wait for one that needs it: only those that can't wait
    // take one. (A value may have a ref in it, and to get at that is to wait.)
    const children = depth < 4 && random.chance(0.35) ? makeSiblings(depth + 1, 4) : [];
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
    };
    if (random.chance(0.02)) spec.timeoutMs = random.between(1, 50);
    return spec;
  }

  const program: Spec[][] = [];
  while (budget > 0) program.push(makeSiblings(0, 40));
  return program;
}

const waits = ["all", "all", "all", "return-ref", "none"] as const;

/** What each of these tasks comes to when all goes well. */
export function evaluate(siblings: Spec[]): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const spec of siblings) {
    const args = spec.args.map((index) => outcomes[index]!);
    const holds = spec.holds.map((index) => outcomes[index]!);
    outcomes.push(evaluateOne(spec, args, holds));
  }
  return outcomes;
}

function evaluateOne(spec: Spec, args: Outcome[], holds: Outcome[]): Outcome {
  const failedArg = args.find((arg) => !arg.ok);
  if (failedArg) return failedArg;
  const children = spec.awaits === "none" ? [] : evaluate(spec.children);
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
