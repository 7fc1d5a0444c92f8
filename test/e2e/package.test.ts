// The packed tarball, as a user gets it: installed in an empty folder, put into a Jupyter, the
// folder deleted, a remote function run. Needs npm's registry or its filled cache. At most 240 s:
// npm may be slow.

import assert from "node:assert/strict";
import {execFile} from "node:child_process";
import {mkdir, mkdtemp, readdir, readFile, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {promisify} from "node:util";
import {project} from "../support/lab.js";
import {environmentIn, readNotebook, runPython, textOf, writeNotebook} from "../support/python.js";

const LIMIT_MS = 180_000;

let folder: string;
let tarball: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "tasklab package-"));
  // As it was built: what `prepack` would build again is what the tests run.
  const words = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const {stdout} = await run("npm", words, project);
  tarball = join(folder, (JSON.parse(stdout) as {filename: string}[])[0]!.filename);
});
after(() => rm(folder, {recursive: true, force: true}));

async function run(command: string, args: string[], cwd: string, more: NodeJS.ProcessEnv = {}) {
  const env = {...environmentIn(folder), ...more};
  return promisify(execFile)(command, args, {cwd, env, timeout: LIMIT_MS});
}

test("the tarball has what is needed and no sources, tests, maps or stamps", async () => {
  const {stdout} = await run("tar", ["-tzf", tarball], folder);
  const paths = stdout.trim().split("\n");
  for (const path of [
    "dist/kernel/main.js",
    "dist/cluster/index.d.ts",
    "kernel/install/tasklab.mjs",
    "extensions/execution/labextension/package.json",
    "LICENSE",
  ])
    assert.ok(paths.includes(`package/${path}`), path);
  const odd = /(^|\/)test\/|\.map$|\.tasklab-stamp|(?<!\.d)\.ts$|requirements|\.ipynb$/;
  assert.deepEqual(
    paths.filter((path) => odd.test(path)),
    [],
  );
});

test("the extension names ranges, so that each JupyterLab 4 takes it", async () => {
  const path = join(project, "extensions/execution/labextension/package.json");
  const {dependencies} = JSON.parse(await readFile(path, "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of ["application", "apputils", "ui-components"])
    assert.equal(dependencies[`@jupyterlab/${name}`], "^4.0.0");
});

test("an installation outlives the folder and the cache it came from", async () => {
  const empty = join(folder, "empty");
  const prefix = join(folder, "prefix");
  await mkdir(join(prefix, "share"), {recursive: true});
  await mkdir(empty);
  await writeFile(join(empty, "package.json"), "{}");
  const words = ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball];
  await run("npm", words, empty);
  const npx = (...args: string[]) => run("npx", ["--no-install", "tasklab", ...args], empty);

  const {version} = JSON.parse(await readFile(join(project, "package.json"), "utf8")) as {
    version: string;
  };
  assert.equal((await npx("--version")).stdout.trim(), version);
  const installed = await npx("install", "--prefix", prefix);
  assert.match(installed.stdout, new RegExp(`^Tasklab ${version} is installed:\n`));
  await rm(empty, {recursive: true});

  const jupyter = {JUPYTER_PATH: join(prefix, "share", "jupyter")};
  const runtime = join(jupyter.JUPYTER_PATH, "tasklab", version);
  await writeNotebook(join(folder, "remote.ipynb"), [
    'import {get} from "tasklab";\n@remote\nfunction square(n: number): number { return n * n; }',
    "await get([1, 2, 3].map((n) => square.remote(n)))",
    "process.argv[1]",
  ]);
  const convert = ["-m", "nbconvert", "--to", "notebook", "--execute", "--inplace"];
  await runPython([...convert, "remote.ipynb"], folder, jupyter);
  const [, squares, main] = (await readNotebook(join(folder, "remote.ipynb"))).cells;
  assert.match(textOf(squares!), /1, 4, 9/);
  assert.ok(textOf(main!).includes(runtime), textOf(main!));

  const own = join(runtime, "kernel", "install", "tasklab.mjs");
  const healthy = await run(process.execPath, [own, "doctor"], folder, jupyter);
  assert.doesNotMatch(healthy.stdout, /^[✗·]/m);
  assert.match(healthy.stdout, /^✓ first cell {2}1 \+ 1 is 2/m);

  await rm(join(runtime, "node_modules", "zeromq"), {recursive: true});
  const ill = await run(process.execPath, [own, "doctor"], folder, jupyter).then(
    () => assert.fail("the doctor saw nothing"),
    (error: {code: number; stdout: string}) => error,
  );
  assert.equal(ill.code, 1);
  assert.match(ill.stdout, /^✗ runtime .*zeromq.*\n {4}mend: npx tasklab install --prefix /m);
  assert.match(ill.stdout, /^✗ first cell {2}the kernel did not run 1 \+ 1: .*'zeromq'/m);

  await run(process.execPath, [own, "uninstall", "--prefix", prefix], folder);
  assert.deepEqual(await readdir(prefix, {recursive: true}), ["share"]);
});
