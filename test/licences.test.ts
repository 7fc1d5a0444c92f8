// The licences of all packages that come along with `npm install tasklab`. license-checker reads
// them from the installed packages. docs/licences.md lists them; `UPDATE=1` writes that file anew.
import assert from "node:assert/strict";
import {execFile} from "node:child_process";
import {readFile, writeFile} from "node:fs/promises";
import {join} from "node:path";
import {test} from "node:test";
import {promisify} from "node:util";
import {PROJECT} from "./support/sources.js";

/** MPL-2.0 asks for the sources of its own files only; zeromq carries libzmq unchanged. */
const ALLOWED = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MPL-2.0"];

interface Package {
  name: string;
  version: string;
  licence: string;
}

interface Locked {
  version: string;
  license?: string;
  os?: string[];
  dev?: boolean;
  devOptional?: boolean;
}

const packages = merge([...(await installed()), ...(await ofOtherMachines())]);

test("every package that is installed with Tasklab has a licence that we allow", () => {
  assert.ok(packages.length > 50, `${packages.length} packages`);
  const others = packages.filter(
    ({licence}) => !licence.split(" AND ").every((each) => ALLOWED.includes(each)),
  );
  const lines = others.map(({name, licence}) => `${name}: ${licence}`);
  assert.deepEqual(
    lines,
    [],
    "take another package, or say beside ALLOWED why this licence will do",
  );
});

test("docs/licences.md lists every package that is installed with Tasklab", async () => {
  const path = join(PROJECT, "docs/licences.md");
  if (process.env["UPDATE"]) await writeFile(path, page());
  assert.equal(await readFile(path, "utf8"), page(), "stale; UPDATE=1 writes it anew");
});

async function installed(): Promise<Package[]> {
  const program = join(
    PROJECT,
    "node_modules/license-checker-rseidelsohn/bin/license-checker-rseidelsohn.js",
  );
  const words = [program, "--json", "--production", "--excludePrivatePackages", "--start", PROJECT];
  const {stdout} = await promisify(execFile)(process.execPath, words, {timeout: 60_000});
  const told = JSON.parse(stdout) as Record<string, {licenses: string | string[]}>;
  return Object.entries(told)
    .map(([id, {licenses}]) => ({...split(id), licence: [licenses].flat().join(" AND ")}))
    .filter(({name}) => name !== "tasklab");
}

/** Builds for other machines, which are not installed here: the lock tells their licences. */
async function ofOtherMachines(): Promise<Package[]> {
  const lock = JSON.parse(await readFile(join(PROJECT, "package-lock.json"), "utf8")) as {
    packages: Record<string, Locked>;
  };
  return Object.entries(lock.packages)
    .filter(([, {os, dev, devOptional}]) => os !== undefined && !dev && !devOptional)
    .map(([path, {version, license}]) => ({
      name: path.replace(/^.*node_modules\//, ""),
      version,
      licence: license ?? "none told",
    }));
}

function split(id: string): {name: string; version: string} {
  const at = id.lastIndexOf("@");
  return {name: id.slice(0, at), version: id.slice(at + 1)};
}

/** Each package once, by name, its versions beside each other. */
function merge(all: readonly Package[]): Package[] {
  const byId = new Map(all.map((one) => [`${one.name}@${one.version}`, one]));
  return [...byId.values()].sort(
    (a, b) => compare(a.name, b.name) || compare(a.version, b.version),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function page(): string {
  const licences = [...new Set(packages.map(({licence}) => licence))].sort(compare);
  const parts = licences.map((licence) => {
    const rows = packages.filter((one) => one.licence === licence);
    return `## ${licence}\n\n${rows.map(({name, version}) => `- ${name} ${version}\n`).join("")}`;
  });
  const head =
    "# Licences\n\nThe packages that `npm install tasklab` brings along, by licence. Made by " +
    "`test/licences.test.ts`, which also holds what is allowed.\n";
  return [head, ...parts].join("\n");
}
