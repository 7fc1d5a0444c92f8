import assert from "node:assert/strict";
import {execFile} from "node:child_process";
import {mkdtemp, readFile, readdir, rm} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {fileURLToPath} from "node:url";
import {promisify} from "node:util";
import {acceptedFlags, installKernelspec, kernelspec} from "../../../kernel/spec/install.js";

const project = fileURLToPath(new URL("../../../..", import.meta.url));

test("the kernelspec starts this project's kernel with the Node that installed it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tasklab kernelspec-"));
  try {
    await installKernelspec(folder, {
      ...{project, version: "1.2.3", nodePath: process.execPath},
    });
    const spec = JSON.parse(await readFile(join(folder, "kernel.json"), "utf8")) as {
      argv: string[];
    };
    assert.equal(spec.argv[0], process.execPath);
    assert.equal(spec.argv.at(-2), join(project, "dist", "kernel", "main.js"));
    assert.equal(spec.argv.at(-1), "{connection_file}");
    const flags = spec.argv.slice(1, -2);
    await promisify(execFile)(process.execPath, [...flags, "--eval", "0"]);
    assert.deepEqual((await readdir(folder)).sort(), [
      "kernel.json",
      "logo-32x32.png",
      "logo-64x64.png",
      "logo-svg.svg",
    ]);
  } finally {
    await rm(folder, {recursive: true});
  }
});

test("interrupts come as messages, in Jupyter's protocol 5.5", () => {
  const spec = kernelspec({project, version: "1.2.3", nodePath: "/n/node"}, ["--a"]);
  assert.equal(spec.interrupt_mode, "message");
  assert.equal(spec.kernel_protocol_version, "5.5");
  assert.equal(spec.language, "typescript");
  assert.equal(spec.metadata.debugger, true);
  assert.equal(spec.metadata.supported_encryption, "curve");
  assert.deepEqual(spec.metadata.tasklab, {version: "1.2.3"});
  assert.deepEqual(spec.argv.slice(0, 2), ["/n/node", "--a"]);
});

test("a flag that this Node does not know is left out", async () => {
  const wanted = ["--no-warnings", "--no-such-flag-of-node"];
  assert.deepEqual(await acceptedFlags(process.execPath, wanted), ["--no-warnings"]);
});
