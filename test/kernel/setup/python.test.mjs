import assert from "node:assert/strict";
import {execFile} from "node:child_process";
import {mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {promisify} from "node:util";
import {findPython, probePython, whyNoPython} from "../../../kernel/setup/python.mjs";

const good = {version: [3, 12, 1], executable: "/usr/bin/python3", venv: true};
const old = {version: [3, 8, 18], executable: "/usr/bin/python3", venv: true};
const bare = {version: [3, 11, 2], executable: "/usr/bin/python3", venv: false};

/** A machine on which these names answer as Pythons. */
function machine(pythons) {
  return async (name) => pythons[name];
}

test("the first fitting Python of python3 and python is taken", async () => {
  const env = {PATH: ""};
  assert.equal(await findPython({env, probe: machine({python3: good})}), good);
  assert.equal(await findPython({env, probe: machine({python: good})}), good);
  assert.equal(await findPython({env, probe: machine({python3: old, python: good})}), good);
});

test("a Python inside of the environment that is to be made is none", async () => {
  const own = {...good, executable: "/project/.venv/bin/python3.12"};
  const environment = "/project/.venv";
  const env = {PATH: "/project/.venv/bin:/usr/bin:/project/.venv-mine/bin"};
  const asked = [];
  const probe = async (name, {PATH}) => {
    asked.push(PATH);
    return {python3: own, python: good}[name];
  };
  assert.equal(await findPython({env, probe, environment}), good);
  assert.deepEqual([...new Set(asked)], ["/usr/bin:/project/.venv-mine/bin"]);
  await assert.rejects(
    findPython({env: {TASKLAB_PYTHON: "x"}, probe: async () => own, environment}),
    /no Python that runs outside of \.venv/,
  );
});

test("an activated environment gives the Python that it was made from", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tasklab-python-"));
  try {
    const outside = await findPython();
    const environment = join(folder, ".venv");
    const make = promisify(execFile);
    await make(outside.executable, ["-m", "venv", "--without-pip", environment]);
    const env = {...process.env, PATH: `${join(environment, "bin")}:${process.env.PATH}`};
    // As the environment of this project, and as one of somebody else's.
    for (const own of [environment, join(folder, "other")]) {
      const found = await findPython({env, environment: own});
      assert.ok(!found.executable.startsWith(folder), found.executable);
    }
    const fromInside = await probePython(join(environment, "bin", "python"), env);
    assert.equal(fromInside.executable, outside.executable);
  } finally {
    await rm(folder, {recursive: true});
  }
});

test("TASKLAB_PYTHON is the only one asked when it is set", async () => {
  const env = {PATH: "", TASKLAB_PYTHON: "/opt/py"};
  assert.equal(await findPython({env, probe: machine({"/opt/py": good, python3: bare})}), good);
  await assert.rejects(
    findPython({env, probe: machine({python3: good})}),
    /TASKLAB_PYTHON is "\/opt\/py"/,
  );
});

test("what is missing is said in one line with the command that mends it", () => {
  const cases = [
    {
      found: [],
      installer: "apt-get",
      line: /found none\. Run: sudo apt-get install -y python3 python3-venv$/,
    },
    {found: [], installer: "brew", line: /found none\. Run: brew install python$/},
    {
      found: [],
      installer: undefined,
      line: /found none\. Get Python from https:\/\/www\.python\.org/,
    },
    {
      found: [old],
      installer: "dnf",
      line: /is 3\.8\.18\. Install one, then run: TASKLAB_PYTHON=.+ npm start$/,
    },
    {
      found: [bare],
      installer: "apt-get",
      line: /cannot make virtual environments\. Run: sudo apt-get install -y python3\.11-venv$/,
    },
    {found: [old, bare], installer: "apt-get", line: /python3\.11-venv$/},
    {found: [], installer: "apk", isRoot: true, line: /Run: apk add python3$/},
  ];
  for (const {found, installer, isRoot = false, line} of cases) {
    const words = whyNoPython(found, {}, {installer, isRoot});
    assert.match(words, line);
    assert.ok(!words.includes("\n"), words);
  }
});

test("a real Python tells its version; what is no Python counts as absent", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tasklab-python-"));
  try {
    const fake = join(folder, "python3");
    const answer = JSON.stringify(bare).replaceAll('"', '\\"');
    await writeFile(fake, `#!/bin/sh\necho "${answer}"\n`, {mode: 0o755});
    assert.deepEqual(await probePython(fake, process.env), bare);
    await writeFile(fake, "#!/bin/sh\necho Hello\n", {mode: 0o755});
    assert.equal(await probePython(fake, process.env), undefined);
    assert.equal(await probePython(join(folder, "none"), process.env), undefined);
  } finally {
    await rm(folder, {recursive: true});
  }
});
