// Starts processes. How long actors live, when those who made or held them are gone.

import assert from "node:assert/strict";
import {spawn, type ChildProcess} from "node:child_process";
import {existsSync, mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, beforeEach, test} from "node:test";
import {setFlagsFromString} from "node:v8";
import {runInNewContext} from "node:vm";
import {
  connectCluster,
  startCluster,
  type ClusterBackend,
} from "../../../cluster/backends/cluster.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {
  ActorDiedError,
  ClusterStoppedError,
  get,
  getActor,
  kill,
  onUnfetchedError,
  remote,
  type ActorHandle,
  type ObjectRef,
} from "../../../cluster/index.js";
import type {ClusterAddress} from "../../../cluster/messages.js";
import {reportUnfetched} from "../../../cluster/api/refs.js";
import {allGone, descendants, isAlive, until} from "./processes.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const limit = {timeout: 60_000};
/** Each is a process to start. */
const many = Number(process.env.TASKLAB_ACTORS ?? 20);
let backend: ClusterBackend;
let address: ClusterAddress;
let folder: string;

class Plain {
  count = 0;
  add(by: number) {
    return (this.count += by);
  }
  pid() {
    return process.pid;
  }
}
const Counter = remote(Plain);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "tasklab-lives-"));
  backend = startCluster({workers: 1, cpus: 2});
  address = await backend.ready;
});
after(async () => {
  await backend.close();
  rmSync(folder, {recursive: true});
});
beforeEach(() => void setAmbient({backend}));

/** Of the actors that the head knows, by their process. */
async function livingActors(): Promise<number[]> {
  const {nodes} = await backend.status();
  const workers = nodes.flatMap((node) => node.workers);
  return workers.filter(({actor}) => actor !== undefined).map(({pid}) => pid);
}
async function collectedUntil(isTrue: () => boolean | Promise<boolean>, what: string) {
  await until(() => (collectGarbage(), isTrue()), what, 20_000);
}

test("one that nobody holds ends, but not before the tasks that it submitted", limit, async () => {
  class Boss {
    begin(file: string) {
      const later = remote(async (path: string) => {
        while (!existsSync(path)) await new Promise((resolve) => setTimeout(resolve, 20));
        return "done";
      });
      return {pid: process.pid, result: later.remote(file)};
    }
  }
  const file = join(folder, "go");
  assert.ok(!existsSync(file));
  const {pid, result} = await (() => get(remote(Boss).remote().begin.remote(file)))();
  assert.ok(isAlive(pid));
  await collectedUntil(async () => !(await livingActors()).includes(pid), "it was released");
  assert.ok(isAlive(pid), "it looks after what it has begun");
  writeFileSync(file, "");
  assert.equal(await get(result), "done");
  await allGone([pid]);
});

test("a detached one outlives the driver that made it, and serves the next", limit, async () => {
  const first = startDriver(`
    class Counter {
      count = 0;
      add(by) { return (this.count += by); }
      pid() { return process.pid; }
    }
    const c = remote({name: "kept", lifetime: "detached"}, Counter).remote();
    console.log("count " + await get(c.add.remote(1)));
    await backend.close();
  `);
  assert.equal(await says(first, /count (\d+)/), "1");
  await until(async () => (await backend.status()).drivers.length === 1, "the first has left");

  const second = connectCluster(address);
  setAmbient({backend: second});
  const same = await getActor<Plain>("kept");
  assert.equal(await get(same.add.remote(1)), 2);
  const pid = await get(same.pid.remote());
  await kill(same);
  await second.close();
  await allGone([pid]);
});

test("a handle of a connection that was left works again over the next one", limit, async () => {
  const first = connectCluster(address);
  setAmbient({backend: first});
  const made = Counter.options({name: "again", lifetime: "detached"}).remote();
  assert.equal(await get(made.add.remote(1)), 1);
  await first.close();

  const second = connectCluster(address);
  setAmbient({backend: second});
  await assert.rejects(get(made.add.remote(1)), ClusterStoppedError);
  const found = await getActor<Plain>("again");
  assert.equal(await get(found.add.remote(1)), 2);
  assert.equal(await get(made.add.remote(1)), 3);
  await kill(made);
  await second.close();
});

test("kill -9 of a driver ends its own actors, and leaves the detached ones", limit, async () => {
  const driver = startDriver(`
    class Counter {
      count = 0;
      add(by) { return (this.count += by); }
      pid() { return process.pid; }
      spin() { for (;;); }
    }
    const own = remote(Counter).remote();
    const kept = remote({name: "left", lifetime: "detached"}, Counter).remote();
    await get(kept.add.remote(5));
    const pid = await get(own.pid.remote());
    own.spin.remote();
    console.log("pid " + pid);
    setInterval(() => {}, 1000);
  `);
  const pid = Number(await says(driver, /pid (\d+)/));
  assert.ok(isAlive(pid));
  driver.kill("SIGKILL");
  await allGone([pid], 20_000);
  const kept = await getActor<Plain>("left");
  assert.equal(await get(kept.add.remote(1)), 6);
  await kill(kept);
});

test("an actor makes one, calls it and hands its handle on", limit, async () => {
  class Maker {
    child: ActorHandle<Plain> | null = null;
    async make() {
      this.child = Counter.remote();
      await get(this.child.add.remote(1));
      return this.child;
    }
    async ask() {
      return get(this.child!.add.remote(1));
    }
  }
  const maker = remote(Maker).remote();
  const child = await get(maker.make.remote());
  assert.equal(await get(child.add.remote(1)), 2);
  assert.equal(await get(maker.ask.remote()), 3);
  // It is not its maker's alone.
  await kill(maker);
  assert.equal(await get(child.add.remote(1)), 4);
  await kill(child);
});

test("one that could not be made, and that nobody calls, is told of once", limit, async () => {
  const told: string[] = [];
  onUnfetchedError(({fn, happened, error}) => told.push(`${fn} ${happened}: ${error.message}`));
  const Sole = Counter.options({name: "sole"});
  const first = Sole.remote();
  const uncalled = Sole.remote();
  // A called one is told of by its calls.
  await assert.rejects(get(Sole.remote().add.remote(1)), ActorDiedError);
  assert.equal(await get(first.add.remote(1)), 1);
  for (let i = 0; i < 2; i++) await reportUnfetched(backend);
  assert.equal(told.length, 1, told.join("\n"));
  assert.match(told[0]!, /^Plain could not be made, and nobody has called it: .*is taken by Plain/);
  await assert.rejects(get(uncalled.add.remote(1)), ActorDiedError);
  await kill(first);
});

test("many of them, made and let go, leave no process behind", {timeout: 120_000}, async () => {
  const makeSome = async (count: number) => {
    const refs: ObjectRef<number>[] = [];
    for (let i = 0; i < count; i++) refs.push(Counter.remote().pid.remote());
    return get(refs);
  };
  const pids: number[] = [];
  for (let i = 0; i < many; i += 20) {
    pids.push(...(await makeSome(20)));
    collectGarbage();
  }
  assert.equal(new Set(pids).size, many);
  await collectedUntil(async () => (await livingActors()).length === 0, "all were released");
  await allGone(pids);
  // The pool has its worker, and nothing else is left of them.
  const scripts = descendants(process.pid).map(({script}) => script);
  assert.deepEqual(scripts.sort(), ["head-main.js", "worker-main.js"]);
});

// ---- helpers ----

/** A program of its own that joins the cluster; its address goes where no other can read it. */
function startDriver(body: string): ChildProcess {
  const from = (path: string): string =>
    JSON.stringify(new URL(`../../../cluster/${path}`, import.meta.url).href);
  const program = `
    import {once} from "node:events";
    import {connectCluster} from ${from("backends/cluster.js")};
    import {setDefaultBackend} from ${from("context/context.js")};
    import {get, remote} from ${from("index.js")};
    const [line] = await once(process.stdin, "data");
    const backend = connectCluster(JSON.parse(line));
    setDefaultBackend(backend);
    ${body}
  `;
  const driver = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  driver.stdin!.end(JSON.stringify(address));
  return driver;
}

function says(driver: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    driver.stdout!.on("data", (chunk: Buffer) => {
      const [, found] = pattern.exec((said += String(chunk))) ?? [];
      if (found !== undefined) resolve(found);
    });
    driver.on("exit", (code) => reject(new Error(`it ended with ${code}; it said: ${said}`)));
  });
}
