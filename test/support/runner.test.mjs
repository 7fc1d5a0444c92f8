import assert from "node:assert/strict";
import {mkdir, mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {Report, sumLine} from "./report.mjs";
import {runFile} from "./run-file.mjs";
import {placeOf} from "./runner.mjs";

/** What the reader sees of a run of this test file. */
async function run(program, {limitMs = 20_000} = {}) {
  const folder = await mkdtemp(join(tmpdir(), "tasklab runner-"));
  try {
    const path = join(folder, "sample.test.mjs");
    await writeFile(path, `import {test} from "node:test";\n${program}\n`);
    await mkdir(join(folder, "results"));
    const lines = [];
    const report = new Report((line) => lines.push(line));
    report.add(await runFile({name: "sample", path, limitMs}, {output: folder}));
    const isGood = report.close();
    return {isGood, text: lines.join("\n"), last: lines.at(-1)};
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}

test("passed tests are counted, skipped ones named with their reason", async () => {
  const {isGood, text, last} = await run(`
    test("one", () => {});
    test("outer", async (t) => { await t.test("inner", () => {}); });
    test("not here", {skip: "no such device"}, () => {});
  `);
  assert.ok(isGood, text);
  assert.equal(last, "3 passed, 0 failed, 1 skipped");
  assert.match(text, /sample › not here \(no such device\)/);
});

test("a failed test is shown with its difference, and counted once", async () => {
  const {isGood, text, last} = await run(`
    import assert from "node:assert/strict";
    test("outer", async (t) => { await t.test("inner", () => assert.equal(1, 2)); });
  `);
  assert.ok(!isGood);
  assert.equal(last, "0 passed, 1 failed");
  assert.match(text, /inner[\s\S]*1 !== 2/);
});

test("a file that crashes, hangs or has no tests fails as a whole", async () => {
  const crashed = await run(`test("one", () => {}); process.on("exit", () => process.exit(3));`);
  assert.match(crashed.text, /ended with exit code 3/);
  assert.equal(crashed.last, "1 passed, 1 failed");
  const broken = await run(`throw new Error("never got there");`);
  assert.match(broken.text, /never got there/);
  assert.match((await run("")).text, /has no tests/);
  const hanging = `test("one", () => {}); setInterval(() => {}, 1000);`;
  assert.match(
    (await run(hanging, {limitMs: 3_000})).text,
    /was still running after 3 s, after "one"/,
  );
});

test("a file that leaves a process behind fails, and the process is ended", async () => {
  const {text} = await run(`
    import {spawn} from "node:child_process";
    test("one", () => { spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {stdio: "ignore"}).unref(); });
  `);
  assert.match(text, /left processes running:\n.*setInterval/);
});

test("a file that leaves something in its temp folder fails, and the folder goes", async () => {
  const {text} = await run(`
    import {writeFileSync} from "node:fs";
    import {tmpdir} from "node:os";
    import {join} from "node:path";
    test("one", () => writeFileSync(join(tmpdir(), "forgotten"), ""));
  `);
  assert.match(text, /left in the temp folder: forgotten/);
});

test("a test runs alone where its folder or its first words say so", () => {
  assert.deepEqual(placeOf("test/e2e/lab.test.ts", ""), {isAlone: true, limitMs: 300_000});
  assert.deepEqual(placeOf("test/a.test.ts", ""), {isAlone: false, limitMs: 120_000});
  assert.equal(placeOf("test/a.test.ts", "// Starts processes.").isAlone, true);
  const words = "// Runs alone, at most 90 s: it starts a cluster.";
  assert.deepEqual(placeOf("test/a.test.ts", words), {isAlone: true, limitMs: 90_000});
});

test("the sum names skipped tests only when there are some", () => {
  assert.equal(sumLine(3, 0, 0), "3 passed, 0 failed");
  assert.equal(sumLine(3, 1, 2), "3 passed, 1 failed, 2 skipped");
});
