// What a notebook sets up holds in its tasks: environment, folder, setups, imports for their
// effects. The packages here are small fakes, written beside the notebook.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join} from "node:path";
import {JupyterClient, type Ran} from "../../support/jupyter-client.js";

let client: JupyterClient;
let folder: string;
before(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "tasklab-setup-")));
  // A class that its users configure, and a package that another one adds to.
  pack("precise", {
    "index.js": `export default class Precise {
  static places = 5;
  static set({places}) { Precise.places = places; return this; }
  static third() { return (1 / 3).toFixed(Precise.places); }
}`,
    "index.d.ts": `export default class Precise {
  static places: number;
  static set(options: {places: number}): typeof Precise;
  static third(): string;
}`,
  });
  pack("words", {
    "index.js": "export const words = []; export const say = () => words.join(' ');",
    "index.d.ts": "export const words: string[]; export function say(): string;",
    "more.js": "import {words} from 'words'; words.push('more');",
    "more.d.ts": "export {};",
  });
  // State that can't be seen from outside, a connection, and one that takes what can't travel.
  pack("settings", {
    "index.js": `let digits = 2, isOpen = false, agent = null;
export const configure = (options) => { digits = options.digits; return options.digits; };
export const connect = async () => { isOpen = true; };
export const use = (other) => { agent = other; };
export const assign = (target, more) => Object.assign(target, more);
export const defaults = {base: "none", headers: {a: "1", b: "2"}};
export const told = () => [digits, isOpen, agent === null, defaults.base, Object.keys(defaults.headers).join("")].join(" ");
export const plugins = [];
export const register = (plugin) => { plugins.push(plugin); };
export const chain = () => ({set: (n) => { digits = n; }});`,
    "index.d.ts": `export function configure(options: {digits: number}): number;
export function connect(): Promise<void>;
export function use(other: unknown): void;
export function assign<T>(target: T, more: object): T;
export const defaults: {base: string; headers: Record<string, string>};
export function told(): string;
export const plugins: unknown[];
export function register(plugin: unknown): void;
export function chain(): {set(n: number): void};`,
  });
  client = await JupyterClient.start({folder});
  await run(
    "import {cluster, get} from 'tasklab'",
    "@remote function variable(name: string) { return process.env[name] ?? 'none'; }",
    "@remote function where() { return process.cwd(); }",
    "@remote function times() { return (globalThis as any).times as string[]; }",
    "await cluster.start({workers: 2, cpus: 2}); await get(variable.remote('A'))",
  );
});
after(async () => {
  await client?.close();
  rmSync(folder, {recursive: true, force: true});
});

function pack(name: string, files: Record<string, string>): void {
  const exports = {".": "./index.js", "./*": "./*.js"};
  const description = {name, version: "1.0.0", type: "module", types: "./index.d.ts", exports};
  write(`node_modules/${name}/package.json`, JSON.stringify(description));
  for (const [file, text] of Object.entries(files)) write(`node_modules/${name}/${file}`, text);
}
function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), {recursive: true});
  writeFileSync(join(folder, path), text);
}

/** The last one's outcome: its result, or the error. */
async function run(...cells: string[]): Promise<string> {
  let last: Ran | undefined;
  for (const cell of cells) last = await client.run(cell);
  return outcome(last!);
}
function outcome({result, reply: {content}}: Ran): string {
  return (
    result ?? (content["status"] === "error" ? `${content["ename"]}: ${content["evalue"]}` : "")
  );
}
/** Runs the cell as JupyterLab does, which says which cell it is. */
async function runIn(cellId: string, code: string): Promise<string> {
  return outcome(await client.run(code, {}, {cellId}));
}

// What it shows, the cells, what the last one gives.
const rows: [string, string[], string | RegExp][] = [
  [
    "a variable holds from the next task on",
    ["process.env.A = 'one'", "await get(variable.remote('A'))"],
    "'one'",
  ],
  [
    "each task has the environment of its submission",
    [
      "const all = ['x', 'y', 'z'].map((a) => { process.env.A = a; return variable.remote('A'); })\nawait get(all)",
    ],
    "[ 'x', 'y', 'z' ]",
  ],
  ["%env holds", ["%env A=magic", "await get(variable.remote('A'))"], "'magic'"],
  [
    "a deleted variable is gone",
    ["delete process.env.A", "await get(variable.remote('A'))"],
    "'none'",
  ],
  [
    "an actor's calls have the environment of their submission",
    [
      "@remote class Reader { read() { return process.env.A; } }",
      "const reader = Reader.remote(); process.env.A = 'late'; await get(reader.read.remote())",
    ],
    "'late'",
  ],
  ["%cd holds", ["%cd node_modules", "await get(where.remote())"], /node_modules'$/],
  [
    "a task submits with its own surroundings",
    ["@remote async function inner() { return get(where.remote()); }", "await get(inner.remote())"],
    /node_modules'$/,
  ],
  ["%cd back holds", ["%cd -", "await get(where.remote())"], /tasklab-setup-\w+'$/],
  [
    "a folder that is gone is named",
    [
      "import fs from 'node:fs'; fs.mkdirSync('gone'); process.chdir('gone'); process.cwd(); fs.rmdirSync('../gone'); const lost = where.remote(); process.chdir('..')",
      "await get(lost)",
    ],
    /the working folder .*gone can't be entered on .*ENOENT.*%cd/,
  ],
  [
    "a setup runs once in each worker before its next task",
    [
      "cluster.setup(() => { ((globalThis as any).times ??= []).push('a'); })",
      "(await get([1, 2, 3, 4].map(() => times.remote()))).join()",
    ],
    "'a,a,a,a'",
  ],
  [
    "several run in order, and may be asynchronous",
    [
      "cluster.setup(async () => { await new Promise((r) => setImmediate(r)); (globalThis as any).times.push('b'); }); cluster.setup(() => { (globalThis as any).times.push('c'); })",
      "await get(times.remote())",
    ],
    "[ 'a', 'b', 'c' ]",
  ],
  [
    "they run in workers that come later, and in actors' processes",
    [
      "@remote class Times { times = (globalThis as any).times.join(''); get() { return this.times; } }",
      "await get(Times.remote().get.remote())",
    ],
    "'abc'",
  ],
  [
    "they run before tasks here too",
    ["%%sequential\nawait get(times.remote())"],
    "[ 'a', 'b', 'c' ]",
  ],
  [
    "a setup that fails is told by the tasks after it",
    [
      "cluster.setup(() => { throw new RangeError('no such device'); }, {name: 'device'})",
      "await get(times.remote())",
    ],
    /^SetupError: `times` needs the setup "device" of Cell In\[\d+\], which failed on .*: RangeError: no such device$/,
  ],
  [
    "its cause is the error itself",
    [
      "let cause: unknown; try { await get(times.remote()); } catch (error) { cause = (error as Error).cause; }\ncause instanceof RangeError",
    ],
    "true",
  ],
  [
    "one of the same name takes its place",
    [
      "cluster.setup(() => { (globalThis as any).times.push('d'); }, {name: 'device'})",
      "await get(times.remote())",
    ],
    "[ 'a', 'b', 'c', 'd' ]",
  ],
  [
    "tasks that a task submits need what it needs",
    [
      "@remote async function all() { return get([1, 2, 3].map(() => times.remote())).then((all) => all.map((each) => each.join(''))); }",
      "await get(all.remote())",
    ],
    "[ 'abcd', 'abcd', 'abcd' ]",
  ],
  [
    "%%setup makes a cell a setup",
    [
      "%%setup\nimport Precise from 'precise';\nPrecise.set({places: 9});",
      "@remote function third() { return Precise.third(); }",
      "await get(third.remote())",
    ],
    "'0.333333333'",
  ],
  ["its imports are the session's, the rest is not done here", ["Precise.third()"], "'0.33333'"],
  [
    "unless it is to be: --local",
    ["%%setup --local\nPrecise.set({places: 3});", "[Precise.third(), await get(third.remote())]"],
    "[ '0.333', '0.333' ]",
  ],
  ["it wants code", ["%%setup\n"], /the cell is empty/],
  ["it takes no line magics", ["%%setup\n%env A=1"], /%env is no TypeScript/],
  ["it is checked at once", ["%%setup\nconst n: number = 'a'"], /Cell In\[\d+\]:2:7 - TS2322/],
  [
    "a function that assigns outside of itself is refused",
    ["let model = 0;\ncluster.setup(() => { model = 1; })"],
    /assigns to `model`.*`globalThis\.model = …`/,
  ],
  ["no function is refused", ["cluster.setup(1 as never)"], /cluster\.setup: 1 is no function/],
  [
    "a task sets up nothing",
    ["@remote function sets() { cluster.setup(() => {}); }\nawait get(sets.remote())"],
    /a task can't set up workers/,
  ],
  [
    "what a cell calls on a package holds in tasks, when the package can be seen to have changed",
    ["Precise.set({places: 7})", "await get(third.remote())"],
    "'0.3333333'",
  ],
  [
    "or when its name says that it configures",
    [
      "import {configure, connect, use, assign, defaults, told, chain, register, plugins} from 'settings'",
      "@remote function tell() { return told(); }",
      "configure({digits: 9})",
      "await get(tell.remote())",
    ],
    "'9 false true none ab'",
  ],
  [
    "in a chain too, and in a loop over a list",
    [
      "chain().set(8); for (const digits of [5, 6]) configure({digits})",
      "await get(tell.remote())",
    ],
    "'6 false true none ab'",
  ],
  [
    "what is assigned, added and deleted holds",
    [
      "defaults.base = 'here'; Object.assign(defaults.headers, {c: '3'}); delete defaults.headers['a']",
      "await get(tell.remote())",
    ],
    "'6 false true here bc'",
  ],
  [
    "with what a cell has made",
    [
      "const k = 2; (Precise as any).twice = (x: number) => x * k",
      "@remote function twice() { return (Precise as any).twice(4) as number; }",
      "await get(twice.remote())",
    ],
    "8",
  ],
  [
    "for arguments as well",
    [
      "@remote function thirdOf(p: typeof Precise) { return p.third(); }",
      "Precise.set({places: 4}); await get(thirdOf.remote(Precise))",
    ],
    "'0.3333'",
  ],
  [
    "each once in a worker, and here not again",
    [
      "register('one'); import * as settings from 'settings'; settings.register('two')",
      "@remote function count() { return settings.plugins.length; }",
      "await get([1, 2, 3].map(() => count.remote()))",
      "%%sequential\n[...await get([count.remote()]), ...await get([1, 2, 3].map(() => count.remote()))]",
    ],
    "[ 2, 2, 2, 2 ]",
  ],
  [
    "a call that changes its argument is not repeated",
    ["const target = {a: 1}; assign(target, {b: 2})", "await get(tell.remote())"],
    "'6 false true here bc'",
  ],
  [
    "an import for its effect is made in tasks of the cell",
    [
      "import {say} from 'words'; import 'words/more'; @remote function said() { return say(); }\nawait get(said.remote())",
    ],
    "'more'",
  ],
  [
    "and in those of later cells that use what it imports beside",
    ["@remote function saysToo() { return say() + '!'; }", "await get(saysToo.remote())"],
    "'more!'",
  ],
];

for (const [title, cells, wanted] of rows)
  test(title, async () => {
    const found = await run(...cells);
    if (typeof wanted === "string") assert.equal(found, wanted);
    else assert.match(found, wanted);
  });

// What the note says, the cells before, the cell that submits.
const notes: [RegExp, string[], string][] = [
  [
    /`await connect\(\)` of Cell In\[\d+\] may have set something up here, which does not hold in tasks that use "settings"; cluster\.setup/,
    ["await connect()"],
    "await get(tell.remote())",
  ],
  [
    /`use\(server\)` of Cell In\[\d+\] can't be repeated there \(.*cannot ship.*\), so that it does not hold/,
    ["import net from 'node:net'; const server = net.createServer(); use(server)"],
    "await get(tell.remote())",
  ],
  [
    /"words" was changed here \(its `words\.length`\), but not by a statement of a cell that could be repeated: tasks load it unchanged; cluster\.setup/,
    ["import {words} from 'words'; function less() { words.push('less'); }\nless()"],
    "await get(said.remote())",
  ],
];

for (const [note, before, cell] of notes)
  test(`one note says ${String(note).slice(2, 22)}…`, async () => {
    await run(...before);
    assert.match((await client.run(cell)).stderr, note);
    assert.doesNotMatch((await client.run(cell)).stderr, note);
  });

test("a cell that is edited and run again replaces its setups, in workers that come later", async () => {
  const setup = (text: string) =>
    `cluster.setup(() => { ((globalThis as any).list ??= []).push('${text}'); })`;
  await run("@remote class List { get() { return (globalThis as any).list.join(' '); } }");
  const listed = () => run("const list = List.remote(); await get(list.get.remote())");
  await runIn("one", `${setup("first")}; ${setup("second")}`);
  await runIn("two", setup("third"));
  assert.equal(await listed(), "'first second third'");
  await runIn("one", setup("edited"));
  assert.equal(await run("await get(list.get.remote())"), "'first second third edited'");
  assert.equal(await listed(), "'edited third'");
});
