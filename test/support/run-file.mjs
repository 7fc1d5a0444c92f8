// One test file in its own process, from start to the last process of its group, with a temp folder
// of its own: what it leaves there is its failure, too.
import {spawnSync} from "node:child_process";
import {mkdtemp, readFile, readdir, rm} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {endGroup, startChild} from "../../kernel/setup/child.mjs";
import {project} from "../../kernel/setup/paths.mjs";

const REPORTER = new URL("./reporter.mjs", import.meta.url).href;
const LAST_CHARACTERS = 4_000;
const GROUP_ENDS_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;
const LONGEST_LINE = 300;
// nbclient leaves empty folders of such names, and npm on Node 22 and 24 its compiled code.
const OF_OTHERS = /^(tmp[a-z0-9_]{8}|node-compile-cache)$/;

/** Resolves with the file's tests, its own failure if it has one, and how long it took. */
export async function runFile({name, path, limitMs}, {output}) {
  const results = join(output, "results", `${name.replaceAll("/", "-")}.jsonl`);
  const startedAtMs = performance.now();
  // Set where we ourselves are run by `node --test`; the file would then report to nobody.
  const {NODE_TEST_CONTEXT, ...env} = process.env;
  // Sockets in it have long names: this one is short.
  env.TMPDIR = await mkdtemp(join(tmpdir(), "tasklab-"));
  const child = startChild(
    process.execPath,
    [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${results}`, path],
    {cwd: project, env, stdio: ["ignore", "pipe", "pipe"]},
  );
  let printed = "";
  const keep = (chunk) => (printed = (printed + chunk).slice(-LAST_CHARACTERS));
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);

  const end = await endOf(child, limitMs);
  const leftProcesses = end.code === undefined ? [] : await processesLeftBy(child);
  endGroup(child, "SIGKILL");
  const leftFiles = (await readdir(env.TMPDIR)).filter((name) => !OF_OTHERS.test(name));
  await rm(env.TMPDIR, {recursive: true, force: true});
  const tests = await readResults(results);
  const problem = problemOf(end, tests, {leftProcesses, leftFiles, limitMs});
  return {
    name,
    tests,
    durationMs: performance.now() - startedAtMs,
    problem: problem && `${problem}${printed && `\nIts last output:\n${printed.trimEnd()}`}`,
  };
}

/** What is wrong with the file as a whole, beside what its tests say. */
export function problemOf({code, signal, isLate}, tests, {leftProcesses, leftFiles, limitMs}) {
  const last = tests.at(-1) ? `after "${tests.at(-1).name}"` : "before its first test ended";
  if (isLate) return `was still running after ${limitMs / 1000} s, ${last}`;
  const hasFailed = tests.some((test) => test.outcome === "failed");
  if (signal) return `was ended by ${signal}, ${last}`;
  if (code !== 0 && !hasFailed) return `ended with exit code ${code}, ${last}`;
  if (tests.length === 0) return "has no tests";
  if (leftProcesses.length > 0) return `left processes running:\n${leftProcesses.join("\n")}`;
  if (leftFiles.length > 0) return `left in the temp folder: ${leftFiles.join(", ")}`;
  return undefined;
}

/** The process's end; its pipes may stay open longer, held by what it left behind. */
function endOf(child, limitMs) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve({isLate: true});
      endGroup(child, "SIGKILL");
    }, limitMs);
    child.on("error", (error) => resolve({code: error.message}));
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      // The last output is still in the pipe.
      setImmediate(() => resolve({code, signal}));
    });
  });
}

/** The processes of its group that are still there after a while: a line each. */
async function processesLeftBy(child) {
  const deadlineMs = performance.now() + GROUP_ENDS_WITHIN_MS;
  while (isGroupAlive(child.pid)) {
    if (performance.now() > deadlineMs) return groupOf(child.pid);
    await sleep(LOOK_EVERY_MS);
  }
  return [];
}

function groupOf(pid) {
  const columns = "pgid=,pid=,ppid=,stat=,etime=,args=";
  const {stdout} = spawnSync("ps", ["-A", "-o", columns], {encoding: "utf8"});
  const lines = (stdout ?? "").split("\n").filter((line) => Number.parseInt(line, 10) === pid);
  if (lines.length === 0) return ["(`ps` does not name them, or they have ended just now)"];
  return lines.map((line) => line.slice(0, LONGEST_LINE).trim());
}

function isGroupAlive(pid) {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function readResults(file) {
  const text = await readFile(file, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
