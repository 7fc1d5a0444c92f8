// Starts processes: programs that exit while large values are on their way.

import assert from "node:assert/strict";
import {spawn} from "node:child_process";
import {test} from "node:test";
import {fileURLToPath} from "node:url";

const library = new URL("../../../cluster/index.js", import.meta.url).href;
const mebibytes = 300;

/** Programs that exit while something is under way; `name` says what. */
const programs: {name: string; body: string}[] = [
  {
    name: "a value that is put",
    body: `put(new Uint8Array(size)); exit();`,
  },
  {
    name: "values that are put, and copied one after another",
    body: `for (let i = 0; i < 4; i++) put(new Uint8Array(size / 4)); setTimeout(exit, 20);`,
  },
  {
    name: "an argument of a task",
    body: `remote((bytes) => bytes.length).remote(new Uint8Array(size)); setTimeout(exit, 100);`,
  },
  {
    name: "a task's result",
    body: `const ref = remote((length) => new Uint8Array(length)).remote(size);
           await wait([ref]);
           void get(ref).catch(() => {});
           setTimeout(exit, 20);`,
  },
  {
    name: "a value, and an error that nobody catches ends the program",
    body: `put(new Uint8Array(size)); process.exitCode = 7; process.on("uncaughtException", exit); throw new Error();`,
  },
  {
    name: "nothing yet, for the cluster is only starting",
    body: `exit();`,
  },
];

for (const {name, body} of programs) {
  test(`a program that exits keeps its code; under way: ${name}`, async () => {
    const text = `
      import {cluster, get, put, remote, wait} from ${JSON.stringify(library)};
      const size = ${mebibytes} * 1024 * 1024;
      const exit = () => process.exit(7);
      const starting = cluster.start({workers: 1});
      ${name.startsWith("nothing") ? "" : "await starting;"}
      ${body}`;
    const {code, errors} = await run(text);
    assert.equal(errors, "");
    assert.equal(code, 7);
  });
}

test("a task that exits its worker while its result is on its way loses the worker, not more", async () => {
  const {code, errors} = await run(`
    import {cluster, get, put, remote} from ${JSON.stringify(library)};
    await cluster.start({workers: 1});
    const leave = remote(function leave() {
      put(new Uint8Array(${mebibytes} * 1024 * 1024));
      process.exit(3);
    }, {maxRetries: 0});
    const told = await get(leave.remote()).catch((error) => error);
    const logs = await cluster.logs();
    if (told.name !== "WorkerCrashedError" || /terminate called/.test(String(told) + logs)) {
      console.error(told, logs);
    }
    process.exit(7);`);
  assert.equal(errors, "");
  assert.equal(code, 7);
});

function run(text: string): Promise<{code: number | null; errors: string}> {
  const args = ["--input-type=module", "--eval", text];
  const cwd = fileURLToPath(new URL("../../../..", import.meta.url));
  const program = spawn(process.execPath, args, {cwd, stdio: ["ignore", "ignore", "pipe"]});
  let errors = "";
  program.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    program.on("error", reject);
    program.on("close", (code) => resolve({code, errors}));
  });
}
