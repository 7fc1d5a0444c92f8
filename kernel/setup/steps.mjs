// Runs the steps of the set-up, side by side where they allow it, and tells the reader in a line
// each.
import {createWriteStream, mkdirSync, readFileSync} from "node:fs";
import {dirname, relative} from "node:path";
import {endChildren} from "./child.mjs";
import {project} from "./paths.mjs";
import {SetupProblem} from "./problem.mjs";

const LAST_LINES = 25;

/** One step: `isDone` says there is nothing to do, `run(log)` does it. */
export class Steps {
  #say;
  #logFolder;
  #hasGreeted = false;

  constructor({say, logFolder}) {
    this.#say = say;
    this.#logFolder = logFolder;
  }

  async take({title, after = [], isDone, run}) {
    await Promise.all(after);
    if (await isDone()) return;
    this.#greet();
    const logFile = `${this.#logFolder}/${title.replaceAll(" ", "-")}.log`;
    mkdirSync(dirname(logFile), {recursive: true});
    const log = createWriteStream(logFile);
    const startedAtMs = performance.now();
    try {
      await run(log);
      this.#say(`  ✓ ${title.padEnd(24)}${seconds(performance.now() - startedAtMs)}`);
    } catch (error) {
      endChildren();
      await new Promise((resolve) => log.end(`\n${error.message}\n`, resolve));
      throw error instanceof SetupProblem ? error : failure(title, logFile);
    } finally {
      log.end();
    }
  }

  #greet() {
    if (!this.#hasGreeted) this.#say("Setting up Tasklab (the first time takes a minute or two)");
    this.#hasGreeted = true;
  }
}

function failure(title, logFile) {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-LAST_LINES);
  const shown = lines.map((line) => `    ${line}`).join("\n");
  return new SetupProblem(
    `The step "${title}" failed. Its last lines:\n${shown}\nThe whole log: ${relative(project, logFile)}`,
  );
}

export function seconds(durationMs) {
  return `${(durationMs / 1000).toFixed(1).padStart(6)} s`;
}
