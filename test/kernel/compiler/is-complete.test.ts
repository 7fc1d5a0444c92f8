import {test} from "node:test";
import assert from "node:assert/strict";
import {isComplete} from "../../../kernel/compiler/is-complete.js";

const complete = [
  "",
  "1",
  "const x = 5",
  "foo()",
  "if (x) { y }",
  "`a ${b} c`",
  "`a\nb`",
  '"a \\" b"',
  "/[/]/.test(x)",
  "a / b / c",
  "/* comment */",
  "// comment {",
  '"{"',
  "await x",
  "for await (const x of y) {}",
  "@remote\nfunction f() {}",
  "const f = <T>(x: T) => x",
  "x = {a: 1}",
  "type A = {b: string}",
  "`${`nested ${1}`}`",
  "let x: Array<Array<number>>",
  "a\n++b",
  '"a \\\nb"',
];
const incomplete: [string, string][] = [
  ["function f() {", "  "],
  ["if (x) {", "  "],
  ["if (x)", ""],
  ["  if (x) {", "    "],
  ["foo(1,", "  "],
  ["foo(\n  1,", "  "],
  ["[1, 2", "  "],
  ["const x =", ""],
  ["1 +", ""],
  ["a.", ""],
  ["`open", ""],
  ["`open ${", "  "],
  ["`open ${x} more", ""],
  ["/* open", ""],
  ["x => ", "  "],
  ["const f = (x) =>", "  "],
  ["class A {", "  "],
  ["class A {\n  m() {", "    "],
  ["try {}", ""],
  ["do { x }", ""],
  ["@remote", ""],
  ["@remote({numCpus: 2})", ""],
  ["@remote({", "  "],
  ["switch (x) {\n  case 1:", "  "],
  ["import {a} from", ""],
  ["({a: /}/", "  "],
  ["{ // }", "  "],
  ['{ "}"', "  "],
  ["function f() { // }\n", "  "],
  ["async function f() {\n  await x;\n", "  "],
  ['"a \\', ""],
  ["x ?", ""],
];
const invalid = [
  "1 +* 2",
  "foo)",
  "}",
  '"open',
  "'open",
  "/open",
  "const = 5",
  "let x y",
  "if (x) { ] ",
  "foo(1 2",
  "1 + ) {",
];

test("what would run is complete", () => {
  for (const code of complete) assert.equal(isComplete(code).status, "complete", code);
});
test("what goes on is incomplete, with the next line's indent", () => {
  for (const [code, indent] of incomplete)
    assert.deepEqual(isComplete(code), {status: "incomplete", indent}, code);
});
test("what no further line can mend is invalid", () => {
  for (const code of invalid) assert.equal(isComplete(code).status, "invalid", code);
});
test("JSX goes on until its tags are closed, where it is asked for", () => {
  for (const [code, status] of [
    ["<div>", "incomplete"],
    ["const a = <>\n  {x}", "incomplete"],
    ["<div>{", "incomplete"],
    ["<div>{a}</div>", "complete"],
    ["<br/>", "complete"],
    ["<div></p>", "invalid"],
  ] as const)
    assert.equal(isComplete(code, true).status, status, code);
  assert.equal(isComplete("<div>a</div>").status, "invalid");
});
