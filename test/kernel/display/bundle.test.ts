import assert from "node:assert/strict";
import {test} from "node:test";
import {inspect} from "node:util";
import {maybeShown, type Shown} from "../../../cluster/show/displayable.js";
import {rawShown} from "../../../cluster/show/sendable.js";
import {html} from "../../../cluster/index.js";
import {shownOf} from "../../../kernel/display/bundle.js";

const symbol = Symbol.for("Jupyter.display");
const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1]);

async function bundleOf(value: unknown): Promise<Record<string, unknown>> {
  return ((await shownOf(value)) as Shown).data;
}

class Own {
  readonly made: unknown;
  constructor(made: unknown) {
    this.made = made;
  }
  [symbol]() {
    return this.made;
  }
}

test("undefined shows nothing", () => assert.equal(shownOf(undefined), null));

const inWords: [name: string, value: unknown][] = [
  ["null", null],
  ["text", "it's"],
  ["a number", -0],
  ["a bigint", 12n],
  ["a symbol", Symbol("a")],
  ["a function", function named() {}],
  ["a class", class Named {}],
  ["a date", new Date(0)],
  ["a regular expression", /a/g],
  ["an empty object", {}],
  ["an empty array", []],
  ["a promise", Promise.resolve(1)],
  ["an address", new URL("https://example.org/a?b")],
  ["bytes", Buffer.from("a")],
  ["a boxed number", Object(1)],
  ["a proxy", new Proxy({a: 1}, {})],
  ["a revoked proxy", revoked()],
  ["a weak map", new WeakMap()],
  ["what says in words how it looks", {[inspect.custom]: () => "in words"}],
];
for (const [name, value] of inWords)
  test(`${name} is shown as Node's prompt prints it, and no other way`, async () => {
    assert.deepEqual(await bundleOf(value), {"text/plain": inspect(value, {showProxy: true})});
  });

const withText: [name: string, value: unknown][] = [
  ["an object", {a: [1], b: {c: {d: {e: 1}}}}],
  ["an array", ["a", 1, null]],
  ["records", [{a: 1}, {a: 2}]],
  ["a map", new Map([["a", {b: 1}]])],
  ["a set", new Set([1, 2])],
  [
    "an instance",
    new (class Point {
      x = 1;
    })(),
  ],
  ["a typed array", new Float64Array([1, 2])],
];
for (const [name, value] of withText)
  test(`${name} has HTML, and beside it what Node's prompt prints`, async () => {
    const {"text/plain": text, "text/html": markup, ...others} = await bundleOf(value);
    assert.equal(text, inspect(value));
    assert.match(String(markup), /^<div class="mathjax_ignore"/);
    assert.deepEqual(others, {});
  });

test("a value's own bundle is taken, also from its prototype, and when it is made later", async () => {
  const bundle = {"text/plain": "own", "text/html": "<b>own</b>"};
  for (const made of [bundle, Promise.resolve(bundle)])
    assert.deepEqual(await bundleOf(new Own(made)), bundle);
  assert.deepEqual(await bundleOf(Object.assign(() => {}, {[symbol]: () => bundle})), bundle);
});

test("a bundle without text gets the text of its value", async () => {
  const {"text/plain": text} = await bundleOf(new Own({"text/html": "<b>"}));
  assert.match(String(text), /^Own \{/);
  const {data} = rawShown({"text/html": "<b>"});
  assert.deepEqual(data, {"text/html": "<b>", "text/plain": "<b>"});
  assert.throws(() => rawShown("<b>" as never), {name: "DisplayError", message: /takes a MIME/});
});

test("a failure of a value's own display is told by its class", async () => {
  class Point {
    [symbol]() {
      throw new RangeError("too far");
    }
  }
  const told =
    /the Point's own display, its method Symbol.for\("Jupyter.display"\), failed with RangeError: too far/;
  assert.throws(() => shownOf(new Point()), {name: "DisplayError", message: told});
  await assert.rejects(async () => shownOf(new Own(Promise.reject(new Error("late")))), {
    name: "DisplayError",
    message: /the Own's own display.*failed with Error: late/,
  });
});

for (const [made, what] of [
  ["text", "text"],
  [[1], "an array"],
  [undefined, "undefined"],
] as const)
  test(`what is no bundle is refused: ${what}`, () => {
    assert.throws(() => shownOf(new Own(made)), {
      name: "DisplayError",
      message: new RegExp(`gave ${what}; it must give a MIME bundle`),
    });
  });

test("a bundle's bytes become base64, its other values JSON", async () => {
  const cells = {a: 1n, b: 2n ** 70n, when: new Date(0), none: undefined};
  assert.deepEqual(
    await bundleOf(new Own({"image/png": png, "application/json": cells, "text/plain": 1})),
    {
      "image/png": Buffer.from(png).toString("base64"),
      "application/json": {a: 1, b: String(2n ** 70n), when: "1970-01-01T00:00:00.000Z"},
      "text/plain": "1",
    },
  );
});

const unsendable: [name: string, value: unknown][] = [
  [
    "a cycle",
    (() => {
      const ring: {next?: object} = {};
      return (ring.next = ring);
    })(),
  ],
  ["a function", () => {}],
];
for (const [name, value] of unsendable)
  test(`a bundle with what JSON can't hold is refused by its type: ${name}`, () => {
    assert.throws(() => shownOf(new Own({"application/json": value})), {
      name: "DisplayError",
      message: /cannot show application\/json: JSON can't hold/,
    });
  });

test("a proxy that answers anything is shown as a proxy", async () => {
  const traps = new Proxy({}, {get: () => () => "no bundle"});
  const throws = new Proxy({}, {get: () => assert.fail("a trap")});
  assert.deepEqual(await bundleOf(traps), {"text/plain": inspect(traps, {showProxy: true})});
  assert.match(String((await bundleOf(throws))["text/plain"]), /^Proxy/);
  const frame = new Proxy(new Own({"text/plain": "a frame"}), {});
  assert.deepEqual(await bundleOf(frame), {"text/plain": "a frame"});
});

test("an error shows its traceback", async () => {
  const {"text/plain": text, "text/html": markup} = await bundleOf(new TypeError("a < b"));
  assert.match(String(text), /^TypeError: a < b\n +at /);
  assert.match(String(markup), /TypeError: a &lt; b/);
});

test("a value without a display of its own has none", () => {
  for (const value of [null, 1, {}, {[symbol]: "no function"}])
    assert.equal(maybeShown(value), undefined);
  assert.equal((maybeShown(html("a")) as Shown).data["text/html"], "a");
});

function revoked(): object {
  const {proxy, revoke} = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
