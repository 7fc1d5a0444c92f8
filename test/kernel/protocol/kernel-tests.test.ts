// Jupyter's own tests of kernels, run by Jupyter's own client against the kernelspec of this
// checkout.

import assert from "node:assert/strict";
import {execFile} from "node:child_process";
import {mkdtemp, rm} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {before, test} from "node:test";
import {promisify} from "node:util";
import {project} from "../../support/lab.js";

const limitMs = 100_000;
const methods = [
  ...["kernel_info", "execute_stdout", "execute_stderr", "execute_result", "error"],
  ...["display_data", "clear_output", "completion", "inspect", "is_complete", "history"],
  ...["pager", "recv_iopub_welcome_msg"],
];

const {jupyterEnv} = (await import(join(project, "kernel/setup/jupyter.mjs"))) as {
  jupyterEnv(options: object): NodeJS.ProcessEnv;
};

/** What is wrong, by method; null: nothing. */
let problems: Map<string, string | null>;
before(async () => {
  problems = await runAll();
});

for (const method of methods)
  test(`jupyter_kernel_test: ${method}`, () => {
    const problem = problems.get(`test_${method}`);
    assert.notEqual(problem, undefined, "it was not run");
    assert.equal(problem, null, problem ?? "");
  });

test("every method of jupyter_kernel_test is among these", () => {
  const known = methods.map((method) => `test_${method}`);
  assert.deepEqual([...problems.keys()].sort(), known.sort());
});

async function runAll(): Promise<Map<string, string | null>> {
  const home = await mkdtemp(join(tmpdir(), "tasklab-kernel-tests-"));
  try {
    const {stdout} = await promisify(execFile)(
      join(project, ".venv/bin/python"),
      [join(project, "test/kernel/protocol/kernel_tests.py")],
      // Its client puts the connection file, beside which history is kept, where temporary files
      // are.
      {env: {...jupyterEnv({home}), TMPDIR: home}, cwd: home, timeout: limitMs},
    );
    const lines = stdout.trim().split("\n");
    return new Map(
      lines.map((line) => {
        const {name, problem} = JSON.parse(line) as {name: string; problem: string | null};
        return [name, problem];
      }),
    );
  } finally {
    await rm(home, {recursive: true, force: true});
  }
}
