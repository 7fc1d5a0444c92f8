// Starts child processes, and ends them with their parent.
//
// Parent and child hold the two ends of a pipe on the child's fd 3. The parent writes one JSON
// line, the child's configuration: keys never stand in arguments, environment or logs. Later the
// parent may write that the child is to drain. The child may write JSON lines back. A worker is
// also told what it has written to its own stdout and stderr, because its agent knows which task
// runs. The operating system closes the parent's end however the parent ends, and a child whose
// pipe closes kills itself: `kill -9` of any process leaves no child behind.
//
// A worker leads a process group, which is killed with it: processes that tasks have started end
// with their worker. The worker kills the group itself when its pipe closes, else the node does.
// Outside of the group are only processes that a task has started as `detached`.

import {spawn, type ChildProcess} from "node:child_process";
import {writeSync} from "node:fs";
import {Socket} from "node:net";
import type {Duplex, Readable} from "node:stream";
import {StringDecoder} from "node:string_decoder";
import {fileURLToPath} from "node:url";
import {folderForChild} from "../../folder.js";
import type {WorkerConfig} from "../threads/ports.js";

const pipeFd = 3;
const drainWord = "drain";
/** Begins a line that a worker says about itself, for the log alone. */
const ownMark = "\u0001";
/**
 * A worker that does not read, so that so many bytes wait for it, is told no more of its output.
 */
const maxUntoldBytes = 1024 * 1024;

type StreamName = "stdout" | "stderr";
/** A line that a worker has written to its own stdout or stderr. */
interface Wrote {
  wrote: StreamName;
  line: string;
}
/** Output that is still in the pipes when a process has ended arrives within this time. */
const lastWordsMs = 50;

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last line that the process wrote to stderr. */
  lastLine: string;
  /** The last few lines that the process wrote to stderr, `lastLine` included. */
  lastLines: string[];
}

/** A child process that ends when this one does. */
export class Child<Config extends object, Report = never> {
  readonly logs = new LogRing();
  readonly ended: Promise<Ending>;
  /** Hears the child's reports. Reports that came earlier are told, in order, once this is set. */
  onReport: (report: Report) => void = () => {};
  readonly #process: ChildProcess;
  readonly #leads: boolean;
  #isConfigured = false;

  constructor(entry: URL, {execArgv = [], args = [], leads = false}: ChildOptions = {}) {
    const {cwd, note} = folderForChild();
    if (note !== undefined) this.logs.add("stderr", Buffer.from(`${note}\n`));
    this.#process = spawn(process.execPath, [...execArgv, fileURLToPath(entry), ...args], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: {...process.env, ...allocation},
      detached: leads,
      ...(cwd !== undefined && {cwd}),
    });
    const {stdout, stderr} = this.#process as {stdout: Readable; stderr: Readable};
    for (const [name, stream] of [
      ["stdout", stdout],
      ["stderr", stderr],
    ] as const)
      stream.on("data", (chunk: Buffer) => {
        const lines = this.logs.add(name, chunk);
        if (leads) for (const line of lines) this.#tell({wrote: name, line});
      });
    const pipe = this.#pipe;
    pipe.on("error", () => {
      // The child ended before it had read everything. `ended` follows.
    });
    readLines(pipe, (line) => this.onReport(JSON.parse(line) as Report));
    this.ended = new Promise((resolve) => {
      let failure = "";
      this.#process.on("error", (error) => (failure = error.message));
      const tell = (code: number | null, signal: NodeJS.Signals | null): void =>
        resolve({
          code,
          signal,
          lastLine: failure || this.logs.lastError,
          lastLines: failure ? [failure] : this.logs.lastErrors,
        });
      this.#process.on("close", tell);
      // A grandchild may hold the pipes open for long after the process has ended.
      this.#process.on("exit", (code, signal) => setTimeout(tell, lastWordsMs, code, signal));
    });
    this.#leads = leads;
    const {pid} = this.#process;
    // Ends processes that the leader left behind. No pid is reused while a group has its number.
    if (leads && pid !== undefined) this.#process.on("exit", () => killGroup(pid));
  }

  /** The child's process id; undefined when the child could not be started. */
  get pid(): number | undefined {
    return this.#process.pid;
  }
  configure(config: Config): void {
    this.#isConfigured = true;
    this.#pipe.write(`${JSON.stringify(config)}\n`);
  }
  #tell(wrote: Wrote): void {
    if (!this.#isConfigured || this.#pipe.writableLength > maxUntoldBytes) return;
    this.#pipe.write(`${JSON.stringify(wrote)}\n`);
  }
  /** Asks the child to end in its own time: see `followParent`. */
  drain(): void {
    this.#pipe.write(`${drainWord}\n`);
  }
  /** Ends the child and its group at once. A closed pipe does the same a little later. */
  kill(): void {
    // Node sends no signal after the child's exit, when another process may have its number.
    if (this.#process.kill("SIGKILL") && this.#leads) killGroup(this.#process.pid!);
  }
  get #pipe(): Duplex {
    return this.#process.stdio[pipeFd] as Duplex;
  }
}

export interface ChildOptions {
  execArgv?: string[];
  /** Arguments, which everyone on the machine can see. */
  args?: string[];
  /** True when the process leads a process group of its own, which ends with it. */
  leads?: boolean;
}

/** Ends the group that a process leads; false when the process leads none. */
function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}

/**
 * Writes to this process's log at once, before the process may end. Ignores a log without a reader.
 */
export function sayAtOnce(line: string): void {
  try {
    writeSync(2, `${ownMark}${line}\n`);
  } catch {
    // Nobody reads the log any more.
  }
}

/** Ends this process, from whichever of its threads, and the group that it leads. */
export function endProcess(): void {
  if (!killGroup(process.pid)) process.kill(process.pid, "SIGKILL");
}

/**
 * Follows the parent, in the child: hears the configuration, and ends the process when the parent
 * is gone. This works in any thread, so that the one with the user's code may be busy. `drain` is
 * called when the parent wants the child to finish what it has begun and to end then. `wrote` is
 * called with each line that a worker has written to its stdout or stderr, in whatever way.
 */
export function followParent<Config>(
  configured: (config: Config) => void,
  {drain = endProcess, wrote = () => {}}: FollowOptions = {},
): (report: object) => void {
  const pipe = new Socket({fd: pipeFd});
  pipe.on("error", endProcess);
  pipe.on("close", endProcess);
  readLines(pipe, (line) => {
    if (line === drainWord) return drain();
    const told = JSON.parse(line) as Config | Wrote;
    if (isWrote(told)) wrote(told.wrote, told.line);
    else configured(told);
  });
  return (report) => pipe.write(`${JSON.stringify(report)}\n`);
}

interface FollowOptions {
  drain?(): void;
  wrote?(name: StreamName, line: string): void;
}

function isWrote(told: unknown): told is Wrote {
  return typeof told === "object" && told !== null && "wrote" in told;
}

/**
 * Ignores a terminal's Ctrl-C, which is for the driver: processes that the driver started follow
 * the driver, not the terminal. Ctrl-Z stops driver and head, but no worker: workers then lose
 * their head and end themselves. Stopped workers would be left behind when somebody ends the
 * stopped head.
 */
export function ignoreTerminal(): void {
  process.on("SIGINT", () => {});
}

/** Starts a worker process that loads its modules while it waits for its configuration. */
export function startWorkerProcess(): Child<WorkerConfig> {
  const entry = new URL("../../worker-main.js", import.meta.url);
  return new Child(entry, {execArgv: userCodeFlags(), leads: true});
}

/** Flags for a process that runs user code: an interrupt in a timer must not end it. */
function userCodeFlags(): string[] {
  const flag = "--no-force-async-hooks-checks";
  return process.allowedNodeEnvironmentFlags.has("--force-async-hooks-checks") ? [flag] : [];
}

/**
 * Environment variables that let malloc give the memory of large values back. When large memory is
 * freed, glibc by itself raises both thresholds to 32 and 64 MiB. With thresholds of more than a
 * few MiB a process keeps as much memory as the largest value that it has passed on, because pieces
 * of values lie in heaps that are trimmed by the second threshold.
 */
const allocation = {
  MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(1024 * 1024),
};

const maxLogLines = 1_000;
const maxLineLength = 2_000;

/** So many lines of an ended process are told to those who wait for it. */
const maxLastLines = 8;

/**
 * Matches lines that do not say how a process ended: those of the inspector's session in each
 * worker, and the version of Node.js below an uncaught error.
 */
const saysNothing = /^(Waiting for the debugger to disconnect|Debugger attached|Node\.js v\d)/;

/** Keeps the last lines that a process wrote outside of tasks. */
export class LogRing {
  readonly #lines: string[] = [];
  readonly #decoders = {stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8")};
  readonly #rest = {stdout: "", stderr: ""};
  readonly #lastErrors: string[] = [];

  /**
   * Adds output. Returns the lines that are now complete, without those that a worker says itself.
   */
  add(name: StreamName, chunk: Buffer): string[] {
    const lines = (this.#rest[name] + this.#decoders[name].write(chunk)).split("\n");
    this.#rest[name] = (lines.pop() ?? "").slice(-maxLineLength);
    const written: string[] = [];
    for (const whole of lines) {
      if (saysNothing.test(whole)) continue;
      const isOwn = whole.startsWith(ownMark);
      const line = isOwn ? whole.slice(ownMark.length) : whole;
      if (!isOwn) written.push(line);
      if (line.trim() === "") continue;
      this.#lines.push(line.slice(0, maxLineLength));
      if (name === "stderr") this.#lastErrors.push(line.slice(0, maxLineLength));
    }
    if (this.#lastErrors.length > maxLastLines) {
      this.#lastErrors.splice(0, this.#lastErrors.length - maxLastLines);
    }
    if (this.#lines.length > maxLogLines) this.#lines.splice(0, this.#lines.length - maxLogLines);
    return written;
  }
  get lines(): readonly string[] {
    return this.#lines;
  }
  get lastError(): string {
    return this.lastErrors.at(-1) ?? "";
  }
  /** The last lines on stderr, oldest first. */
  get lastErrors(): string[] {
    const rest = this.#rest.stderr.trim();
    return [...this.#lastErrors, ...(rest ? [rest] : [])].slice(-maxLastLines);
  }
}

function readLines(stream: Readable, heard: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) heard(line);
  });
}
