// Runs each test file in a process (and process group) of its own: a file that crashes, hangs or
// leaves processes behind fails by itself and disturbs no other. Files that start clusters, kernels
// or browsers run alone, the others side by side.
import {mkdir, readFile, readdir, rm} from "node:fs/promises";
import {availableParallelism} from "node:os";
import {join, relative} from "node:path";
import {project} from "../../kernel/setup/paths.mjs";
import {setUpOrEnd} from "../../kernel/setup/setup.mjs";
import {Report, sumLine} from "./report.mjs";
import {runFile} from "./run-file.mjs";

const OUTPUT = join(project, "test-output");
const LIMIT_MS = 120_000;
const LIMIT_ALONE_MS = 300_000;
const ALONE_FOLDERS = /^test\/(e2e|contract|bench|kernel\/protocol)\//;
// A test file may say so itself, in its first lines, and how long it may take.
const ALONE_WORDS = /^\/\/.*\b(runs alone|starts processes)\b/im;
const LIMIT_WORDS = /^\/\/.*\bat most (\d+) s\b/im;

export async function testEverything(patterns) {
  await setUpOrEnd({onProblem: () => console.log(sumLine(0, 1, 0))});
  const files = await findTests(patterns);
  const report = new Report(console.log);
  if (files.length === 0)
    report.addFailure("npm test", `no test file matches "${patterns.join(" ")}"`);
  await rm(join(OUTPUT, "results"), {recursive: true, force: true});
  await mkdir(join(OUTPUT, "results"), {recursive: true});
  const together = files.filter((file) => !file.isAlone);
  const alone = files.filter((file) => file.isAlone);
  const run = async (file) => report.add(await runFile(file, {output: OUTPUT}));
  await runAtOnce(together, Math.max(2, Math.min(4, availableParallelism())), run);
  await runAtOnce(alone, 1, run);
  process.exit(report.close() ? 0 : 1);
}

/** Every test by its source: what an older build left in dist/ does not count. */
export async function findTests(patterns = [], folder = join(project, "test")) {
  const entries = await readdir(folder, {recursive: true});
  const sources = entries.filter((entry) => /\.test\.(ts|mjs)$/.test(entry)).sort();
  const tests = await Promise.all(sources.map((source) => describeTest(join(folder, source))));
  return tests.filter(
    ({name}) => patterns.length === 0 || patterns.some((pattern) => name.includes(pattern)),
  );
}

async function describeTest(source) {
  const name = relative(project, source);
  const head = (await readFile(source, "utf8")).split("\n", 6).join("\n");
  return {name, ...placeOf(name, head), path: scriptOf(name)};
}

/** Whether a test runs alone, and how long it may take. */
export function placeOf(name, head) {
  const isAlone = ALONE_FOLDERS.test(name) || ALONE_WORDS.test(head);
  const seconds = LIMIT_WORDS.exec(head)?.[1];
  const limitMs = seconds ? Number(seconds) * 1000 : isAlone ? LIMIT_ALONE_MS : LIMIT_MS;
  return {isAlone, limitMs};
}

function scriptOf(name) {
  return name.endsWith(".mjs")
    ? join(project, name)
    : join(project, "dist", name.replace(/\.ts$/, ".js"));
}

async function runAtOnce(files, width, run) {
  const waiting = [...files];
  const lane = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) await run(file);
  };
  await Promise.all(Array.from({length: width}, lane));
}
