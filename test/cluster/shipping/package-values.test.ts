// What packages make: closures and instances that travel, and those that are refused with what
// works.

import assert from "node:assert/strict";
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {after, before, describe, test} from "node:test";
import {pathToFileURL} from "node:url";
import {enterNotebook} from "../../../cluster/notebook.js";
import {noteMembers} from "../../../cluster/shipping/names/added-members.js";
import {capture} from "../../../cluster/shipping/capture.js";
import {host, setShippingHost} from "../../../cluster/shipping/names/host.js";
import {noteRepeated} from "../../../cluster/shipping/large.js";
import {runCell} from "./cells.js";
import {type AnyFunction, Elsewhere} from "./elsewhere.js";

const text = `
class Queue { #items = []; push(x) { this.#items.push(x) } }
const kept = new WeakMap();
export class Client { constructor(key) { kept.set(this, key) } key() { return kept.get(this) } }
export function limiter() {
  const queue = new Queue();
  return (x) => queue.push(x);
}
export function scale() {
  let domain = [0, 1], factor = 1, unknown;
  function rescale() { factor = 1 / (domain[1] - domain[0]); return scale }
  function scale(x) { return x == null ? unknown : (x - domain[0]) * factor }
  scale.domain = function (_) { return arguments.length ? (domain = Array.from(_), rescale()) : domain.slice() };
  scale.copy = () => makeScale().domain(domain);
  return rescale();
}
const makeScale = scale;
export function store() {
  let state = 0;
  const listeners = new Set();
  return {
    set: (next) => { state = next; for (const listener of listeners) listener(state) },
    get: () => state,
    subscribe: (listener) => { listeners.add(listener); return () => listeners.delete(listener) },
  };
}
export class Late { constructor() { Late.prototype.twice ??= function (x) { return times(x, 2) } } }
const times = (a, b) => a * b;
export function many() { return Array.from({length: 3000}, (_, i) => () => i) }
`;

interface Made {
  limiter(): unknown;
  scale(): unknown;
  store(): unknown;
  many(): unknown;
  Late: new () => unknown;
  Client: new (key: string) => unknown;
}

describe("what a package has made", {timeout: 60_000}, () => {
  let folder = "";
  let made: Made;
  let elsewhere: Elsewhere;
  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "package-")));
    const home = join(folder, "node_modules/made");
    mkdirSync(home, {recursive: true});
    writeFileSync(join(home, "package.json"), '{"name": "made", "type": "module"}');
    writeFileSync(join(home, "index.js"), text);
    made = (await import(pathToFileURL(join(home, "index.js")).href)) as Made;
    enterNotebook(folder);
    for (const exported of Object.values(made)) noteMembers(exported);
    elsewhere = new Elsewhere(folder);
  });
  after(() => {
    elsewhere.end();
    rmSync(folder, {recursive: true});
  });

  /** A cell's function that captures `value` as `made`. */
  async function capturing(value: unknown, body: string): Promise<AnyFunction> {
    (globalThis as Record<string, unknown>)["made"] = value;
    return (await runCell(
      `const thing = globalThis.made; const subject = () => { ${body} }`,
    )) as AnyFunction;
  }

  test("goes on sharing its variables: a scale", async () => {
    const scale = made.scale() as {domain(to: number[]): unknown};
    scale.domain([0, 10]);
    const subject = await capturing(
      scale,
      "return [thing(5), thing.copy()(5), thing.domain([0, 5])(5), thing.domain(), thing.copy()(5)]",
    );
    assert.deepEqual(await elsewhere.run(subject), [0.5, 0.5, 1, [0, 5], 1]);
  });
  test("goes on sharing its variables: a store with listeners", async () => {
    const subject = await capturing(
      made.store(),
      "let seen = 0; thing.subscribe((x) => { seen = x }); thing.set(4); return [thing.get(), seen]",
    );
    assert.deepEqual(await elsewhere.run(subject), [4, 4]);
  });

  test("has the members that its prototype was given when it was made", async () => {
    const subject = await capturing(new made.Late(), "return thing.twice(4)");
    assert.equal(await elsewhere.run(subject), 8);
  });

  const works =
    /; build it inside of the task, or in a local module and import it from there: `export const thing = …` in thing\.ts, `import \{thing\} from "\.\/thing\.ts"` here$/;
  for (const [name, make] of Object.entries({
    "holds an object with private fields": () => made.limiter(),
    "is made of thousands of functions": () => made.many(),
    "has something kept about it": () => new made.Client("k"),
  }))
    test(`is refused with what works when it ${name}`, async () => {
      const subject = await capturing(make(), "return thing");
      assert.throws(() => capture(subject), {message: works});
    });
});

test("a large argument that is sent again and again is told once, with `put`", () => {
  const notes: string[] = [];
  const {note} = host;
  setShippingHost({note: (text) => notes.push(text)});
  try {
    const value = new Float64Array(1);
    for (let i = 0; i < 50; i++) noteRepeated("sum", [value, 1], 8_000_000);
    for (let i = 0; i < 50; i++) noteRepeated("tiny", [value], 8);
  } finally {
    setShippingHost({note});
  }
  assert.deepEqual(notes, [
    "`sum` was given the same value 10 times, 8 MB each time: `const ref = put(value)` sends it once, and `sum.remote(ref)` is many times faster",
  ]);
});
