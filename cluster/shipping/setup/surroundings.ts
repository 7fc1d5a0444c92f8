// The environment and the working folder of a program at the moment of a `.remote()`, as its task
// finds them. Only differences from where the workers began travel with a task's code.
//
// To read an environment takes some 13 µs, half of a whole `.remote()`. So only the first calls of
// a turn of the event loop read it, as many as `lookAtEnvironment` says.

import {createHash} from "node:crypto";
import {hostname} from "node:os";
import process from "node:process";
import type {ShippedPart} from "../../backend.js";
import {PackedFlag, packTree, unpackTree} from "../../packing/pack.js";
import {ClusterError} from "../../errors.js";

interface Changes {
  /** Null for a variable that is not set. */
  env: Record<string, string | null>;
  /** Null for the folder where the worker began. */
  folder: string | null;
}

const prefix = "surroundings ";
const soon = queueMicrotask;

/** Nobody writes more calls by hand with changes of the environment between them. */
let looksPerTurn = 16;
let looks = 0;

/**
 * Sets how many submissions of one turn read the environment. Later ones take it as it was then.
 */
export function lookAtEnvironment(times: number): void {
  looksPerTurn = times;
}

/** What has changed in this process since this object was made. */
export class Surroundings {
  readonly #base = {...process.env};
  readonly #baseFolder = currentFolder();
  /** The environment when it was read last. */
  #names: string[] = [];
  #values: (string | undefined)[] = [];
  #env: Changes["env"] = {};
  #folder = this.#baseFolder;
  #part: ShippedPart | undefined;

  /** The part for the changes; undefined while nothing has changed. */
  part(): ShippedPart | undefined {
    const folder = currentFolder();
    const isSame = !this.#hasChanged() && folder === this.#folder;
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

  /** Reads the environment, unless this turn has read it often enough. */
  #hasChanged(): boolean {
    if (looks === 0) soon(() => (looks = 0));
    if (looks++ >= looksPerTurn) return false;
    const names = Object.getOwnPropertyNames(process.env);
    const isSame =
      names.length === this.#names.length &&
      names.every((name, i) => name === this.#names[i] && process.env[name] === this.#values[i]);
    if (isSame) return false;
    this.#names = names;
    this.#values = names.map((name) => process.env[name]);
    this.#env = changesOf(process.env, this.#base);
    return true;
  }
}

function changesOf(now: NodeJS.ProcessEnv, base: NodeJS.ProcessEnv): Changes["env"] {
  const env: Changes["env"] = {};
  for (const [name, value] of Object.entries(now))
    if (value !== undefined && value !== base[name]) env[name] = value;
  for (const name of Object.keys(base)) if (!(name in now)) env[name] = null;
  return env;
}

function partOf(changes: Changes): ShippedPart {
  const frame = packTree(changes, PackedFlag.plain);
  return {hash: prefix + createHash("sha1").update(frame).digest("hex"), frames: [frame]};
}

/** The working folder; null for a folder that is gone, since nobody can be sent there. */
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
/** What this process itself had where it was changed. */
const own: {env: Map<string, string | undefined>; folder: string | null} = {
  env: new Map(),
  folder: null,
};

/** Gives this process the surroundings that have come with a task's code. */
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
