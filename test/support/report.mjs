// What the reader of a test run sees: a line per file, each failure in full where it happened, and
// the sum at the end.
import {readFileSync} from "node:fs";
import {SourceMap} from "node:module";
import {relative} from "node:path";
import {fileURLToPath} from "node:url";
import {stripVTControlCharacters} from "node:util";
import {project} from "../../kernel/setup/paths.mjs";
import {seconds} from "../../kernel/setup/steps.mjs";

const SLOWEST_SHOWN = 5;
const FRAMES_SHOWN = 6;

export class Report {
  #say;
  #files = [];
  #passed = 0;
  #failed = [];
  #skipped = [];

  constructor(say) {
    this.#say = say;
  }

  add({name, tests, problem, durationMs}) {
    this.#files.push({name, durationMs});
    const failed = tests.filter((test) => test.outcome === "failed");
    const passed = tests.filter((test) => test.outcome === "passed");
    const mark = failed.length > 0 || problem ? "✗" : "✓";
    const count = `${passed.length} ${passed.length === 1 ? "test" : "tests"}`.padStart(9);
    this.#say(`${mark} ${seconds(durationMs)} ${count}  ${name}`);
    this.#passed += passed.length;
    for (const test of failed) {
      this.#failed.push(`${name} › ${test.name}`);
      this.#say(indent(`✗ ${test.name}\n${indent(describe(test.failure))}`));
    }
    for (const test of tests.filter((one) => one.outcome === "skipped")) {
      this.#skipped.push(`${name} › ${test.name}${test.reason ? ` (${test.reason})` : ""}`);
    }
    if (problem) this.addFailure(name, problem);
  }

  addFailure(name, problem) {
    this.#failed.push(`${name} ${problem.split("\n", 1)[0]}`);
    this.#say(indent(`✗ ${name} ${problem}`));
  }

  /** Writes the sum; returns whether all is well. */
  close() {
    const slowest = this.#files.sort((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST_SHOWN);
    this.#list(
      "Slowest",
      slowest.map(({name, durationMs}) => `${seconds(durationMs)}  ${name}`),
    );
    this.#list("Skipped", this.#skipped);
    this.#list("Failed", this.#failed);
    this.#say("");
    this.#say(sumLine(this.#passed, this.#failed.length, this.#skipped.length));
    return this.#failed.length === 0;
  }

  #list(title, lines) {
    if (lines.length > 0) this.#say(`\n${title}:\n${lines.map((line) => `  ${line}`).join("\n")}`);
  }
}

export function sumLine(passed, failed, skipped) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function describe({message, stack}) {
  const frames = stack
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => sourceFrame(line))
    .filter((line) => line !== undefined)
    .slice(0, FRAMES_SHOWN);
  return [stripVTControlCharacters(message).trimEnd(), ...frames].join("\n");
}

/** A stack frame at its TypeScript place; undefined for frames outside the project. */
export function sourceFrame(line) {
  const place = /\(?((?:file:\/\/)?\/[^()]+):(\d+):(\d+)\)?$/.exec(
    line.replace(/^\s+at (async )?/, ""),
  );
  if (!place) return undefined;
  const path = place[1].startsWith("file:") ? fileURLToPath(place[1]) : place[1];
  const shown = relative(project, path);
  if (shown.startsWith("..") || shown.startsWith("node_modules")) return undefined;
  const [lineNumber, column] = [Number(place[2]), Number(place[3])];
  const source = shown.startsWith("dist") ? findSource(path, lineNumber, column) : undefined;
  return `at ${source ?? `${shown}:${lineNumber}:${column}`}`;
}

function findSource(path, line, column) {
  try {
    const map = new SourceMap(JSON.parse(readFileSync(`${path}.map`, "utf8")));
    const {originalLine, originalColumn} = map.findEntry(line - 1, column - 1);
    if (originalLine === undefined) return undefined;
    const source = relative(project, path)
      .replace(/^dist[^/]*\//, "")
      .replace(/\.js$/, ".ts");
    return `${source}:${originalLine + 1}:${originalColumn + 1}`;
  } catch {
    return undefined;
  }
}

function indent(text) {
  return text.replace(/^(?=.)/gm, "    ");
}
