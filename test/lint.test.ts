// Runs alone, at most 240 s: typed lint holds the whole program in memory and both cores.
import assert from "node:assert/strict";
import {readFile} from "node:fs/promises";
import {join} from "node:path";
import {test} from "node:test";
import {ESLint} from "eslint";
import {check, getFileInfo, resolveConfig} from "prettier";
import {PROJECT, readSources} from "./support/sources.js";

test("no promise is forgotten, no case of a switch, no import that is only a type", async () => {
  const eslint = new ESLint({cwd: PROJECT});
  const results = await eslint.lintFiles(["."]);
  const offences = results.flatMap(({filePath, messages}) =>
    messages.map(({line, message}) => `${filePath.slice(PROJECT.length)}:${line} ${message}`),
  );
  assert.ok(offences.length === 0, `lint:\n${offences.join("\n")}`);
});

test("every source is formatted by Prettier", async () => {
  const options = await resolveConfig(join(PROJECT, "package.json"));
  const ignorePath = join(PROJECT, ".prettierignore");
  const offences: string[] = [];
  for (const {path} of await readSources(/\.(ts|mjs|js|css)$/)) {
    const filepath = join(PROJECT, path);
    const {ignored} = await getFileInfo(filepath, {ignorePath});
    if (ignored) continue;
    const isFormatted = await check(await readFile(filepath, "utf8"), {...options, filepath});
    if (!isFormatted) offences.push(path);
  }
  assert.ok(offences.length === 0, `run: npx prettier --write ${offences.join(" ")}`);
});
