import assert from "node:assert/strict";
import {mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
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
