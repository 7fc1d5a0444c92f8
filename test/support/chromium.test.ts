import assert from "node:assert/strict";
import {mkdtemp, rm, writeFile} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {test} from "node:test";
import {findChromium} from "./chromium.js";

const packed = {executablePath: "/packed/chromium"};
const findPacked = () => Promise.resolve(packed);

test("the browser is CHROMIUM's, else the path's first, else the packed one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tasklab-chromium-"));
  try {
    const PATH = `/nowhere:${folder}`;
    assert.equal(await findChromium({PATH}, findPacked), packed);
    await writeFile(join(folder, "google-chrome"), "", {mode: 0o755});
    const chrome = await findChromium({PATH}, findPacked);
    assert.equal(chrome.executablePath, join(folder, "google-chrome"));
    await writeFile(join(folder, "chromium"), "", {mode: 0o755});
    const chromium = await findChromium({PATH}, findPacked);
    assert.equal(chromium.executablePath, join(folder, "chromium"));
    const named = await findChromium({PATH, CHROMIUM: process.execPath}, findPacked);
    assert.equal(named.executablePath, process.execPath);
  } finally {
    await rm(folder, {recursive: true});
  }
});

test("without any browser the error names the line that installs one", async () => {
  const findNone = () => Promise.reject(new Error("none is packed"));
  await assert.rejects(findChromium({PATH: ""}, findNone), /apt-get install -y chromium/);
  await assert.rejects(
    findChromium({CHROMIUM: "/no/such"}, findPacked),
    /CHROMIUM is "\/no\/such"/,
  );
});
