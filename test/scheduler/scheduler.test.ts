import assert from "node:assert/strict";
import {readdirSync, readFileSync, writeFileSync} from "node:fs";
import {test} from "node:test";
import {fileURLToPath} from "node:url";
import {playScript} from "./script.js";

// The scripts lie beside the source, not beside what the build made of it.
const folder = fileURLToPath(new URL("../../../test/scheduler/", import.meta.url));

for (const name of readdirSync(folder).filter((file) => file.endsWith(".txt"))) {
  test(`the scheduler answers as ${name} says`, () => {
    const script = readFileSync(folder + name, "utf8");
    const played = playScript(script);
    if (process.env["UPDATE"]) writeFileSync(folder + name, played);
    else assert.equal(played, script, `${name}: read the difference; UPDATE=1 takes it over`);
  });
}
