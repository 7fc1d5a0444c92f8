// The environment and the working folder of a program, as its tasks find them: those of the moment of
// their `.remote()`. What differs from where the workers began travels with a task's code.
//
// To read an environment takes some 20 µs, as long as a whole `.remote()`: so it is looked at at the
// first of a turn, and at as many more as `lookAtEnvironment` says.

import {createHash} from "node:crypto";
import {hostname} from "node:os";
import process from "node:process";
import type {ShippedPart} from "../../backend.js";
import {PackedFlag, packTree, unpackTree} from "../../codec/pack.js";
import {ClusterError} from "../../errors.js";

interface Changes {
  /** Null: not set. */
  env: Record<string, string | null>;
  /** Null: where the worker began. */
  folder: string | null;
}

const prefix = "surroundings ";
const soon = queueMicrotask;

/** A program's loops of so many submissions are exact: each task has the environment of its own. */
let looksPerTurn = 1000;
let looks = 0;

/** How many submissions of one turn look at the environment anew. */
export function lookAtEnvironment(times: number): void {
  looksPerTurn = times;
}

/** What has changed in this process since this was made. */
export class Surroundings {
  readonly #base = {...process.env};
  readonly #baseFolder = currentFolder();
  #env: Changes["env"] = {};
  #folder = this.#baseFolder;
  #part: ShippedPart | undefined;

  /** Undefined while nothing has changed. */
  part(): ShippedPart | undefined {
    const folder = currentFolder();
    const isSame = folder === this.#folder && !this.#hasChanged();
    if (isSame) return this.#part;
    this.#folder = folder;
    const changes: Changes = {
      env: this.#env,
      folder: folder === this.#baseFolder ? null : folder,
    };
    const hasNone = changes.folder === null && Object.keys(changes.env).length === 0;
    this.#part = hasNone ? undefined : partOf(changes);
    return this.#part;
  }

  /** Looks at the environment, when it is time for that. */
  #hasChanged(): boolean {
    if (looks === 0) soon(() => (looks = 0));
    if (looks++ >= looksPerTurn) return false;
    const env = changesOf(process.env, this.#base);
    const names = Object.keys(env);
    const isSame =
      names.length === Object.keys(this.#env).length &&
      names.every((name) => env[name] === this.#env[name]);
    if (!isSame) this.#env = env;
    return !isSame;
  }
}

function changesOf(now: NodeJS.ProcessEnv, base: NodeJS.ProcessEnv): Changes["env"] {
  const env: Changes["env"] = {};
  let common = 0;
  for (const name of Object.keys(now)) {
    if (base[name] !== undefined) common++;
    const value = now[name];
    if (value !== undefined && value !== base[name]) env[name] = value;
  }
  const names = Object.keys(base);
  if (common < names.length) for (const name of names) if (!(name in now)) env[name] = null;
  return env;
}

function partOf(changes: Changes): ShippedPart {
  const frame = packTree(changes, PackedFlag.plain);
  return {hash: prefix + createHash("sha1").update(frame).digest("hex"), frames: [frame]};
}

/** A folder that is gone is no place to send anybody to. */
function currentFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

// ---- where tasks run ----

const noChanges: Changes = {env: {}, folder: null};
let entered = "";
/** What this process had itself of what has been changed. */
const own: {env: Map<string, string | undefined>; folder: string | null} = {
  env: new Map(),
  folder: null,
};

/** From now on this process has the surroundings that have come with a task's code. */
export function enterSurroundings(parts: readonly ShippedPart[]): void {
  const part = parts.length === 0 ? undefined : parts.find(isSurroundings);
  const hash = part?.hash ?? "";
  if (hash === entered) return;
  const {env, folder} = part ? (unpackTree(part.frames[0]!).tree as Changes) : noChanges;
  enterFolder(folder);
  for (const [name, value] of own.env) {
    if (Object.hasOwn(env, name)) continue;
    set(name, value ?? null);
    own.env.delete(name);
  }
  for (const [name, value] of Object.entries(env)) {
    if (!own.env.has(name)) own.env.set(name, process.env[name]);
    set(name, value);
  }
  entered = hash;
}

function isSurroundings({hash}: ShippedPart): boolean {
  return hash.startsWith(prefix);
}

function enterFolder(folder: string | null): void {
  const to = folder ?? own.folder;
  if (to === null) return;
  const from = currentFolder();
  if (from === to) return;
  try {
    process.chdir(to);
  } catch (error) {
    throw new ClusterError(
      `the working folder ${to} can't be entered on ${hostname()}: ${(error as Error).message}; %cd and process.chdir say where tasks run`,
      {cause: error},
    );
  }
  own.folder ??= from;
}

function set(name: string, value: string | null): void {
  if (value === null) delete process.env[name];
  else process.env[name] = value;
}
