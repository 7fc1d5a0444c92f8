import assert from "node:assert/strict";
import {mkdir, mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {after, test} from "node:test";
import {
  checkExtension,
  checkJupyter,
  checkKernelspec,
  checkNode,
  checkRuntime,
  checkTrial,
} from "../../../kernel/install/checks.js";
import {installCommand} from "../../../kernel/install/doctor.js";
import type {Finding, Scene} from "../../../kernel/install/finding.js";
import type {Jupyter} from "../../../kernel/install/jupyter.js";
import {ownVersion} from "../../../kernel/install/runtime.js";

const folder = await mkdtemp(join(tmpdir(), "tasklab checks-"));
after(() => rm(folder, {recursive: true}));

const flag = "--no-force-async-hooks-checks";
const main = join(folder, "tasklab", "1.0.0", "dist", "kernel", "main.js");
await mkdir(dirname(main), {recursive: true});
await writeFile(main, "");

/** A Jupyter that finds this kernelspec of ours; its Python does not run. */
function sceneWith(spec: Partial<Exclude<Jupyter["kernelspec"], {broken: string} | null>>): Scene {
  const kernelspec = {
    ...{folder: "/kernels/tasklab", metadata: {tasklab: {version: ownVersion}}},
    ...{argv: [process.execPath, flag, main, "{connection_file}"], ...spec},
  };
  return {jupyter: jupyterWith(kernelspec), argv: kernelspec.argv, install};
}

function jupyterWith(kernelspec: Jupyter["kernelspec"]): Jupyter {
  return {
    ...{python: "/nowhere/python", pythonVersion: "3.12.0", prefix: "/nowhere"},
    ...{userData: "/data", dataPaths: ["/data"], versions: {jupyterlab: "4.6.4"}},
    kernelspec,
  };
}

const install = "npx tasklab install";
const nothing: Scene = {jupyter: undefined, argv: [], install};
const found = (kernelspec: Jupyter["kernelspec"]): Scene => ({
  ...{jupyter: jupyterWith(kernelspec), argv: [], install},
});

/** Each row: the check, what it sees, whether that is good, its words and the mend's. */
const rows: [(scene: Scene) => Promise<Finding>, Scene, boolean | null, RegExp, RegExp?][] = [
  [checkNode, nothing, true, new RegExp(`^${process.version}, `)],
  [checkNode, sceneWith({}), true, new RegExp(`^${process.version}, `)],
  [checkNode, sceneWith({argv: ["/gone/node", main]}), false, /\/gone\/node/, /tasklab install/],
  [checkNode, sceneWith({argv: [process.execPath, main]}), false, /without --no-force/, /install/],
  [checkJupyter, nothing, false, /none was found/, /pip install jupyterlab/],
  [checkJupyter, sceneWith({}), true, /jupyterlab 4\.6\.4; Python 3\.12\.0/],
  [checkKernelspec, nothing, null, /no Jupyter/],
  [checkKernelspec, found(null), false, /finds none in \/data/, /tasklab install/],
  [checkKernelspec, found({broken: "Expecting value"}), false, /Expecting/, /tasklab install/],
  [checkKernelspec, sceneWith({metadata: {}}), false, /another's/, /kernelspec remove/],
  [
    checkKernelspec,
    sceneWith({argv: ["n", "/gone/dist/kernel/main.js"]}),
    false,
    /gone/,
    /install/,
  ],
  [
    ...([checkKernelspec, sceneWith({metadata: {tasklab: {version: "0.0.1"}}})] as const),
    ...([false, /0\.0\.1/, /tasklab install/] as const),
  ],
  [checkKernelspec, sceneWith({}), true, /\/kernels\/tasklab/],
  [checkRuntime, nothing, null, /no kernelspec/],
  [checkRuntime, sceneWith({}), false, /1\.0\.0 is gone or was copied only in part/, /install/],
  [checkExtension, nothing, null, /no JupyterLab/],
  [checkExtension, sceneWith({}), false, /4\.6\.4 does not find it/, /tasklab install/],
  [checkTrial, nothing, null, /no kernel of ours/],
  [checkTrial, sceneWith({}), false, /did not run 1 \+ 1/, /jupyter console/],
];

test("the doctor names what it finds and what mends it", async () => {
  for (const [check, scene, isGood, words, mend] of rows) {
    const finding = await check(scene);
    const told = `${check.name}: ${JSON.stringify(finding)}`;
    assert.equal(finding.isGood, isGood, told);
    assert.match(finding.text, words, told);
    if (mend) assert.match(finding.mend ?? "", mend, told);
    else assert.equal(finding.mend, undefined, told);
  }
});

test("the mend is to install anew where Jupyter looks first", () => {
  const user = "/home/lab/.local/share/jupyter";
  for (const [kernelspec, command] of [
    ["", install],
    [`${user}/kernels/tasklab`, install],
    ["/my env/share/jupyter/kernels/tasklab", `${install} --prefix "/my env"`],
  ] as const)
    assert.equal(installCommand(kernelspec, user), command);
});
