// npm run simulate               1,000 seeds from the clock
// npm run simulate -- 123        replays seed 123
// npm run simulate -- 1:123      replays it in the first edition of the weather
// npm run simulate -- 1 5000     seeds 1 to 5000
// A seed that fails is printed with its story; add it to seeds.txt.

import {simulate} from "./simulate.js";
import {editions} from "./weather.js";

const [firstWord = "", lastWord] = process.argv.slice(2);
const [edition, inEdition] = firstWord.split(":").map(Number);
const first = firstWord === "" ? undefined : (inEdition ?? edition);
const last = lastWord === undefined ? undefined : Number(lastWord);
const from = first ?? (Date.now() % 1_000_000) * 1000;
const to = last ?? (first === undefined ? from + 999 : from);
const failed: number[] = [];
let events = 0;
let tasks = 0;
let calls = 0;
for (let seed = from; seed <= to; seed++) {
  try {
    const report = simulate(seed, inEdition === undefined ? editions.last : edition);
    events += report.events;
    tasks += report.tasks;
    calls += report.calls;
    if (from === to) console.log(report);
  } catch (error) {
    failed.push(seed);
    if (failed.length <= 3) console.error((error as Error).message);
  }
}
const played = `${events} events, ${tasks} top-level tasks, ${calls} calls of actors`;
console.log(`${to - from + 1} seeds, ${played}`);
if (failed.length > 0) {
  console.error(`${failed.length} failed: ${failed.slice(0, 20).join(" ")}`);
  process.exitCode = 1;
}
