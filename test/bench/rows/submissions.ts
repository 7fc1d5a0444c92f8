import {createHash} from "node:crypto";
import {setFlagsFromString} from "node:v8";
import {runInNewContext} from "node:vm";
import {cluster, get, remote} from "../../../cluster/index.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {runCell} from "../../cluster/shipping/cells.js";
import {median, timesOf, type Bench, type Measurement} from "../measurement.js";

const count = 100_000;
const batch = 1000;
const workers = 2;

/** Measures one function that is submitted again and again: the time, and the memory that stays. */
export const submissions: Bench = {
  name: "submissions",
  async run() {
    return [await besideLarge(), ...(await manyTimes())];
  },
};

async function besideLarge(): Promise<Measurement> {
  const fn = (await runCell(
    "const large = new Float64Array(8 << 20).fill(1); const subject = () => large[0]",
  )) as () => number;
  capture(fn);
  const large = (await runCell("", "large")) as Float64Array;
  const hashed = await timesOf(5, async () => createHash("sha1").update(large).digest());
  return {
    name: "capture beside 64 MiB that have not changed",
    value: median(await timesOf(5, async () => capture(fn))),
    unit: "ms",
    bar: "",
    peers: [{name: "sha1 of them", value: median(hashed)}],
  };
}

async function manyTimes(): Promise<Measurement[]> {
  const fn = (await runCell(
    "const rate = 3; const scaled = (x) => x * rate; const subject = (x) => scaled(x) + rate",
  )) as (x: number) => number;
  await cluster.start({workers});
  const task = remote(fn);
  let submitUs = 0;
  const submitAll = async () => {
    submitUs = 0;
    for (let done = 0; done < count; done += batch) {
      const startedAt = performance.now();
      const refs = Array.from({length: batch}, (_, i) => task.remote(i));
      submitUs += ((performance.now() - startedAt) * 1000) / count;
      await get(refs);
    }
  };
  await submitAll();
  const before = heapBytes();
  await submitAll();
  const gained = heapBytes() - before;
  await cluster.stop();
  const name = `one of 100,000 submissions of a function`;
  return [
    {name, value: submitUs, unit: "µs", bar: "", peers: []},
    {name: "memory that these leave", value: gained / 1e6, unit: "MB", bar: "≤ 1 MB", peers: []},
  ];
}

function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}
