// npm run chaos                      two minutes, 20,000 tasks, 50 actors, a seed from the clock
// npm run chaos -- --seconds 20 --tasks 2000 --actors 10 --seed 7
// Runs real work (work.ts) in real processes, under a killer, a pauser and a partitioner
// (faults.ts). Compares what the processes ran with what callers were told (ledger.ts). Ends with
// an error unless nothing is lost, wrong, twice or left behind. A seed repeats the dice, not the
// timing of processes.

import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {parseArgs} from "node:util";
import {Faults} from "./faults.js";
import {Field} from "./field.js";
import {countEnds, judge, readLines, tickedOn, type Entry} from "./ledger.js";
import {Left} from "./left.js";
import {Work} from "./work.js";

/** After the faults have ended, every caller has its answer within this time. */
const settleLimitMs = 120_000;
/** The limit for the rest of the run: starting, ending, comparing. */
const restLimitMs = 90_000;
/** So long after the last `kill`, no actor may tick any more. */
const quietMs = 2_000;
const shownOffences = 10;

const {values} = parseArgs({
  options: {
    seconds: {type: "string", default: "120"},
    tasks: {type: "string", default: "20000"},
    actors: {type: "string", default: "50"},
    seed: {type: "string", default: String(Date.now() % 1_000_000)},
  },
});
const [seconds, tasks, actors, seed] = [
  values.seconds,
  values.tasks,
  values.actors,
  values.seed,
].map((text) => {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  console.error(`${text} is no whole number`);
  process.exit(2);
}) as [number, number, number, number];

const folder = mkdtempSync(join(tmpdir(), "chaos-"));
const [ledgerFolder, tempFolder] = [join(folder, "ledger"), join(folder, "tmp")];
mkdirSync(ledgerFolder);
mkdirSync(tempFolder);
process.env["TMPDIR"] = tempFolder;

const left = new Left();
const watchdog = setTimeout(
  () => end({late: ["the run did not come to its end in time"]}),
  seconds * 1_000 + settleLimitMs + restLimitMs,
);
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => end({stopped: [`by ${name}`]}));
}
process.on("uncaughtException", (error) => end({failed: [String(error.stack)]}));

console.log(`chaos: seed ${seed}, ${seconds} s, ${tasks} tasks, ${actors} actors`);
const field = await Field.open();
const [work, faults] = [new Work(ledgerFolder, seed), new Faults(field, seed)];
work.begin({tasks, actors, seconds});
faults.begin();
await sleep(seconds * 1_000);
await faults.end();
work.enough();
await within(work.settled(), settleLimitMs);
await within(work.killActors(), settleLimitMs);
await sleep(quietMs);
await within(field.close(), restLimitMs / 2);

const lines = readdirSync(ledgerFolder).flatMap((name) =>
  readLines(readFileSync(join(ledgerFolder, name), "utf8")),
);
for (const [what, count] of [...faults.counts].sort()) console.log(`  ${count} ${what}`);
console.log(`  ${field.nodesLost} far nodes were lost and started again`);
console.log(`  tasks: ${told(work.tasks)}`);
console.log(`  calls: ${told(work.calls)}`);
const {lost, wrong, twice} = judge([...work.tasks, ...work.calls], lines);
end({
  lost,
  wrong,
  twice,
  "left behind": [...tickedOn(work.actors, lines), ...(await left.find(tempFolder))],
});

/** Prints how many offences of each kind there are, with some of them, and ends the process. */
function end(offences: Record<string, readonly string[]>): never {
  clearTimeout(watchdog);
  const all = Object.entries(offences);
  for (const [kind, found] of all) {
    for (const one of found.slice(0, shownOffences)) console.log(`  ${kind}: ${one}`);
    if (found.length > shownOffences)
      console.log(`  ${kind}: … ${found.length - shownOffences} more`);
  }
  console.log(all.map(([kind, found]) => `${found.length} ${kind}`).join(", "));
  left.endAll();
  rmSync(folder, {recursive: true, force: true});
  process.exit(all.every(([, found]) => found.length === 0) ? 0 : 1);
}

function told(entries: readonly Entry[]): string {
  const ends = countEnds(entries).map(([how, count]) => `${count} ${how}`);
  return `${entries.length}: ${ends.join(", ")}`;
}

/**
 * Waits for `work`, at most `limitMs`. The comparison reports callers without an answer as lost.
 */
async function within(work: Promise<unknown>, limitMs: number): Promise<void> {
  const limit = new AbortController();
  await Promise.race([work, sleep(limitMs, null, {signal: limit.signal})]).finally(() =>
    limit.abort(),
  );
}
