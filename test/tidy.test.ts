// The house rules that no compiler knows: which room may import which, one door per dependency,
// names, lengths. Each offence is named with what to do instead.
import assert from "node:assert/strict";
import {test} from "node:test";
import {circlesOf, importsOf, readSources, type Source} from "./support/sources.js";

const sources = await readSources(/\.(ts|mjs|js|cjs|py|css|sh)$|^\.ci\/run$/);
const texts = [...sources, ...(await readSources(/\.(md|json|ipynb|svg)$/))];
const scripts = sources.filter(({path}) => /\.(ts|mjs|js|cjs)$/.test(path));
const programs = scripts.filter(({path}) => !path.startsWith("test/"));

/**
 * What a room may import beside itself: `runs` at run time, `types` as types alone. First match
 * counts.
 */
const ROOMS: readonly {room: RegExp; runs: readonly RegExp[]; types: readonly RegExp[]}[] = [
  {
    room: /^cluster\/core\//,
    runs: [/^cluster\/(ids|limits|recent)\.ts$/],
    types: [/^cluster\/[\w-]+\.ts$/],
  },
  // What takes a value to pieces and puts it together: each room knows only rooms above it here.
  {room: /^cluster\/packing\//, runs: [/^cluster\/errors\.ts$/], types: []},
  {
    room: /^cluster\/shipping\/source\//,
    runs: [/^cluster\/(limits|recent)\.ts$/],
    types: [],
  },
  {
    room: /^cluster\/shipping\/functions\//,
    runs: [/^cluster\/shipping\/source\//, /^cluster\/(limits|recent)\.ts$/],
    types: [],
  },
  {
    room: /^cluster\/shipping\/names\//,
    runs: [/^cluster\/errors\.ts$/],
    types: [/^cluster\/(backend|api\/object-ref)\.ts$/],
  },
  {
    room: /^cluster\/shipping\/modules\//,
    runs: [
      /^cluster\/(packing|shipping\/(source|functions|names))\//,
      /^cluster\/(errors|limits|recent|sizes)\.ts$/,
    ],
    types: [/^cluster\/backend\.ts$/],
  },
  {
    room: /^cluster\/codec\/kinds\//,
    runs: [
      /^cluster\/codec\/(buffers|marks|pending|plain|private-members|refusal|shapes)\.ts$/,
      /^cluster\/(packing|shipping\/(source|functions|names|modules))\//,
      /^cluster\/(errors|api\/object-ref)\.ts$/,
    ],
    types: [/^cluster\/codec\/(kind|dismantle|assemble|elsewhere)\.ts$/, /^cluster\/ids\.ts$/],
  },
  {
    room: /^cluster\/codec\//,
    runs: [
      /^cluster\/(packing|shipping\/(source|functions|names|modules))\//,
      /^cluster\/(errors|ids|recent|api\/object-ref)\.ts$/,
    ],
    types: [/^cluster\/backend\.ts$/],
  },
  {
    room: /^cluster\/shipping\//,
    runs: [/^cluster\/(packing|codec)\//, /^cluster\/(errors|ids|limits|sizes|folder|recent)\.ts$/],
    types: [/^cluster\/[\w-]+\.ts$/],
  },
  {
    room: /^cluster\/(show|context)\//,
    runs: [
      /^cluster\/(show|context|shipping|codec|packing)\//,
      /^cluster\/(?!index|notebook|host)[\w-]+\.ts$/,
    ],
    types: [/^cluster\//],
  },
  {
    room: /^cluster\/io\//,
    runs: [
      /^cluster\/(core|descriptors|shipping|codec|packing|context|show)\//,
      /^cluster\/api\/(?!remote|embedded)[\w-]+\.ts$/,
      /^cluster\/(?!index)[\w-]+\.ts$/,
    ],
    types: [/^cluster\//],
  },
  {
    room: /^cluster\/backends\//,
    runs: [
      /^cluster\/(io|core|shipping|codec|packing|context|show)\//,
      /^cluster\/api\/(?!embedded)[\w-]+\.ts$/,
      /^cluster\/(?!index)[\w-]+\.ts$/,
    ],
    types: [/^cluster\//],
  },
  // Above the seam nobody knows which engines there are, but for their table.
  {
    room: /^cluster\/(api\/|(index|host)\.ts$)/,
    runs: [
      /^cluster\/(api|context|show|descriptors|shipping|codec|packing)\//,
      /^cluster\/core\/client\/holdings\.ts$/,
      /^cluster\/backends\/all\.ts$/,
      // worker.ts is a process's entry, and knows its own engine.
      /^cluster\/(?!worker)[\w-]+\.ts$/,
    ],
    types: [],
  },
  {room: /^cluster\//, runs: [/^cluster\//], types: [/^cluster\//]},
  {
    room: /^kernel\//,
    runs: [
      /^kernel\//,
      /^cluster\/(index|host|notebook|sizes|trace|clock|ids|limits|folder|nearest)\.ts$/,
      /^cluster\/(descriptors|shipping|show)\//,
      /^extensions\/execution\/(model|views)\//,
    ],
    types: [/^cluster\/([\w-]+|api\/[\w-]+)\.ts$/],
  },
  {
    room: /^extensions\/execution\/model\//,
    runs: [/^cluster\/trace\.ts$/],
    types: [/^cluster\/(trace|ids)\.ts$/],
  },
  {
    room: /^extensions\/execution\/diagrams\//,
    runs: [/^extensions\/execution\/model\//],
    types: [/^cluster\/(trace|ids)\.ts$/],
  },
  {
    room: /^extensions\/execution\/views\//,
    runs: [/^extensions\/execution\/(model|diagrams)\//, /^cluster\/trace\.ts$/],
    types: [/^cluster\/(trace|ids)\.ts$/],
  },
  {
    room: /^extensions\/execution\/lab\//,
    runs: [/^extensions\/execution\/(model|diagrams|views)\//, /^cluster\/trace\.ts$/],
    types: [/^cluster\/(trace|ids)\.ts$/],
  },
];

/** The only places that may load a package; others ask them. */
const DOORS: readonly {dependency: RegExp; doors: RegExp}[] = [
  {
    dependency: /^(tslab|@tslab\/.+)$/,
    doors: /^kernel\/compiler\/check\/(converter\.ts|typescript-for-tslab\.cjs)$/,
  },
  {
    dependency: /^typescript$/,
    doors:
      /^kernel\/(compiler|protocol\/kernel-info)|^(cluster\/shipping\/modules\/(typescript|tsconfig|typescript-files)\.ts|extensions\/execution\/build\.mjs)$/,
  },
  {dependency: /^zeromq$/, doors: /^(kernel\/protocol\/sockets|cluster\/io\/link\/link)\.ts$/},
  {dependency: /^msgpackr$/, doors: /^cluster\/packing\//},
  {dependency: /^koffi$/, doors: /^cluster\/io\/node\/store\.ts$/},
  {dependency: /^(acorn|magic-string)$/, doors: /^(kernel\/compiler|cluster\/shipping)\//},
  {
    dependency: /^linkedom$/,
    doors: /^(extensions\/execution\/views\/saved|cluster\/show\/document)\.ts$/,
  },
  {dependency: /^d3-/, doors: /^extensions\/execution\/diagrams\//},
  {dependency: /^@(jupyterlab|lumino)\//, doors: /^extensions\/execution\/(lab\/|build\.mjs$)/},
];

const WIDTH = 100;

/** Files over the limit, each with what holds it together. */
const MAY_BE_LONG: ReadonlyMap<string, string> = new Map([
  ["cluster/errors.ts", "one list: every error that a user can meet, each with its example"],
  ["cluster/api/actors.ts", "what a program sees of actors, each export with its example"],
  ["cluster/core/head/scheduler.ts", "one state machine: every event that changes a lease"],
  ["cluster/backends/cluster.ts", "one class: the seam, as messages to the agent and its answers"],
  ["cluster/io/head/head.ts", "one class: every message to the head, every order of its machines"],
  ["cluster/core/head/actors.ts", "one state machine: every event in the life of an actor"],
  [
    "cluster/core/client/submitter.ts",
    "one state machine: every event that changes a task of one's own",
  ],
  ["cluster/backends/sequential.ts", "the whole backend that others are measured against"],
  ["cluster/shipping/source/scopes.ts", "one walk over JavaScript's scopes"],
  ["cluster/io/link/link.ts", "the one door to zeromq: both of its ends"],
  ["cluster/core/events.ts", "one list: every event and command of the machines"],
  ["test/simulation/client.ts", "one class: the shell around a Submitter"],
  ["test/contract/backend.ts", "one list of promises"],
  ["test/cluster/core/any-order.test.ts", "the events of every machine, as dice throw them"],
]);
const LONGEST = 400;

test("each room imports only what it may", () => {
  const offences: string[] = [];
  for (const source of programs.filter(({path}) => path.endsWith(".ts"))) {
    const rule = ROOMS.find(({room}) => room.test(source.path));
    if (!rule) continue;
    for (const {target, isPackage, isType} of importsOf(source)) {
      if (isPackage || isSameRoom(source.path, target, rule.room)) continue;
      const allowed = isType ? [...rule.runs, ...rule.types] : rule.runs;
      if (!allowed.some((pattern) => pattern.test(target))) {
        offences.push(`${source.path} imports ${target}${isType ? " (types)" : ""}`);
      }
    }
  }
  assertNone(offences, "a room reaches past its walls; see Rooms in ARCHITECTURE.md");
});

test("no files import each other in a circle, types included", () => {
  const circles = circlesOf(programs.filter(({path}) => path.endsWith(".ts")));
  assertNone(
    circles.map((circle) => circle.join(" ")),
    "move what both sides need into a file of its own",
  );
});

test("nothing imports from the tests", () => {
  const offences = programs.filter((source) =>
    importsOf(source).some(({target}) => target.startsWith("test/")),
  );
  assertNone(
    offences.map(({path}) => path),
    "move what is shared out of test/",
  );
});

test("each dependency has one door", () => {
  const offences: string[] = [];
  for (const source of programs) {
    for (const {target, isPackage} of importsOf(source)) {
      const rule = isPackage ? DOORS.find(({dependency}) => dependency.test(target)) : undefined;
      if (rule && !rule.doors.test(source.path)) offences.push(`${source.path} imports ${target}`);
    }
  }
  assertNone(offences, "ask the room that already speaks for this package");
});

test("the core has no clock, no dice and nothing of Node's", () => {
  const offences = sources
    .filter(({path}) => path.startsWith("cluster/core/"))
    .flatMap((source) => [
      ...importsOf(source)
        .filter(({isPackage}) => isPackage)
        .map(({target}) => `${source.path} imports ${target}`),
      ...linesWith(
        source,
        /\b(Date\.now|new Date|Math\.random|performance\.|setTimeout|setInterval|process\.(env|argv|hrtime|cwd|exit|on|nextTick|memoryUsage|uptime)|await\s[\w(])/,
      ),
    ]);
  assertNone(offences, "take it in as an argument or an event");
});

test("no file is longer than its idea", () => {
  const long = sources
    .filter(({text}) => text.split("\n").length > LONGEST + 1)
    .map(({path}) => path);
  assertNone(
    long.filter((path) => !MAY_BE_LONG.has(path)),
    `split it, or name what holds it together: over ${LONGEST} lines`,
  );
  assertNone(
    [...MAY_BE_LONG.keys()].filter((path) => !long.includes(path)),
    "take it off the list of long files",
  );
});

test("no comment is wider than 100 columns", () => {
  // Code is Prettier's affair: what stays wider there are texts that can't be broken.
  const isWide = (line: string) =>
    [...line].length > WIDTH && /^\s*(\/\/|\/?\*|# )|[;,{})] \/\/ /.test(line);
  assertNone(
    sources.flatMap(({path, text}) =>
      text.split("\n").flatMap((line, index) => (isWide(line) ? [`${path}:${index + 1}`] : [])),
    ),
    "wrap the comment",
  );
});

test("files are named for what they hold", () => {
  const vague =
    /(^|[-./])(utils?|helpers?|managers?|handlers?|misc|common|shared|stuff|data)\.\w+$/;
  const offences = sources.filter(({path}) => vague.test(path)).map(({path}) => path);
  assertNone(offences, "a noun for the one idea in it");
});

test("nothing is left for later and no test is left out", () => {
  const offences = sources.flatMap((source) => [
    ...linesWith(source, /\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/),
    ...linesWith(source, /\b(test|it|describe)\.(only|skip|todo)\(/),
  ]);
  assertNone(offences, "do it, or open an issue");
});

test("no text names a machine or a registry", () => {
  const places =
    /(^|[\s"'`(=])\/(root|work|Users|home\/(?!lab\/)\w+)\/|registry\.npmjs\.org|pypi\.org\/simple/;
  const offences = texts
    .filter(({path}) => path !== "package-lock.json")
    .flatMap((source) => linesWith(source, places));
  assertNone(offences, "paths are found or given, never known");
});

test("what a class keeps for itself is written with #", () => {
  const offences = scripts
    .filter(({path}) => !path.startsWith("test/types/"))
    .flatMap((source) => linesWith(source, /^\s*private (?!constructor\()/));
  assertNone(offences, "`#name`; only a constructor has no such form");
});

test("a module's place is a path by fileURLToPath, since folders may have spaces", () => {
  const offences = scripts.flatMap((source) =>
    linesWith(source, /import\.meta\.url\)?\)?\.(pathname|replace|slice)/),
  );
  assertNone(offences, "fileURLToPath(import.meta.url)");
});

test("scripts of npm call TypeScript by its path", () => {
  const offences = texts
    .filter(({path}) => path.endsWith("package.json"))
    .flatMap((source) => linesWith(source, /"[^"]*": "(.* )?tsc\b/));
  assertNone(
    offences,
    "tslab's fork may stand in the name's way: node node_modules/typescript/bin/tsc",
  );
});

function isSameRoom(from: string, to: string, room: RegExp): boolean {
  const folder = room.exec(from)?.[0] ?? "";
  return folder.endsWith("/") && to.startsWith(folder);
}

function linesWith({path, text}: Source, pattern: RegExp): string[] {
  return text
    .split("\n")
    .flatMap((line, index) =>
      pattern.test(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 100)}`] : [],
    );
}

function assertNone(offences: readonly string[], instead: string): void {
  assert.ok(
    offences.length === 0,
    `${instead}:\n${offences.map((line) => `  ${line}`).join("\n")}`,
  );
}
