import assert from "node:assert/strict";
import {mkdir, mkdtemp, readFile, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterEach, beforeEach, test} from "node:test";
import {fingerprint, hasStamp, leaveStamp} from "../../../kernel/setup/fingerprint.mjs";
import {jupyterEnv, labArguments} from "../../../kernel/setup/jupyter.mjs";
import {holdLock} from "../../../kernel/setup/lock.mjs";
import {isNodeNewEnough} from "../../../kernel/setup/old-node.mjs";
import {parseOptions} from "../../../kernel/setup/options.mjs";
import {project, requirements} from "../../../kernel/setup/paths.mjs";
import {isInstalled, npmInstall, pipInstall} from "../../../kernel/setup/setup.mjs";

let folder;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tasklab setup-"));
});
afterEach(() => rm(folder, {recursive: true}));

test("Node 20.12 and newer will do, older ones are refused", () => {
  for (const version of ["20.12.0", "20.20.2", "22.0.0", "24.1.0"])
    assert.ok(isNodeNewEnough(version));
  for (const version of ["20.11.1", "18.19.1", "8.0.0"]) assert.ok(!isNodeNewEnough(version));
});

test("the words after `npm start --` are read, wrong ones are refused by name", () => {
  assert.deepEqual(parseOptions([]), {port: 8888, hasBrowser: true, isHelp: false});
  assert.deepEqual(parseOptions(["--no-browser", "--port", "9000"]), {
    port: 9000,
    hasBrowser: false,
    isHelp: false,
  });
  assert.throws(() => parseOptions(["--prot", "1"]), /--prot/);
  for (const port of ["0", "65536", "lab", "1.5"]) {
    assert.throws(() => parseOptions(["--port", port]), /from 1 to 65535/);
  }
});

test("installed packages are compared with the lock, those of other platforms aside", () => {
  const entry = (version) => ({version, integrity: `sha512-${version}`});
  const lock = {
    packages: {
      "": {},
      "node_modules/a": entry("1.0.0"),
      "node_modules/b": {...entry("2.0.0"), optional: true},
    },
  };
  assert.ok(isInstalled(lock, {packages: {"node_modules/a": entry("1.0.0")}}));
  assert.ok(!isInstalled(lock, {packages: {"node_modules/a": entry("1.0.1")}}));
  assert.ok(!isInstalled(lock, {packages: {"node_modules/b": entry("2.0.0")}}));
  assert.ok(!isInstalled(lock, undefined));
});

test("a fingerprint follows content, names and words, and nothing else", async () => {
  const source = join(folder, "source");
  await mkdir(join(source, "inner"), {recursive: true});
  const file = join(source, "inner", "a.ts");
  await writeFile(file, "1");
  const first = await fingerprint([source], {words: ["x"]});
  await writeFile(file, "1");
  assert.equal(await fingerprint([source], {words: ["x"]}), first);
  assert.notEqual(await fingerprint([source], {words: ["y"]}), first);
  await writeFile(file, "2");
  assert.notEqual(await fingerprint([source], {words: ["x"]}), first);
  await writeFile(file, "1");
  await writeFile(join(source, "b.ts"), "");
  assert.notEqual(await fingerprint([source], {words: ["x"]}), first);
  const isB = (path) => path.endsWith("b.ts");
  assert.equal(await fingerprint([source], {words: ["x"], ignore: isB}), first);
});

test("a stamp goes with the folder that it vouches for", async () => {
  const made = join(folder, "made");
  await leaveStamp(made, "abc");
  assert.ok(await hasStamp(made, "abc"));
  assert.ok(!(await hasStamp(made, "abd")));
  await rm(made, {recursive: true});
  assert.ok(!(await hasStamp(made, "abc")));
});

test(
  "a second set-up waits for the first, a dead one's lock is taken over",
  {timeout: 10_000},
  async () => {
    const file = join(folder, "setup.lock");
    await writeFile(file, "999999999");
    const release = await holdLock(file);
    assert.equal(await readFile(file, "utf8"), String(process.pid));
    const second = holdLock(file, {onWait: () => release()});
    (await second)();
    await assert.rejects(readFile(file), /ENOENT/);
  },
);

test("Jupyter writes only below its home and heeds no settings from outside", () => {
  const env = jupyterEnv({
    env: {PATH: "/bin", JUPYTER_PATH: "/x", PYTHONPATH: "/y"},
    home: "/home/lab",
  });
  for (const name of ["CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"]) {
    assert.match(env[`JUPYTER_${name}`], /^\/home\/lab\//);
  }
  assert.match(env.JUPYTERLAB_WORKSPACES_DIR, /^\/home\/lab\//);
  assert.match(env.JUPYTERLAB_SETTINGS_DIR, /^\/home\/lab\//);
  assert.match(env.IPYTHONDIR, /^\/home\/lab\//);
  assert.equal(env.JUPYTER_PATH, undefined);
  assert.equal(env.PYTHONPATH, undefined);
});

test("root is allowed to run JupyterLab, others need no such word", () => {
  const options = {port: 8888, hasBrowser: false, rootDir: "/n"};
  assert.ok(labArguments({...options, isRoot: true}).includes("--allow-root"));
  assert.ok(!labArguments({...options, isRoot: false}).includes("--allow-root"));
});

test("the Python lock names one exact version of each package for each Python", async () => {
  const lock = await readFile(requirements, "utf8");
  const lines = lock.match(/^[a-z].*(?= \\$)/gim);
  assert.ok(lines.length > 80, `${lines.length} packages`);
  for (const line of lines) assert.match(line, /^[\w.-]+==[\w.]+( ; .+)?$/);
  const wanted = (await readFile(requirements.replace(/txt$/, "in"), "utf8")).match(/^[a-z].*$/gim);
  for (const line of wanted) assert.ok(lines.includes(line), `${line} is not in the lock`);
});

test("the Python lock has the hashes of each package, and pip is told to ask for them", async () => {
  const lock = await readFile(requirements, "utf8");
  const packages = lock.split(/^(?=[a-z])/im).slice(1);
  for (const each of packages)
    assert.match(each, /^.+ \\\n( {4}--hash=sha256:[0-9a-f]{64}( \\)?\n)+$/);
  assert.equal(packages.length, lock.match(/^[^ #].+$/gm).length);
  assert.ok(pipInstall.includes("--require-hashes"));
});

test("setting up runs no code of a package", () => {
  assert.ok(npmInstall.includes("--ignore-scripts"));
  assert.ok(pipInstall.includes("--only-binary=:all:"));
});

test("the npm lock has a hash of each package", async () => {
  const lock = JSON.parse(await readFile(join(project, "package-lock.json"), "utf8"));
  for (const [path, {integrity, link, inBundle}] of Object.entries(lock.packages)) {
    const isOurs = !path.includes("node_modules/") || link || inBundle;
    assert.ok(isOurs || /^sha512-/.test(integrity), `${path}: ${integrity}`);
  }
});

test("the npm lock names no registry", async () => {
  const lock = JSON.parse(await readFile(join(project, "package-lock.json"), "utf8"));
  for (const [path, {resolved, link}] of Object.entries(lock.packages)) {
    assert.ok(resolved === undefined || link === true, `${path} comes from ${resolved}`);
  }
});
