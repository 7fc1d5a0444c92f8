// Every notebook, executed as readers of other tools do it: by nbclient, without JupyterLab. Starts
// kernels and clusters.

import assert from "node:assert/strict";
import {execFile} from "node:child_process";
import {mkdtemp, readdir, readFile, rm} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import test from "node:test";
import {promisify} from "node:util";
import {project} from "../support/lab.js";

const run = promisify(execFile);
const limitMs = 120_000;

const {jupyterEnv} = (await import(join(project, "kernel/setup/jupyter.mjs"))) as {
  jupyterEnv(options: object): NodeJS.ProcessEnv;
};

for (const name of (await readdir(join(project, "notebooks"))).filter((each) =>
  each.endsWith(".ipynb"),
)) {
  test(`${name} runs from its first cell to its last`, {timeout: limitMs}, async () => {
    const folder = await mkdtemp(join(tmpdir(), "tasklab-notebooks-"));
    try {
      await run(
        join(project, ".venv/bin/python"),
        [
          ...["-m", "nbconvert", "--to", "notebook", "--execute", join(project, "notebooks", name)],
          ...["--output-dir", folder, "--output", name, "--ExecutePreprocessor.timeout=60"],
        ],
        // What the tutorials write there goes with the folder.
        {env: {...jupyterEnv({home: join(folder, ".jupyter")}), TMPDIR: folder}, timeout: limitMs},
      );
      const executed = JSON.parse(await readFile(join(folder, name), "utf8")) as Notebook;
      for (const cell of executed.cells) {
        if (cell.cell_type !== "code") continue;
        assert.equal(typeof cell.execution_count, "number", cell.id);
        const fails = cell.outputs.some((output) => output.output_type === "error");
        assert.equal(fails, cell.metadata.tags?.includes("raises-exception") ?? false, cell.id);
      }
    } finally {
      await rm(folder, {recursive: true, force: true});
    }
  });

  test(`${name} is committed with the outputs of a real run`, async () => {
    const saved = JSON.parse(await readFile(join(project, "notebooks", name), "utf8")) as Notebook;
    const code = saved.cells.filter((cell) => cell.cell_type === "code");
    for (const cell of code)
      assert.equal(typeof cell.execution_count, "number", `${cell.id} was run`);
    const pictures = code.flatMap((cell) =>
      cell.outputs.filter((output) => output.data && "image/svg+xml" in output.data),
    );
    assert.ok(pictures.length > 0, "there are diagrams");
  });
}

interface Notebook {
  cells: {
    id: string;
    cell_type: string;
    metadata: {tags?: string[]};
    execution_count?: number | null;
    outputs: {output_type: string; data?: object}[];
  }[];
}
