// Starts processes. What a task has started by itself ends with the task's worker.

import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {once} from "node:events";
import {createInterface} from "node:readline";
import {afterEach, test} from "node:test";
import {cluster, get, kill, remote} from "../../../cluster/index.js";
import {allGone, descendants, isAlive} from "./processes.js";

const limit = {timeout: 60_000};
afterEach(() => cluster.stop());

/** Starts a shell and its child, each for minutes. Returns the worker's pid and theirs. */
const family = remote(async (): Promise<number[]> => {
  const shell = spawn("sh", ["-c", "sleep 300 & echo $!; wait"]);
  const [line] = (await once(shell.stdout, "data")) as [Buffer];
  return [process.pid, shell.pid!, Number(line.toString())];
});
const endless = remote((): never => {
  for (;;);
});

async function begun(): Promise<number[]> {
  const processes = await get(family.remote());
  assert.deepEqual(processes.map(isAlive), [true, true, true]);
  return processes;
}
const headPid = () => descendants(process.pid).find(({script}) => script === "head-main.js")!.pid;

const ends: [what: string, end: (worker: number) => unknown][] = [
  ["the cluster is stopped", () => cluster.stop()],
  ["its worker is killed by -9", (worker) => process.kill(worker, "SIGKILL")],
  ["its worker exits by itself", () => remote(() => process.exit(3)).remote()],
  ["the head is killed by -9", () => process.kill(headPid(), "SIGKILL")],
  [
    "the head is killed by -9 while the worker is in a loop",
    () => {
      endless.remote();
      process.kill(headPid(), "SIGKILL");
    },
  ],
];

for (const [what, end] of ends)
  test(`children and grandchildren of a task end when ${what}`, limit, async () => {
    await cluster.start({workers: 1, cpus: 1});
    const processes = await begun();
    await end(processes[0]!);
    await allGone(processes);
  });

test("an actor's end with it", limit, async () => {
  const Server = remote(
    class Server {
      start(): number {
        return spawn("sleep", ["300"]).pid!;
      }
    },
  );
  await cluster.start({workers: 0, cpus: 1});
  const server = Server.remote();
  const pid = await get(server.start.remote());
  assert.ok(isAlive(pid));
  await kill(server);
  await allGone([pid]);
});

test("kill -9 of the driver ends those of its workers' tasks", limit, async () => {
  const driver = spawn(process.execPath, [
    "--input-type=module",
    "--eval",
    `import {get, remote} from ${JSON.stringify(new URL("../../../cluster/index.js", import.meta.url).href)};
     const family = remote(async () => {
       const {spawn} = await import("node:child_process");
       return [process.pid, spawn("sleep", ["300"]).pid];
     });
     console.log((await get(family.remote())).join(" "));
     setInterval(() => {}, 1000);`,
  ]);
  const [line] = (await once(createInterface(driver.stdout), "line")) as [string];
  const processes = line.split(" ").map(Number);
  assert.deepEqual(processes.map(isAlive), [true, true]);
  driver.kill("SIGKILL");
  await allGone(processes);
});
