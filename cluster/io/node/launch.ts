// Starting child processes, and ending with one's parent.
//
// Parent and child hold the two ends of a pipe on the child's fd 3. The parent writes one JSON
// line, the child's configuration (keys never stand in arguments, environment or logs), and
// perhaps, later, a word that the child is to drain; the child may write JSON lines back. A worker is
// told as well what it has written to its own stdout and stderr: its agent knows whose that is. The
// kernel closes the parent's end however the parent ends, and a child whose pipe closes kills
// itself: `kill -9` of any process leaves no child behind.
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
/** Begins a line that a worker says of itself: it is for the log alone. */
const ownMark = "\u0001";
/** A worker that does not read is told no more of what it has written. */
const maxUntoldBytes = 1024 * 1024;

type StreamName = "stdout" | "stderr";
/** A line that a worker has written by itself. */
interface Wrote {
  wrote: StreamName;
  line: string;
}
/** Output that is still in the pipes when a process has ended arrives within this time. */
const lastWordsMs = 50;

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last line that it wrote to stderr. */
  lastLine: string;
  /** The last few lines that it wrote to stderr, with the last one. */
  lastLines: string[];
}

/** A child process that ends when this one does. */
export class Child<Config extends object, Report = never> {
  readonly logs = new LogRing();
  readonly ended: Promise<Ending>;
  /** What the child reports; told in order once it is set. */
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
      // It ended before it had read everything; `ended` follows.
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
    // Ends processes that the leader left behind: no pid is reused while a group has its number.
    if (leads && pid !== undefined) this.#process.on("exit", () => killGroup(pid));
  }

  /** Undefined when it could not be started. */
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
  /** It ends in its own time: see `followParent`. */
  drain(): void {
    this.#pipe.write(`${drainWord}\n`);
  }
  /** At once, and with its group; a closed pipe does the same a little later. */
  kill(): void {
    // After its exit Node sends no signal: its number may be another's by then.
    if (this.#process.kill("SIGKILL") && this.#leads) killGroup(this.#process.pid!);
  }
  get #pipe(): Duplex {
    return this.#process.stdio[pipeFd] as Duplex;
  }
}

export interface ChildOptions {
  execArgv?: string[];
  /** Seen by everyone on the machine. */
  args?: string[];
  /** True when the process leads a process group of its own, which ends with it. */
  leads?: boolean;
}

/** Ends the group that a process leads. False when it leads none. */
function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** Writes to this process's log, before it may end. A log without a reader stops nothing. */
export function sayAtOnce(line: string): void {
  try {
    writeSync(2, `${ownMark}${line}\n`);
  } catch {
    // Nobody reads it any more.
  }
}

/** Ends this process, from whichever of its threads, and the group that it leads. */
export function endProcess(): void {
  if (!killGroup(process.pid)) process.kill(process.pid, "SIGKILL");
}

/**
 * The child's end: hears its configuration, and ends the process when the parent is gone.
 * Works in any thread, so that the one with the user's code may be busy.
 * `drain`: its parent wants it to end what it has begun, and then itself.
 * `wrote`: a worker has written the line, by whatever way.
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
 * A terminal's Ctrl-C is for the driver; the processes that it started follow the driver, not the
 * terminal. Ctrl-Z stops driver and head, but no worker: workers lose their head then, and end
 * themselves. To stop the workers as well would leave them behind when somebody ends the stopped
 * head.
 */
export function ignoreTerminal(): void {
  process.on("SIGINT", () => {});
}

/** A process of workers' kind, ready to be configured: it loads meanwhile. */
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
 * Lets malloc give the memory of large values back. When large memory is freed, glibc by itself
 * raises both thresholds to 32 and 64 MiB. With more than a few MiB a process keeps as much as the
 * largest value that it has passed on: pieces of values lie in heaps that are trimmed by the second
 * threshold.
 */
const allocation = {
  MALLOC_MMAP_THRESHOLD_: String(4 * 1024 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(1024 * 1024),
};

const maxLogLines = 1_000;
const maxLineLength = 2_000;

/** How many lines of an ended process are told to whoever waits for it. */
const maxLastLines = 8;

/**
 * Lines that say nothing of how a process ended: of the inspector's session in each worker, and the
 * version of Node.js below an uncaught error.
 */
const saysNothing = /^(Waiting for the debugger to disconnect|Debugger attached|Node\.js v\d)/;

/** The last lines that a process wrote by itself, outside of tasks. */
export class LogRing {
  readonly #lines: string[] = [];
  readonly #decoders = {stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8")};
  readonly #rest = {stdout: "", stderr: ""};
  readonly #lastErrors: string[] = [];

  /** Gives the lines that have come to their ends and are not the process's words of itself. */
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
