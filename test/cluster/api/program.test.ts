// Runs alone: starts processes, plain programs with their embedded clusters, which must all end.
import assert from "node:assert/strict";
import {spawn, type ChildProcess} from "node:child_process";
import {test} from "node:test";
import {fileURLToPath} from "node:url";

const program = fileURLToPath(
  new URL("../../../../test/cluster/api/programs/squares.mjs", import.meta.url),
);
const limitMs = 30_000;

interface Run {
  child: ChildProcess;
  /** Resolves with the program's first line. */
  said: Promise<{total: number; pids: number[]}>;
  ended: Promise<{code: number | null; errors: string}>;
}

function start(how?: string): Run {
  const child = spawn(process.execPath, how === undefined ? [program] : [program, how], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
  let [output, errors] = ["", ""];
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const said = new Promise<{total: number; pids: number[]}>((resolve, reject) => {
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("\n")) resolve(JSON.parse(output) as {total: number; pids: number[]});
    });
    child.on("close", () => reject(new Error(`it ended before it said anything: ${errors}`)));
  });
  const ended = new Promise<{code: number | null; errors: string}>((resolve) => {
    child.on("close", (code) => {
      clearTimeout(limit);
      resolve({code, errors});
    });
  });
  return {child, said, ended};
}

/** The test's own limit bounds it. */
async function allGone(pids: number[]): Promise<void> {
  assert(pids.length > 0, "the program told no worker");
  while (pids.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 20));
}
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const it = (title: string, body: () => Promise<void>): void => {
  void test(title, {timeout: limitMs + 5000}, body);
};

it("a program starts its cluster with the first .remote, ends by itself, and leaves nothing", async () => {
  const {said, ended} = start();
  const {total, pids} = await said;
  assert.equal(total, 140);
  assert.deepEqual(await ended, {code: 0, errors: ""});
  await allGone(pids);
});

it("at its end a program tells the errors that nobody fetched", async () => {
  const {said, ended} = start("unfetched");
  const {pids} = await said;
  const {code, errors} = await ended;
  assert.equal(code, 0);
  assert.match(errors, /`fails` failed and nobody fetched its result:.*RangeError: nobody looked/s);
  await allGone(pids);
});

it("a program that throws fails as any other, and leaves nothing", async () => {
  const {said, ended} = start("throw");
  const {pids} = await said;
  const {code, errors} = await ended;
  assert.equal(code, 1);
  assert.match(errors, /the program failed/);
  await allGone(pids);
});

it("process.exit ends everything, running tasks too", async () => {
  const {said, ended} = start("exit");
  const {pids} = await said;
  assert.equal((await ended).code, 7);
  await allGone(pids);
});

it("a program that is killed leaves nothing", async () => {
  const {child, said, ended} = start("endless");
  const {pids} = await said;
  child.kill("SIGKILL");
  await ended;
  await allGone(pids);
});
