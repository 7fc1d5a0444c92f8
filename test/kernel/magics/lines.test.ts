import assert from "node:assert/strict";
import {test} from "node:test";
import {splitCell} from "../../../kernel/magics/lines.js";

const rows: [name: string, code: string, magics: string[]][] = [
  [
    "a line magic among TypeScript",
    "const a = 1\n%cluster start --workers 2\na",
    ["line cluster [start --workers 2]"],
  ],
  ["an indented one", "  %who", ["line who []"]],
  ["help", "%cluster?", ["line cluster? []"]],
  ["a cell magic", "%%sequential naive\nf()", ["cell sequential [naive]"]],
  ["a cell magic below empty lines", "\n\n%%time\nf()", ["cell time []"]],
  [
    "a cell magic with a line magic in its body",
    "%%time\n%who\nf()",
    ["cell time []", "line who []"],
  ],
  ["a shell command", "!ls -l | head", ["line ! [ls -l | head]"]],
  ["modulo", "const x = a\n  % b", []],
  ["modulo in brackets", "f(a\n%b)", []],
  ["negation", "!(a) && b", []],
  ["negation below an operator", "const x =\n  !a &&\n  !b ||\n\n  !c ? // or\n !d :\n !e", []],
  ["negation below an arrow", "const f = () =>\n  !a", []],
  [
    "a shell command below a statement",
    "i++\n!ls\nlet m: Set<string>\n!ls",
    ["line ! [ls]", "line ! [ls]"],
  ],
  ["a template that looks like one", "const t = `\n%who\n${a}\n%who\n`", []],
  ["code inside of a template", "`${[\n%b]}`\n%who", ["line who []"]],
  ["a comment that looks like one", "/*\n%who\n*/", []],
  ["a quote in a regular expression", "const r = /[`'\"]/\n%who", ["line who []"]],
  ["a division", "const d = a / b\n%who // c", ["line who [// c]"]],
  ["an apostrophe in a comment", "// don't\n%who", ["line who []"]],
  ["a function's body", "function f() {\n%who\n}", []],
];
for (const [name, code, expected] of rows)
  test(`magics: ${name}`, () => {
    const {cellMagic, lineMagics, typescript} = splitCell(code);
    const found = [...(cellMagic ? [cellMagic] : []), ...lineMagics];
    assert.deepEqual(
      found.map(({kind, name, help, args}) => `${kind} ${name}${help ? "?" : ""} [${args}]`),
      expected,
    );
    assert.equal(typescript.length, code.length);
    for (const {start, end} of found) assert.match(typescript.slice(start, end), /^ *$/);
    assert.equal(typescript.split("\n").length, code.split("\n").length);
  });

test("a cell magic's body keeps the lines where they were", () => {
  assert.equal(splitCell("%%time\nf()").body, "\nf()");
  assert.equal(splitCell("\n%%time now\nf()\n").body, "\n\nf()\n");
});
