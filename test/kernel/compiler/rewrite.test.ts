import {test} from "node:test";
import assert from "node:assert/strict";
import {rewriteCell} from "../../../kernel/compiler/rewrite/rewrite.js";

// The cell, its rewriting; «…» in both marks text that must map to each other.
const rows: [string, string, string?][] = [
  ["«const x = 1»", "«const x = 1»"],
  [
    "@«remote»\nfunction «f»(a: number) {}",
    "const f = __tasklab.«remote»({f: \nfunction «(a: number) {}»}.f);",
  ],
  [
    "@remote({«numCpus»: 2})\nasync function* f<T>() {}",
    'const f = __tasklab.remote(({«numCpus»: 2}) satisfies import("tasklab").RemoteOptions as any, {f: \nasync function* <T>() {}}.f);',
  ],
  ["@remote() function f() {}", "const f = __tasklab.remote({f:  function () {}}.f);"],
  [
    "@remote export default function f() {}",
    "const f = __tasklab.remote({f:    function () {}}.f);",
  ],
  [
    "export @remote class «A» extends B {«x = 1»}",
    "const «A» = __tasklab.remote(  class A extends B {«x = 1»});",
  ],
  ["@other @remote class A {}", "const A = __tasklab.remote(@other  class A {});"],
  [
    "@remote function f() { @remote function g() {«inner»} }",
    "const f = __tasklab.remote({f:  function () { const g = __tasklab.remote({g:  function () {«inner»}}.g); }}.f);",
  ],
  ["export const «x» = 1", "       const «x» = 1"],
  ["export default «x»", "               «x»"],
  ["export {a, b}\n«a»", "             \n«a»"],
  ['export * from «"fs"»', 'import «"fs"»'],
  ["export default function () {«1»}", "(  function () {«1»});".replace("  ", " ")],
  ["export type T = 1", "       type T = 1"],
  [
    "function f() {}",
    'const f = __tasklab.remote(({numCpus: 2}) satisfies import("tasklab").RemoteOptions as any, {f: function () {}}.f);',
    "{numCpus: 2}",
  ],
  ["const f = () => 1", "const f = () => 1", "{numCpus: 2}"],
  ["function f(): 1;\nfunction f() {}", "function f(): 1;\nfunction f() {}", ""],
  ["declare class C {}", "declare class C {}", ""],
];

test("a cell's decorators and exports are rewritten, and positions lead both ways", () => {
  for (const [marked, expectedMarked, options] of rows) {
    const cell = marked.replace(/[«»]/g, "");
    const expected = expectedMarked.replace(/[«»]/g, "");
    const remoteOptions =
      options === undefined ? undefined : {functions: options, classes: options};
    const {text, positions} = rewriteCell(cell, {remoteOptions}).toRun;
    assert.equal(text, expected, marked);
    const sources = marksOf(marked);
    for (const [index, target] of marksOf(expectedMarked).entries()) {
      const source = sources.find(({text: same}) => same === target.text) ?? sources[index]!;
      if (source.text !== target.text) continue;
      assert.equal(positions.toTarget(source.start), target.start, `${marked}: to the target`);
      assert.equal(positions.toSource(target.start), source.start, `${marked}: to the source`);
      assert.deepEqual(positions.rangeToSource(target.start, target.text.length), {
        start: source.start,
        length: source.text.length,
      });
    }
  }
});

function marksOf(marked: string): {text: string; start: number}[] {
  const marks: {text: string; start: number}[] = [];
  let removed = 0;
  for (const match of marked.matchAll(/«([^»]*)»/g)) {
    marks.push({text: match[1]!, start: match.index - removed});
    removed += 2;
  }
  return marks;
}

test("the checker reads a remote class as a value and a type, which is in a namespace of its cell", () => {
  const rows: [string, string][] = [
    [
      "export @remote class A<T = 1> extends B {x = 1}",
      "const A = __tasklab.remote(0 as any as typeof __tasklab_5_A.A); type A<T = 1> = __tasklab_5_A.A<T>; " +
        "// @ts-ignore\nnamespace __tasklab_5_A\n{ export   class A<T = 1> extends B {x = 1}}",
    ],
    [
      "@remote abstract class A {}",
      "const A = __tasklab.remote(0 as any as typeof __tasklab_5_A.A); type A = __tasklab_5_A.A; " +
        "// @ts-ignore\nnamespace __tasklab_5_A\n{ export abstract   class A {}}",
    ],
    [
      "{ @remote class A {} }",
      "{ const A = __tasklab.remote( class A {}); type A = ReturnType<typeof A.local>; }",
    ],
  ];
  for (const [cell, expected] of rows) {
    const {text, hidden} = rewriteCell(cell, {executionCount: 5});
    assert.equal(text, expected);
    assert.deepEqual(hidden, cell.startsWith("{") ? [] : ["__tasklab_5_A"]);
  }
});

test("every offset of a rewritten cell leads somewhere inside the cell, and back near where it began", () => {
  const cell =
    "/** doc */\n@remote({numCpus: 1})\nexport async function f(a: number) { return a }\nf.remote(1)\n@remote class A { a = 1 }";
  const {text, positions} = rewriteCell(cell);
  for (let offset = 0; offset <= text.length; offset += 1) {
    const source = positions.toSource(offset);
    assert.ok(source >= 0 && source <= cell.length);
  }
  for (let offset = 0; offset <= cell.length; offset += 1) {
    const target = positions.toTarget(offset);
    assert.ok(target >= 0 && target <= text.length);
    if (cell[offset] === text[target]) assert.equal(positions.toSource(target), offset);
  }
});

test("a value is shown when the last statement is an expression", () => {
  for (const [cell, expected] of [
    ["1", true],
    ["1;;", true],
    ["const x = 1", false],
    ["x; type T = 1", false],
    ["", false],
    ["export default 5", true],
    ["if (x) 5", false],
  ] as const)
    assert.equal(rewriteCell(cell).hasValue, expected, cell);
});
