// docs/guarantees.md says nothing that the code does not have: its table of limits is made from
// cluster/limits.ts (`UPDATE=1` writes it anew), and each name in it exists.
import assert from "node:assert/strict";
import {readFile, writeFile} from "node:fs/promises";
import {join} from "node:path";
import {test} from "node:test";
import * as library from "../cluster/index.js";
import * as limits from "../cluster/limits.js";
import {PROJECT, readSources} from "./support/sources.js";

const path = join(PROJECT, "docs/guarantees.md");
const table = /(?<=<!-- Made from .* -->\n)[^]*?(?=<!-- end -->)/;

const page = await readFile(path, "utf8");

test("docs/guarantees.md names every limit with its value", async () => {
  const made = await limitsTable();
  if (process.env["UPDATE"])
    await writeFile(
      path,
      page.replace(table, () => made),
    );
  assert.equal(
    table.exec(await readFile(path, "utf8"))?.[0],
    made,
    "docs/guarantees.md is older than cluster/limits.ts: read the difference; UPDATE=1 takes it over",
  );
});

test("docs/guarantees.md names nothing that does not exist", async () => {
  const sources = await readSources(/\.ts$/);
  const code = sources
    .filter(({path}) => /^(cluster|kernel)\//.test(path))
    .map(({text}) => text)
    .join("\n");
  const words = [...page.replace(table, "").matchAll(/`([a-z]+[A-Z]\w*)/g)].map(
    ([, word]) => word!,
  );
  const unknown = words.filter((word) => !new RegExp(`\\b${word}\\b`).test(code));
  const errors = [...page.matchAll(/\b[A-Z]\w+Error\b/g)].map(([name]) => name);
  unknown.push(...errors.filter((name) => !(name in library)));
  assert.deepEqual([...new Set(unknown)], []);
});

/** A row for each exported constant: its name, its value, and the first sentence of its comment. */
async function limitsTable(): Promise<string> {
  const text = await readFile(join(PROJECT, "cluster/limits.ts"), "utf8");
  const rows = [...text.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport const (\w+)\b/g)].map(
    ([, comment, name]) => {
      const words = comment!.replace(/\n \*/g, " ").replace(/\s+/g, " ").trim();
      const sentence = /^.*?[.…](?=\s+["`A-Z…]|$)/.exec(words)?.[0] ?? words;
      return `| \`${name}\` | ${shown(name!)} | ${sentence.replaceAll("|", "\\|")} |\n`;
    },
  );
  const named = rows.map((row) => /`(\w+)`/.exec(row)![1]);
  assert.deepEqual(
    named,
    [...text.matchAll(/^export const (\w+)/gm)].map(([, name]) => name),
    "a limit without a comment",
  );
  return `\n| limit | value | what it bounds |\n| --- | --- | --- |\n${rows.join("")}\n`;
}

function shown(name: string): string {
  const value = (limits as Record<string, unknown>)[name];
  if (typeof value !== "number") return String(value);
  if (name.endsWith("Ms"))
    return inUnits(value, [
      [60_000, "min"],
      [1_000, "s"],
      [1, "ms"],
    ]);
  if (/Bytes$/.test(name))
    return inUnits(value, [
      [2 ** 30, "GiB"],
      [2 ** 20, "MiB"],
      [2 ** 10, "KiB"],
      [1, "bytes"],
    ]);
  if (name.endsWith("Share")) return `${value * 100} %`;
  return value.toLocaleString("en");
}

/** In the largest unit that gives a whole number. */
function inUnits(value: number, units: readonly (readonly [size: number, name: string])[]): string {
  const [size, name] = units.find(([size]) => value >= size && value % size === 0) ?? units.at(-1)!;
  return `${(value / size).toLocaleString("en")} ${name}`;
}
