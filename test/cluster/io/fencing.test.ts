// Starts processes, at most 180 s. A worker that stands still is ended before its work is given to
// others, and workers that die while they start are started again for as long as it takes.

import assert from "node:assert/strict";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test, type TestContext} from "node:test";
import {startCluster, type ClusterBackend} from "../../../cluster/backends/cluster.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {get, kill, remote, WorkerCrashedError} from "../../../cluster/index.js";
import {memberSilenceMs} from "../../../cluster/limits.js";
import {allGone, descendants, isAlive, until} from "./processes.js";

/** A silence is noticed within this time, by a machine that is busy besides. */
const noticedMs = 3 * memberSilenceMs;
const limit = {timeout: 4 * memberSilenceMs};

/** Starts a cluster that ends with the test. Tasks submitted from now on go to this cluster. */
function open(t: TestContext, workers = 1): ClusterBackend {
  const backend = startCluster({workers});
  setAmbient({backend});
  t.after(() => backend.close());
  return backend;
}

function file(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "fencing-"));
  t.after(() => rmSync(folder, {recursive: true}));
  const path = join(folder, "log");
  writeFileSync(path, "");
  return path;
}

const workerPids = (): number[] =>
  descendants(process.pid)
    .filter(({script}) => script === "worker-main.js")
    .map(({pid}) => pid);

test(
  "an actor whose process stands still is made anew once that process has ended",
  limit,
  async (t) => {
    open(t);
    class Who {
      pid() {
        return process.pid;
      }
    }
    const actor = remote({maxRestarts: 1, maxTaskRetries: -1}, Who).remote();
    const first = await get(actor.pid.remote());
    process.kill(first, "SIGSTOP");
    const second = await get(actor.pid.remote(), {timeoutMs: noticedMs});
    assert.notEqual(second, first);
    assert.equal(isAlive(first), false);
    await kill(actor);
    await allGone([second]);
  },
);

test(
  "a task that may not run twice, and is told as lost, never finishes after all",
  limit,
  async (t) => {
    open(t);
    const log = file(t);
    const slow = remote({maxRetries: 0}, async function slow(path: string) {
      const {appendFileSync: append} = await import("node:fs");
      append(path, `${process.pid}\n`);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      append(path, "finished\n");
    });
    const ref = slow.remote(log);
    await until(() => readFileSync(log, "utf8") !== "", "the task runs", 20_000);
    const pid = Number(readFileSync(log, "utf8"));
    process.kill(pid, "SIGSTOP");
    await assert.rejects(get(ref, {timeoutMs: noticedMs}), WorkerCrashedError);
    // The stopped process is gone, so that no SIGCONT can make it go on.
    assert.equal(isAlive(pid), false);
    assert.equal(readFileSync(log, "utf8").includes("finished"), false);
  },
);

test(
  "workers that die while they start are told of, and the task runs when they no longer do",
  limit,
  async (t) => {
    const backend = open(t);
    let told = "";
    backend.onWaiting(({fn, reason}) => (told ||= `${fn}: ${reason}`));
    const square = remote(function square(x: number) {
      return x * x;
    });
    let isPlagued = true;
    const plague = (async () => {
      while (isPlagued) {
        for (const pid of workerPids()) {
          try {
            process.kill(pid, "SIGKILL");
          } catch {
            // The worker has ended by itself.
          }
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const value = get(square.remote(4), {timeoutMs: noticedMs});
    await until(() => told !== "", "whoever waits is told", 30_000);
    assert.match(told, /^square: it needs a worker, but its workers crash at start \(3 times/);
    isPlagued = false;
    await plague;
    assert.equal(await value, 16);
  },
);
