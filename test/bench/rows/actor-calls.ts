import {cluster, get, kill, remote} from "../../../cluster/index.js";
import {median, quantile, rate, timesOf, type Bench, type Measurement} from "../measurement.js";
import {startThreadActor} from "../peers/threads.js";

const cpus = 2;
const inFlight = 1000;
const warmUp = 10_000;
const total = 100_000;
/**
 * After some thousand calls V8 has compiled the code of all four threads that a call goes through.
 */
const warmUpAlone = 5000;
const alone = 3000;
const turns = 6;
const manyActors = 8;

class Plain {
  sum = 0;
  add(n: number) {
    return (this.sum += n);
  }
}

/** Measures calls of actors, beside calls of an object in a thread and beside plain tasks. */
export const actorCalls: Bench = {
  name: "actor calls",
  async run() {
    await cluster.start({workers: 1, cpus});
    const Tally = remote(Plain);
    const actors = Array.from({length: manyActors}, () => Tally.remote());
    const double = remote((n: number) => n * 2);
    const [first] = actors as [(typeof actors)[0]];
    const toFirst = await callRate((ns) => get(ns.map((n) => first.add.remote(n))));
    const tasks = await callRate((ns) => get(ns.map((n) => double.remote(n))));
    const [times, taskTimes] = await timesInTurns(
      () => get(first.add.remote(1)),
      () => get(double.remote(1)),
    );
    const toAll = await callRate((ns) => get(ns.map((n) => actors[n % manyActors]!.add.remote(n))));
    await Promise.all(actors.map((actor) => kill(actor)));
    await cluster.stop();

    const threads = Array.from({length: manyActors}, startThreadActor);
    const [thread] = threads as [(typeof threads)[0]];
    const toThread = await callRate((ns) => Promise.all(ns.map((n) => thread.add(n))));
    const [threadTimes] = await timesInTurns(() => thread.add(1));
    const toThreads = await callRate((ns) =>
      Promise.all(ns.map((n) => threads[n % manyActors]!.add(n))),
    );
    await Promise.all(threads.map((each) => each.close()));

    const floor = "thread and port";
    const perSecond = (name: string, value: number, peers: Measurement["peers"]): Measurement => {
      return {name, value, unit: "calls/s", bar: "", peers};
    };
    const latency = (name: string, of: (times: number[]) => number): Measurement => ({
      ...{name, value: of(times), unit: "ms", bar: ""},
      peers: [
        {name: floor, value: of(threadTimes)},
        {name: "one task", value: of(taskTimes)},
      ],
    });
    return [
      perSecond(`calls of one actor, ${inFlight} in flight`, toFirst, [
        {name: floor, value: toThread},
        {name: "tasks on one worker", value: tasks},
      ]),
      perSecond(`calls of ${manyActors} actors on ${cpus} CPUs`, toAll, [
        {name: `${manyActors} threads and ports`, value: toThreads},
      ]),
      latency("one call and its get, median", median),
      latency("one call and its get, 99 of 100", (all) => quantile(all, 0.99)),
    ];
  },
};

function callRate(runBatch: (ns: number[]) => Promise<unknown>): Promise<number> {
  return rate(runBatch, {inFlight, warmUp, total});
}

/**
 * Measures calls one by one, of each kind in turn. Otherwise the kind that is measured first would
 * pay for collecting the garbage of the bursts before.
 */
async function timesInTurns<Runs extends (() => Promise<unknown>)[]>(...runs: Runs) {
  const times = runs.map((): number[] => []);
  for (const run of runs) await timesOf(warmUpAlone, run);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, run] of runs.entries()) times[i]!.push(...(await timesOf(alone / turns, run)));
  }
  return times as {[Index in keyof Runs]: number[]};
}
