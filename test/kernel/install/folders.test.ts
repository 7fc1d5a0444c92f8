import assert from "node:assert/strict";
import {chmod, mkdir, mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {delimiter, join} from "node:path";
import {after, test} from "node:test";
import {findData, userData} from "../../../kernel/install/folders.js";
import {findJupyter} from "../../../kernel/install/jupyter.js";
import {project} from "../../support/lab.js";

const folder = await mkdtemp(join(tmpdir(), "tasklab folders-"));
after(() => rm(folder, {recursive: true}));

const venv = join(project, ".venv");
const nothing = {PATH: "/nowhere"};

test("without a Jupyter to ask, the user's folder is where Jupyter's rules say", () => {
  for (const [env, system, expected] of [
    [{}, "linux", "/home/lab/.local/share/jupyter"],
    [{XDG_DATA_HOME: "/xdg"}, "linux", "/xdg/jupyter"],
    [{}, "darwin", "/home/lab/Library/Jupyter"],
    [{JUPYTER_DATA_DIR: "/own"}, "darwin", "/own"],
  ] as const) {
    assert.equal(userData(env, system, "/home/lab"), expected);
  }
});

test("Jupyter is found by its command, wherever that stands, and by its environment", async () => {
  const linked = join(folder, "bin with space");
  await mkdir(linked);
  // As pip writes it where the path of its Python has spaces or is long.
  const script = `#!/bin/sh\n'''exec' "${venv}/bin/python" "$0" "$@"\n' '''\n`;
  await writeFile(join(linked, "jupyter"), script);
  await chmod(join(linked, "jupyter"), 0o755);
  for (const env of [
    {PATH: join(venv, "bin")},
    {PATH: ["/nowhere", linked].join(delimiter)},
    {PATH: "/nowhere", VIRTUAL_ENV: venv},
    {PATH: "/nowhere", TASKLAB_PYTHON: join(venv, "bin", "python")},
  ]) {
    const jupyter = await findJupyter(env);
    assert.equal(jupyter?.prefix, venv, JSON.stringify(env));
    assert.match(jupyter?.versions.jupyterlab ?? "", /^4\./);
  }
  assert.equal(await findJupyter(nothing), undefined);
});

test("the user's folder is the one that the found Jupyter names", async () => {
  const env = {PATH: join(venv, "bin"), JUPYTER_DATA_DIR: join(folder, "own")};
  const {data} = await findData({kind: "user", isExplicit: false}, env);
  assert.equal(data, join(folder, "own"));
});

test("an environment is named by its folder or by its Python, or is Jupyter's own", async () => {
  const env = {PATH: join(venv, "bin")};
  for (const of of [venv, join(venv, "bin", "python"), undefined]) {
    const {data} = await findData({kind: "sys-prefix", ...(of ? {of} : {})}, env);
    assert.equal(data, join(venv, "share", "jupyter"));
  }
});

test("a place that is none is refused in words that name the mend", async () => {
  await assert.rejects(findData({kind: "sys-prefix"}, nothing), /pip install jupyterlab/);
  const of = join(folder, "none");
  await assert.rejects(findData({kind: "sys-prefix", of}, nothing), /none: neither a folder/);
});
