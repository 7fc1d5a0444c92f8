import assert from "node:assert/strict";
import test from "node:test";
import {MagicError, MagicTable, parseArguments, type Magic} from "../../../kernel/magics/magic.js";
import {parseResources} from "../../../kernel/magics/remote.js";

const start: Magic = {
  name: "cluster",
  kind: "line",
  summary: "start a cluster",
  help: "",
  options: {
    workers: {
      type: "number",
      summary: "processes",
      check: (value) => (Number(value) >= 0 ? undefined : "must be 0 or more"),
    },
    name: {type: "text", summary: "what to call it"},
    verbose: {type: "flag", summary: "say more"},
    resources: {type: "list", summary: "name=amount"},
  },
  run() {},
};

test("options are read in any order, with a space or an equals sign, quotes hold words together", () => {
  const args = parseArguments(
    start,
    ` start --workers=4 now --resources tpu=1 --verbose --resources 'ssd=2' --name "my cluster"`,
  );
  assert.deepEqual(args.words, ["start", "now"]);
  assert.equal(args.numbers["workers"], 4);
  assert.equal(args.texts["name"], "my cluster");
  assert.deepEqual([...args.flags], ["verbose"]);
  assert.deepEqual(args.lists["resources"], ["tpu=1", "ssd=2"]);
});

for (const [line, message] of [
  [
    "--worker 4",
    "%cluster: unknown option: --worker; did you mean --workers? (%cluster? shows its help)",
  ],
  ["--workers four", "%cluster: --workers four: not a number (%cluster? shows its help)"],
  ["--workers -1", "%cluster: --workers -1: must be 0 or more (%cluster? shows its help)"],
  ["--workers", "%cluster: --workers needs a value (%cluster? shows its help)"],
  ["--verbose=1", "%cluster: --verbose takes no value (%cluster? shows its help)"],
  ["--zzz 1", "%cluster: unknown option: --zzz (%cluster? shows its help)"],
] as const) {
  test(`"${line}" is refused in words that tell what to do`, () => {
    assert.throws(() => parseArguments(start, line), {name: "MagicError", message});
  });
}

test("an unknown magic names the one that is near", () => {
  const table = new MagicTable([start]);
  assert.throws(() => table.find("line", "clutser"), {
    message: "unknown magic: %clutser; did you mean %cluster? (%lsmagic lists all)",
  });
  assert.throws(() => table.find("cell", "frobnicate"), {
    message: "unknown magic: %%frobnicate (%lsmagic lists all)",
  });
});

test("help names every option", () => {
  const help = new MagicTable([start]).help("cluster");
  for (const name of Object.keys(start.options)) assert.match(help, new RegExp(`--${name}`));
});

test("resources are name=amount", () => {
  assert.deepEqual(parseResources(["tpu=1", "ssd=2.5"]), {tpu: 1, ssd: 2.5});
  for (const wrong of ["tpu", "tpu=", "tpu=many", "tpu=-1", "=1"])
    assert.throws(() => parseResources([wrong]), MagicError, wrong);
});
