// Pauses of the main thread: why it stopped, whether the client is to hear of it, how it goes on.
//
// V8 stops more often than a client asks: before each script that has a map, so that breakpoints
// are set before it runs; at positions that a step only passes; where a step goes on after its cell
// ended.

import type {Debugger} from "node:inspector";
import type {Breakpoints} from "./breakpoints.js";
import type {Inspector} from "./inspector.js";
import type {Scripts} from "./scripts.js";
import {Step, type Stop, type StepCommand} from "./stepping.js";

type Paused = Debugger.PausedEventDataType;

export interface PausesParts {
  inspector: Inspector;
  scripts: Scripts;
  breakpoints: Breakpoints;
  /** The cells that run now: a step ends with them. */
  running(): readonly string[];
  stopped(reason: string, text?: string): void;
  continued(): void;
  log(line: string): void;
}

export class Pauses {
  readonly #parts: PausesParts;
  /** What the client knows of: null while the main thread runs, as far as it can tell. */
  #current: Paused | null = null;
  #stop: Stop | null = null;
  #step: {step: Step; running: readonly string[]} | null = null;
  #isPausing = false;

  constructor(parts: PausesParts) {
    this.#parts = parts;
    parts.inspector.on<Paused>("Debugger.paused", (paused) => {
      this.#paused(paused).catch((error: Error) => {
        parts.log(`debugger: ${error.stack ?? error.message}`);
        void this.#post("resume");
      });
    });
  }

  get current(): Paused | null {
    return this.#current;
  }

  /** The client's word: the main thread goes on, and maybe stops soon again. */
  async go(command: "resume" | StepCommand): Promise<void> {
    if (!this.#current || !this.#stop)
      throw new Error("nothing is stopped: there is nothing to resume");
    const running = this.#parts.running();
    this.#step = command === "resume" ? null : {step: new Step(command, this.#stop), running};
    this.#left();
    await this.#post(command);
  }

  /** Stops at the user's next statement, whenever that comes. */
  async pause(): Promise<void> {
    if (this.#current) return;
    this.#isPausing = true;
    await this.#post("pause");
  }

  /** Whatever holds the main thread lets go of it, and nothing stops it until `holdAgain`. */
  release(): void {
    this.#step = null;
    this.#isPausing = false;
    void this.#post("setSkipAllPauses", {skip: true});
    void this.#post("resume");
    if (this.#current) this.#left();
  }
  holdAgain(): void {
    void this.#post("setSkipAllPauses", {skip: false});
  }

  async #paused(paused: Paused): Promise<void> {
    const {breakpoints} = this.#parts;
    const {reason, callFrames, hitBreakpoints = []} = paused;
    const {scripts} = this.#parts;
    const [top] = callFrames;
    if (!top) return this.#post("resume");
    const script = await scripts.load(top.location.scriptId);
    const place = script?.place(top.location);
    const stop = {script: script?.id, depth: callFrames.length, place};
    // Node's types don't know this reason.
    if ((reason as string) === "instrumentation") {
      if (script) await breakpoints.bind(script);
      if (script && this.#isPausing) return this.#arrived(paused, stop, "pause");
      return this.#post("resume");
    }
    if (hitBreakpoints.length > 0 || script?.isDebuggerStatement(top.location))
      return this.#arrived(paused, stop, "breakpoint");
    if (reason === "exception" || reason === "promiseRejection") {
      const {description} = (paused.data ?? {}) as {description?: string};
      return this.#arrived(paused, stop, "exception", description?.split("\n    at ")[0]);
    }
    const isUsers = callFrames.some(({location}) => scripts.isUsers(location.scriptId));
    if (this.#isPausing) {
      if (script) return this.#arrived(paused, stop, "pause");
      return this.#post(isUsers ? "stepOut" : "stepInto");
    }
    const step = this.#step;
    // Past the end of what was stepped through there is nothing to stop in.
    if (!step || !isUsers || this.#isOver(step.running)) {
      this.#step = null;
      return this.#post("resume");
    }
    const next = step.step.next(stop);
    if (next) return this.#post(next);
    this.#arrived(paused, stop, "step");
  }

  /** A step that began in these cells must not stop in what runs after them. */
  #isOver(began: readonly string[]): boolean {
    const running = this.#parts.running();
    return began.length > 0 ? !began.some((cell) => running.includes(cell)) : running.length > 0;
  }

  #arrived(paused: Paused, stop: Stop, reason: string, text?: string): void {
    this.#current = paused;
    this.#stop = stop;
    this.#step = null;
    this.#isPausing = false;
    this.#parts.stopped(reason, text);
  }

  #left(): void {
    this.#current = null;
    this.#stop = null;
    this.#parts.continued();
  }

  /** Fails only when it comes too late: the main thread has gone on already. */
  async #post(command: string, parameters: object = {}): Promise<void> {
    await this.#parts.inspector.post(`Debugger.${command}`, parameters).catch(() => {});
  }
}
