// The pages lead somewhere: every file that they link to or name is there.
import assert from "node:assert/strict";
import {existsSync} from "node:fs";
import {dirname, join} from "node:path";
import {test} from "node:test";
import {PROJECT, readSources} from "./support/sources.js";

const pages = (await readSources(/\.md$/)).filter(({path}) => path !== "CHANGELOG.md");

test("every link of a page leads to a file", () => {
  const dead = pages.flatMap(({path, text}) =>
    [...text.matchAll(/\]\((?!\w+:|#)([^)#]+)/g)]
      .map(([, target]) => target!)
      .filter((target) => !existsSync(join(PROJECT, dirname(path), target)))
      .map((target) => `${path} links to ${target}`),
  );
  assert.deepEqual(dead, []);
});

/** The folders from which ARCHITECTURE.md names files. */
const FOLDERS = ["", "cluster/", "kernel/", "extensions/execution/"];
const ENDINGS = ["", ".ts", ".mjs"];

test("every file that ARCHITECTURE.md or a decision names is there", () => {
  const named = pages.filter(({path}) => /^(ARCHITECTURE|docs\/decisions\/)/.test(path));
  const missing = named.flatMap(({path, text}) =>
    [...text.matchAll(/`([\w-]+(?:\/[\w.-]+)+)\/?`/g)]
      .map(([, file]) => file!)
      .filter((file) => !FOLDERS.some((folder) => isThere(folder + file)))
      .map((file) => `${path} names ${file}`),
  );
  assert.deepEqual(missing, []);
});

function isThere(file: string): boolean {
  return ENDINGS.some((ending) => existsSync(join(PROJECT, file + ending)));
}
