// Golden pictures. A mismatch writes NAME-changed.svg beside the original and fails; look at both,
// then accept the new one with UPDATE=1.

import assert from "node:assert/strict";
import {readFile, rm, writeFile} from "node:fs/promises";
import {test} from "node:test";
import {fileURLToPath} from "node:url";
import {golden, looks} from "./looks.js";

const folder = new URL("../../../test/gallery/", import.meta.url);

for (const [name, caption, svg] of looks)
  test(`looks as it did: ${name} (${caption})`, async () => {
    const file = new URL(`${name}.svg`, folder);
    const changed = new URL(`${name}-changed.svg`, folder);
    const drawn = golden(svg());
    if (process.env["UPDATE"] === "1") await writeFile(file, drawn);
    const kept = await readFile(file, "utf8").catch(() => "");
    if (kept === drawn) return rm(changed, {force: true});
    if (process.env["CI"] === undefined) await writeFile(changed, drawn);
    assert.fail(`${name} looks different: compare it with ${fileURLToPath(changed)}`);
  });
