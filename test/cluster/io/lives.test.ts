// Starts processes. Whatever is killed, nothing stays behind, and whoever waits is told.

import assert from "node:assert/strict";
import {spawn, type ChildProcess} from "node:child_process";
import {test} from "node:test";
import {
  connectCluster,
  startCluster,
  type ClusterBackend,
} from "../../../cluster/backends/cluster.js";
import {epoch} from "../../../cluster/clock.js";
import {restoreAmbient, setAmbient} from "../../../cluster/context/context.js";
import {ClusterStoppedError, get, ObjectLostError, remote, wait} from "../../../cluster/index.js";
import {Head} from "../../../cluster/io/head/head.js";
import {Child} from "../../../cluster/io/node/launch.js";
import {createKeys} from "../../../cluster/io/link/link.js";
import {newToken} from "../../../cluster/io/link/member.js";
import type {NodeConfig} from "../../../cluster/io/node/node.js";
import {protocolVersion, type ClusterAddress} from "../../../cluster/messages.js";
import {allGone, descendants, isAlive, until, type Running} from "./processes.js";

const limit = {timeout: 60_000};

test(
  "a cluster's processes are a head and its workers, and close ends them all",
  limit,
  async () => {
    const backend = startCluster({workers: 2});
    const processes = await startedProcesses(backend, 2);
    const scripts = processes.map(({script}) => script).sort();
    assert.deepEqual(scripts, ["head-main.js", "worker-main.js", "worker-main.js"]);
    await backend.close();
    await allGone(pidsOf(processes), 1_000);
  },
);

test(
  "kill -9 of the driver leaves no process, though its workers run endless loops",
  limit,
  async () => {
    const driver = startDriver(`
    const loops = remote(() => { for (;;); });
    loops.remote(); loops.remote();
    await untilBusy(2);
    console.log("busy");
    setInterval(() => {}, 1000);
  `);
    await says(driver, "busy");
    const pids = pidsOf(descendants(driver.pid!));
    assert.equal(pids.length, 3);
    driver.kill("SIGKILL");
    await allGone(pids);
  },
);

for (const [name, end, code] of [
  ["process.exit", "process.exit(7);", 7],
  ["its last line", "", 0],
  ["an uncaught error", "setTimeout(() => { throw new Error('oh'); });", 1],
] as const) {
  test(`a driver that ends by ${name} ends cleanly, with its own exit code`, limit, async () => {
    const driver = startDriver(`
      const one = remote(() => 1);
      if (await get(one.remote()) === 1) console.log("one");
      one.remote();
      ${end}
    `);
    const ended = exitOf(driver);
    await says(driver, "one");
    assert.deepEqual(await ended, {code, signal: null});
  });
}

test("kill -9 of the head: what waits fails at once, and no process is left", limit, async () => {
  await withCluster({workers: 1}, async ({backend, processes}) => {
    const never = remote(() => new Promise<never>(() => {}));
    const ref = never.remote();
    const waiting = rejection(get(ref));
    await until(async () => (await busy(backend)) === 1, "the task runs");
    process.kill(find(processes, "head-main.js"), "SIGKILL");
    const error = await waiting;
    assert.ok(error instanceof ClusterStoppedError, String(error));
    assert.match(error.message, /head/);
    assert.ok((await rejection(get(never.remote()))) instanceof ClusterStoppedError);
    await assert.rejects(backend.status(), ClusterStoppedError);
    await allGone(pidsOf(processes));
  });
});

test(
  "nodes of their own join a head; kill -9 of one ends its workers, and the head tells what was lost",
  limit,
  async () => {
    await withNodes(2, async ({backend, nodes}) => {
      const where = remote(async () => {
        await new Promise((resolve) => setTimeout(resolve, 200));
        return [process.pid, new Uint8Array(500_000)] as const;
      });
      const refs = [where.remote(), where.remote()];
      await wait(refs, {numReturns: 2});
      const status = (await backend.status()).nodes;
      assert.deepEqual(
        status.map(({workers}) => workers.length),
        [1, 1],
      );
      const lostWorker = status.find(({node}) => node === "node-0")!.workers[0]!.pid;
      process.kill(nodes[0]!.pid!, "SIGKILL");
      await allGone([nodes[0]!.pid!, lostWorker]);
      await until(async () => (await backend.status()).nodes.length === 1, "the head knows");
      const outcomes = await Promise.allSettled(refs.map((ref) => get(ref)));
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") assert.notEqual(outcome.value[0], lostWorker);
        else assert.ok(outcome.reason instanceof ObjectLostError, String(outcome.reason));
      }
      assert.deepEqual(outcomes.map(({status}) => status).sort(), ["fulfilled", "rejected"]);
    });
  },
);

test("kill -9 of a worker: its task runs again on another, which is started", limit, async () => {
  await withCluster({workers: 1}, async ({backend, processes}) => {
    const slow = remote(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return process.pid;
    });
    const ref = slow.remote();
    await until(async () => (await busy(backend)) === 1, "the task runs");
    const first = find(processes, "worker-main.js");
    process.kill(first, "SIGKILL");
    const second = await get(ref);
    assert.notEqual(second, first);
    assert.ok(isAlive(second));
  });
});

test("a second driver joins by address; a wrong token gets nothing", limit, async () => {
  await withCluster({workers: 1}, async ({backend}) => {
    const address = await backend.ready;
    const stranger = connectCluster({...address, token: "guessed"});
    await assert.rejects(stranger.ready, /wrong token/);
    await stranger.close();

    const second = connectCluster(address);
    await second.ready;
    const before = setAmbient({backend: second});
    try {
      assert.equal(await get(remote(() => 6 * 7).remote()), 42);
    } finally {
      restoreAmbient(before);
    }
    assert.equal((await backend.status()).drivers.length, 2);
    await second.close();
    await until(async () => (await backend.status()).drivers.length === 1, "it has left");
    assert.equal(await get(remote(() => 5).remote()), 5);
  });
});

test(
  "tasks go on coming back after a worker's raw output, a stray throw and a stray rejection",
  limit,
  async () => {
    await withCluster({workers: 1}, async ({backend}) => {
      const heard: string[] = [];
      backend.onOutput(({text}) => heard.push(text));
      const strays = remote(() => {
        setTimeout(() => {
          throw new Error("a stray throw");
        });
        void Promise.reject(new Error("a stray rejection"));
        return process.pid;
      });
      const pid = await get(strays.remote());
      await until(
        () => /a stray throw/.test(heard.join("")) && /a stray rejection/.test(heard.join("")),
        "strays",
      );
      assert.equal(await get(remote(() => process.pid).remote()), pid);
    });
  },
);

// ---- helpers ----

interface Setting {
  backend: ClusterBackend;
  processes: Running[];
}

async function withCluster(
  options: Parameters<typeof startCluster>[0] & {workers: number},
  body: (setting: Setting) => Promise<void>,
): Promise<void> {
  const backend = startCluster(options);
  const before = setAmbient({backend});
  let processes: Running[] = [];
  try {
    processes = await startedProcesses(backend, options.workers);
    await body({backend, processes});
  } finally {
    restoreAmbient(before);
    await backend.close();
    await allGone(pidsOf(processes));
  }
}

async function startedProcesses(backend: ClusterBackend, workers: number): Promise<Running[]> {
  const {head} = await backend.ready;
  const status = async () => (await backend.status()).nodes[0]?.workers ?? [];
  await until(
    async () => (await status()).filter(({state}) => state !== "starting").length === workers,
    `${workers} workers of ${head} are there`,
  );
  const mine = descendants(process.pid);
  const worker = (await status())[0]!.pid;
  const headPid = mine.find(({pid}) => pid === worker)!.parent;
  return mine.filter(({pid, parent}) => pid === headPid || parent === headPid);
}

/** A head in this process, and node processes with one worker each, as on machines of their own. */
async function withNodes(
  count: number,
  body: (setting: {backend: ClusterBackend; nodes: Child<NodeConfig>[]}) => Promise<void>,
): Promise<void> {
  const [keys, token] = [createKeys(), newToken()];
  const head = await Head.start({keys, token, log: () => {}, stopAsked() {}});
  const address: ClusterAddress = {
    protocol: protocolVersion,
    head: head.address,
    serverKey: keys.publicKey,
    token,
    epochNs: String(epoch()),
    epoch: new Date().toISOString(),
  };
  const entry = new URL("../../../cluster/io/node/node-main.js", import.meta.url);
  const nodes = Array.from({length: count}, (_, i) => {
    const child = new Child<NodeConfig>(entry);
    child.configure({address, keys, node: `node-${i}`, options: {workers: 1, cpus: 1}});
    return child;
  });
  const backend = connectCluster(address);
  const before = setAmbient({backend});
  try {
    await backend.ready;
    await until(async () => {
      const {nodes} = await backend.status();
      return nodes.length === count && nodes.every(({workers}) => workers.some(({pid}) => pid > 0));
    }, "all nodes are there");
    await body({backend, nodes});
  } finally {
    restoreAmbient(before);
    await backend.close();
    await head.stop("the test is over");
    await Promise.all(nodes.map(({ended}) => ended));
    await head.close();
  }
}

async function busy(backend: ClusterBackend): Promise<number> {
  const workers = (await backend.status()).nodes[0]?.workers ?? [];
  return workers.filter(({state}) => state === "busy").length;
}

const pidsOf = (processes: Running[]): number[] => processes.map(({pid}) => pid);
const find = (processes: Running[], name: string): number =>
  processes.find(({script}) => script === name)!.pid;

async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

/** A program of its own, with a cluster of two workers. */
function startDriver(body: string): ChildProcess {
  const from = (path: string): string =>
    JSON.stringify(new URL(`../../../cluster/${path}`, import.meta.url).href);
  const program = `
    import {startCluster} from ${from("backends/cluster.js")};
    import {setDefaultBackend} from ${from("context/context.js")};
    import {get, remote} from ${from("index.js")};
    const backend = startCluster({workers: 2});
    setDefaultBackend(backend);
    async function untilBusy(count) {
      for (;;) {
        const workers = (await backend.status()).nodes[0]?.workers ?? [];
        if (workers.filter(({state}) => state === "busy").length === count) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    ${body}
  `;
  return spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function says(driver: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    driver.stdout!.on("data", (chunk: Buffer) => String(chunk).includes(word) && resolve());
    driver.on("exit", (code) => reject(new Error(`it ended with ${code} before it said ${word}`)));
  });
}

function exitOf(driver: ChildProcess): Promise<{code: number | null; signal: string | null}> {
  return new Promise((resolve) => driver.on("exit", (code, signal) => resolve({code, signal})));
}
