// Two records of a run: the lines that processes wrote about the code they ran, and the outcomes
// that callers were told. `judge` compares the two records; it is pure.

/** A line of a process's file: `start` and `end` of a task or call, `tick` of a living actor. */
export interface Line {
  kind: "start" | "end" | "tick";
  /** The id of the task or call; in a tick, of the actor. */
  id: string;
  pid: number;
  /** The id of the attempt or incarnation that wrote the line; each has a new one. */
  life: string;
  atMs: number;
}

export interface Told {
  atMs: number;
  /** The name of the error; null for a task that returned. */
  error: string | null;
  isRight: boolean;
}

/** A task, or a call of an actor. */
export interface Entry {
  id: string;
  /** How often the task or call may run again; -1: always. */
  retries: number;
  /** The names of errors with which the task or call may end. */
  mayEndWith: readonly string[];
  told: Told | null;
}

export interface Verdict {
  lost: string[];
  wrong: string[];
  twice: string[];
}

/**
 * The time in which a process that was given up by mistake stops writing, after its caller heard.
 */
export const newsMs = 1_000;

export function writeLine({kind, id, pid, life, atMs}: Line): string {
  return `${kind} ${id} ${pid} ${life} ${atMs}\n`;
}

/**
 * Reads lines. A process may have been killed in the midst of the last one, which is left out then.
 */
export function readLines(text: string): Line[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => {
      const [kind, id, pid, life, atMs] = line.split(" ") as [Line["kind"], ...string[]];
      return {kind, id: id!, pid: Number(pid), life: life!, atMs: Number(atMs)};
    });
}

export function judge(entries: readonly Entry[], lines: readonly Line[]): Verdict {
  const verdict: Verdict = {lost: [], wrong: [], twice: []};
  const linesOf = groupBy(
    lines.filter(({kind}) => kind !== "tick"),
    ({id}) => id,
  );
  for (const entry of entries) {
    judgeEnd(entry, verdict);
    judgeRuns(entry, linesOf.get(entry.id) ?? [], verdict);
  }
  verdict.twice.push(...incarnationsAtOnce(lines));
  return verdict;
}

/** Counts how tasks and calls ended: "returned", or the error's name. */
export function countEnds(entries: readonly Entry[]): [end: string, count: number][] {
  const ends = groupBy(entries, ({told}) =>
    told === null ? "not told" : (told.error ?? "returned"),
  );
  return [...ends].map(([end, all]) => [end, all.length]);
}

/** Finds actors that ticked on after they were killed and their callers had heard so. */
export function tickedOn(
  killed: readonly {id: string; killedAtMs: number}[],
  lines: readonly Line[],
): string[] {
  const ticks = groupBy(
    lines.filter(({kind}) => kind === "tick"),
    ({id}) => id,
  );
  return killed.flatMap(({id, killedAtMs}) => {
    const late = (ticks.get(id) ?? []).find(({atMs}) => atMs > killedAtMs + newsMs);
    return late ? [`${id} ticks in ${late.pid} after it was killed`] : [];
  });
}

function judgeEnd({id, told, mayEndWith}: Entry, {lost, wrong}: Verdict): void {
  if (told === null) lost.push(`${id} was told nothing`);
  else if (told.error !== null && !mayEndWith.includes(told.error)) {
    lost.push(`${id} ended with ${told.error}`);
  } else if (told.error === null && !told.isRight) wrong.push(`${id} returned another's value`);
}

function judgeRuns({id, retries, told}: Entry, lines: readonly Line[], verdict: Verdict): void {
  const runs = [...groupBy(lines, ({life}) => life).values()].map(spanOf);
  runs.sort((a, b) => a.from - b.from);
  if (retries >= 0 && runs.length > retries + 1) {
    verdict.twice.push(`${id} began ${runs.length} times, with ${retries} retries`);
  }
  for (const [i, run] of runs.entries()) {
    const next = runs[i + 1];
    if (next && run.to > next.from) {
      verdict.twice.push(`${id} ran in ${run.pid} until ${run.to - next.from} ms into ${next.pid}`);
    }
    const lateMs = told === null ? 0 : run.to - told.atMs;
    if (lateMs > newsMs) {
      verdict.twice.push(`${id} ran on in ${run.pid}, ${lateMs} ms after its caller was told`);
    }
  }
  if (told?.error === null && runs.length === 0) verdict.wrong.push(`${id} returned and never ran`);
}

/** Finds actors that two processes ran at the same time. */
function incarnationsAtOnce(lines: readonly Line[]): string[] {
  const found: string[] = [];
  const ticks = lines.filter(({kind}) => kind === "tick");
  for (const [actor, own] of groupBy(ticks, ({id}) => id)) {
    const lives = [...groupBy(own, ({life}) => life).values()].map(spanOf);
    lives.sort((a, b) => a.from - b.from);
    for (const [i, life] of lives.entries()) {
      const next = lives[i + 1];
      if (!next || life.to < next.from) continue;
      found.push(
        `${actor} lived in ${life.pid} until ${life.to - next.from} ms into its life in ${next.pid}`,
      );
    }
  }
  return found;
}

function spanOf(lines: readonly Line[]): {pid: number; from: number; to: number} {
  const times = lines.map(({atMs}) => atMs);
  return {pid: lines[0]!.pid, from: Math.min(...times), to: Math.max(...times)};
}

export function groupBy<T>(all: Iterable<T>, keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
