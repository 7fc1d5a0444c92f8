// Captures the output of child processes that inherit the descriptors 1 and 2. Each child gets
// pipes of its own instead, which another thread reads. So the cell or task of the output stays
// known: while this thread waits for the child, beside other children, and after the cell or task
// has ended.
//
// Order: the reader begins when it hears of the pipe, and so after everything that was printed
// before the child was started. A child that has ended, or has sent a message, has printed its
// lines before the lines that are printed here from then on, so the reader is asked to catch up at
// that point.
//
// A program hears of a child (of piped output, of its end) in the context in which it started the
// child.

import childProcess from "node:child_process";
import type {EventEmitter} from "node:events";
import {closeSync} from "node:fs";
import {syncBuiltinESMExports} from "node:module";
import {Pipes} from "./pipes.js";

export type StreamName = "stdout" | "stderr";

export interface ChildReaders {
  /** True when there is a place to which the output of a child can go now. */
  isWanted(): boolean;
  /** Begins to read `fd`, as output of the cell or task that runs now. */
  read(fd: number, name: StreamName): void;
  /** Returns a function that calls its argument in the context that is current now. */
  carry(): (work: () => unknown) => unknown;
  /** Reads what lies in these pipes before anything that is printed from now on. */
  catchUp(fds: readonly number[]): void;
}

type Options = {stdio?: unknown} & Record<string, unknown>;
type Spawn = (this: childProcess.ChildProcess, options: Options) => unknown;
type Call = (...args: unknown[]) => unknown;

/** Redirects the output of all children that this thread starts from now on. */
export function redirectChildren(readers: ChildReaders): void {
  const pipes = new Pipes();
  redirectSpawn(readers, pipes);
  for (const name of ["spawnSync", "execFileSync", "execSync"] as const) {
    const original = childProcess[name] as Call;
    const redirected: Call = (...args) => {
      const at = args.findIndex((arg) => isOptions(arg));
      const redirection = at < 0 ? null : redirect((args[at] as Options).stdio, readers, pipes);
      if (redirection === null) return original(...args);
      const options = {...(args[at] as Options), stdio: redirection.stdio};
      try {
        return original(...args.with(at, options));
      } finally {
        redirection.close();
        readers.catchUp(redirection.fds);
      }
    };
    Object.assign(childProcess, {[name]: alike(redirected, original)});
  }
  syncBuiltinESMExports();
}

/** Redirects at the one method to which `spawn`, `fork`, `exec` and `execFile` all lead. */
function redirectSpawn(readers: ChildReaders, pipes: Pipes): void {
  const prototype = childProcess.ChildProcess.prototype as unknown as {spawn: Spawn};
  const {spawn} = prototype;
  const redirected: Spawn = function (options) {
    if (!readers.isWanted()) return spawn.call(this, options);
    const redirection = redirect(options.stdio, readers, pipes);
    const {stdio, fds, close} = redirection ?? {stdio: options.stdio, fds: [], close() {}};
    const carried = readers.carry();
    try {
      return spawn.call(this, {...options, stdio});
    } finally {
      close();
      for (const stream of [this.stdout, this.stderr]) if (stream) aroundEvents(stream, carried);
      aroundEvents(this, (work, event) => {
        if (fds.length > 0 && (event === "exit" || event === "message")) readers.catchUp(fds);
        return carried(work);
      });
    }
  };
  prototype.spawn = alike(redirected as Call, spawn as Call) as Spawn;
}

function aroundEvents(
  emitter: EventEmitter,
  around: (work: () => unknown, event: unknown) => unknown,
): void {
  const emit = emitter.emit as Call;
  const value: Call = function (this: unknown, ...args) {
    return around(() => emit.apply(this, args), args[0]);
  };
  Object.defineProperty(emitter, "emit", {value, writable: true, configurable: true});
}

interface Redirection {
  stdio: unknown[];
  /** The ends of pipes that are read here. */
  fds: number[];
  /** Closes the child's ends of pipes in this process, once the child has them. */
  close(): void;
}

/**
 * Makes pipes for a child; null when it inherits neither stream, or nobody could read the pipes.
 */
function redirect(stdio: unknown, readers: ChildReaders, pipes: Pipes): Redirection | null {
  const entries = Array.isArray(stdio) ? (stdio as unknown[]) : [stdio, stdio, stdio];
  const names = entries.map(inherited);
  if (names.every((name) => name === null) || !readers.isWanted()) return null;
  const made = new Map<StreamName, {readFd: number; writeFd: number}>();
  try {
    for (const name of names) if (name && !made.has(name)) made.set(name, pipes.take());
  } catch {
    // Without pipes the child prints where this process does.
    return null;
  }
  for (const [name, {readFd}] of made) readers.read(readFd, name);
  return {
    stdio: entries.map((entry, index) => made.get(names[index]!)?.writeFd ?? entry),
    fds: [...made.values()].map(({readFd}) => readFd),
    close() {
      for (const {writeFd} of made.values()) closeSync(writeFd);
    },
  };
}

/** Tells which stream of this process an entry of `stdio` gives to the child; null: neither. */
function inherited(entry: unknown, index: number): StreamName | null {
  const fd =
    entry === "inherit" ? index : typeof entry === "object" && entry !== null ? fdOf(entry) : entry;
  return fd === 1 ? "stdout" : fd === 2 ? "stderr" : null;
}

function fdOf(stream: object): unknown {
  if (stream === process.stdout) return 1;
  if (stream === process.stderr) return 2;
  return (stream as {fd?: unknown}).fd;
}

function isOptions(value: unknown): value is Options {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function alike<F extends Call>(made: F, original: F): F {
  return Object.defineProperties(made, Object.getOwnPropertyDescriptors(original));
}
