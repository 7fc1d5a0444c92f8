// Calls and assignments of a cell on a package at its top level (`Decimal.set({…})`,
// `dayjs.extend(utc)`, `axios.defaults.baseURL = …`) are repeated in workers, before tasks that use
// the package.
//
// Every assignment is repeated. A call is repeated in two cases: when the package visibly changed
// by it, or when its name says that it configures and it does not give back one of its arguments.
// (`_.set(object, …)` gives one back, so it changed that object.) Any other call that gives back
// nothing, or a part of the package, may have set up something that can't be seen: tasks that use
// the package have this said, once. Calls on anything but packages are not repeated, since Node's
// modules and local ones have effects on the world.

import {isBuiltin} from "node:module";
import type {ShippedPart} from "../../backend.js";
import {processTag} from "../names/symbols.js";
import {CannotShipError} from "../../errors.js";
import {host} from "../names/host.js";
import {ByName, type ImportedName} from "../names/imported-names.js";
import {packageName, requireFace} from "../modules/packages.js";
import type {Origins} from "../../codec/codec.js";
import {isDoneHere} from "./done.js";
import type {Last, Replayed, Way} from "./replayed.js";
import {type EncodeStep, nextOrder, stepPart} from "./step.js";
import {changeIsKnown} from "../modules/watched.js";
import {changedMember, visibleState, type VisibleState} from "../modules/visible-state.js";

/** A statement of a cell, as the emitter describes it. */
export interface Site {
  /** `Cell In[3]`. */
  source: string;
  /** For notes: the statement, or its beginning. */
  text: string;
  /**
   * The way from the imported value to the last member: a name, or null for a call of the last
   * value.
   */
  way: readonly (PropertyKey | null)[];
  /** "call" calls the value that the way leads to; "object" is `Object.assign` and its kind. */
  last: "call" | "set" | "delete" | "object";
  /** The member that is set or deleted, or the name of Object's method. */
  name?: PropertyKey;
}

interface Begun {
  site: Site;
  root: object;
  origin: ImportedName;
  /** The arguments of each call, in order. */
  calls: unknown[][];
  state: VisibleState | null;
}

interface Replay {
  order: number;
  origin: ImportedName;
  /** Null for a call that may have mattered but can't be repeated. */
  data: Replayed | null;
  label: string;
  /** Why the statement can't be repeated. */
  refused?: string;
  needs: readonly ShippedPart[];
  part?: ShippedPart;
}

/** The limit for one session. In a loop, a statement counts each time. */
const maxReplays = 1000;
/**
 * The limit for statements that have begun: of cells that interleave, and statements that threw.
 */
const maxBegun = 100;
/** How many turns of a loop are looked at: to look at a large package takes a millisecond. */
const maxTurns = 25;

const configures =
  /(^(set|config|configure|extend|use|mixin|import|plugin|register|install|enable|disable|define|locale|updateLocale|seed|override)(?![a-z]))|Default/;
const prepares = /^(init|initialize|connect|open|start|load|setup|prepare|bootstrap)(?![a-z])/;

const replays: Replay[] = [];
const noted = new Set<string>();
const turns = new Map<string, number>();
/** Statements that have begun, by id. A statement that throws never ends. */
let begun = new Map<string, Begun>();
let changes = 0;
/** Grows with each noted statement. */
export const replaysVersion = (): number => changes;

/**
 * What emitted code calls around such a statement: `end(id, (begin(id, …), f.g(...args(id,
 * […]))))`.
 */
export const statements = {
  begin(id: string, root: unknown, site: Site): void {
    begun.delete(id);
    const turn = (turns.get(id) ?? 0) + 1;
    turns.set(id, turn);
    if (turn > maxTurns || replays.length >= maxReplays) return;
    const origin = host.describe(root);
    if (origin === undefined || !mayRepeat(origin, site)) return;
    if (begun.size >= maxBegun) begun = new Map();
    const state = site.last === "call" ? visibleState(root as object) : null;
    begun.set(id, {site, root: root as object, origin, calls: [], state});
  },

  args(id: string, list: unknown[]): unknown[] {
    begun.get(id)?.calls.push([...list]);
    return list;
  },

  end<T>(id: string, value: T): T {
    const found = begun.get(id);
    begun.delete(id);
    if (found) note(found, value);
    return value;
  },
};

function mayRepeat({specifier, module}: ImportedName, {last}: Site): boolean {
  if (specifier === "tasklab") return false;
  const name = packageName(specifier.replace(requireFace, ""));
  return last !== "call" || (module === undefined && name !== undefined);
}

function note(found: Begun, value: unknown): void {
  const {site, root, origin, calls, state} = found;
  const {source, text, last} = site;
  const args = calls.flat();
  if (last === "call") {
    const hasChanged = changedMember(state!, visibleState(root)) !== undefined;
    const called = String(site.way.findLast((step) => step !== null) ?? nameOf(root));
    const isOfArguments = args.some((each) => Object.is(each, value));
    if (!hasChanged && (isOfArguments || !configures.test(called))) {
      const isSilent = value === undefined || isOfPackage(value, origin);
      if (isOfArguments || !(isSilent || prepares.test(called))) return;
      return add({origin, data: null, label: `\`${text}\` of ${source}`});
    }
  }
  add({origin, data: dataOf(found, value), label: `\`${text}\` of ${source}`});
}

function add(replay: Pick<Replay, "origin" | "data" | "label">): void {
  replays.push({order: nextOrder(), needs: [], ...replay});
  changes++;
  changeIsKnown(replay.origin.specifier);
}

function nameOf(value: unknown): string {
  return typeof value === "function" ? value.name : "";
}

function isOfPackage(value: unknown, {specifier}: ImportedName): boolean {
  return host.describe(value)?.specifier === specifier;
}

function dataOf({site, origin, calls}: Begun, value: unknown): Replayed {
  const {way, last, name} = site;
  let call = 0;
  const steps = way.map((step): Way =>
    step === null ? ["call", calls[call++] ?? []] : ["get", step],
  );
  const lasts: Record<Site["last"], () => Last> = {
    call: () => ["call", calls[call] ?? []],
    set: () => ["set", name!, value],
    delete: () => ["delete", name!],
    object: () => ["object", name as string, calls[call] ?? []],
  };
  return [new ByName(origin), steps, lasts[last]()];
}

const importsLate = /\b(import|require)\s*\(/;

/** Finds the steps before `below` that a value of such origins needs, with what they need. */
export function replaysFor(
  {modules, localModules, codes}: Origins,
  below: number,
  encodeStep: EncodeStep,
): ShippedPart[] {
  if (replays.length === 0) return [];
  const keys = new Set([...localModules.keys()].map(({key}) => key));
  // Local modules, and modules that are imported later, may use any package.
  const usesAll = localModules.size > 0 || codes.some(({text}) => importsLate.test(text));
  const isUsed = ({specifier, module}: ImportedName) =>
    module ? keys.has(module.key) : usesAll || isBuiltin(specifier) || modules.has(specifier);
  return replays
    .filter(({order, origin}) => order < below && isUsed(origin))
    .flatMap((replay) => partsOf(replay, encodeStep));
}

function partsOf(replay: Replay, encodeStep: EncodeStep): readonly ShippedPart[] {
  if (replay.data === null) return say(replay, "may have set something up here, which");
  if (replay.refused !== undefined) return [];
  try {
    return (replay.part ??= partOf(replay, encodeStep)) && [...replay.needs, replay.part];
  } catch (error) {
    if (!(error instanceof CannotShipError)) throw error;
    replay.refused = error.message;
    return say(replay, `can't be repeated there (${error.message}), so that it`);
  }
}

function partOf(replay: Replay, encodeStep: EncodeStep): ShippedPart {
  const {data, label, order} = replay;
  const {frames, parts} = encodeStep(order, data, label);
  replay.needs = parts;
  const head = {kind: "replay", label, needs: parts.map(({hash}) => hash), hash: ""} as const;
  const part = stepPart(order, `${processTag}.call`, head, frames);
  isDoneHere(part.hash);
  return part;
}

/** Tells the user, once for each statement. */
function say({label, origin: {specifier}}: Replay, what: string): [] {
  if (noted.has(label)) return [];
  noted.add(label);
  host.note(
    `${label} ${what} does not hold in tasks that use "${specifier}"; cluster.setup(() => { … }), or a cell with %%setup, does it in each worker`,
  );
  return [];
}
