// Imports of cells for their side effects, which workers have to repeat.
//
// A task needs the imports of the cells that its code comes from, and of the cells that import what
// it uses: `import * as tf from "…"; import "…-backend";` is often the first cell, and the
// functions stand in later ones.

import type {ShippedPart} from "../../backend.js";
import {processTag} from "../names/symbols.js";
import {host} from "../names/host.js";
import type {Origins} from "../../codec/codec.js";
import {isDoneHere} from "./done.js";
import {changeIsKnown} from "../modules/watched.js";
import {type EncodeStep, nextOrder, stepPart} from "./step.js";

interface Effect {
  order: number;
  specifier: string;
  namespace: object;
  /** Cells that have this import, and what they import beside it. */
  sources: Set<string>;
  beside: Set<string>;
  part?: ShippedPart;
  needs: ShippedPart[];
}

const effects = new Map<string, Effect>();
const none: ShippedPart[] = [];
let changes = 0;

/** Grows with each noted import. */
export const effectsVersion = (): number => changes;

/** Notes `import "x"` of a cell. `beside`: what else the cell imports. */
export function noteEffect(source: string, namespace: object, beside: readonly string[]): void {
  const name = host.describe(namespace);
  if (name === undefined) return;
  const key = name.module?.key ?? name.specifier;
  const known = effects.get(key);
  const effect: Effect = known ?? {
    order: nextOrder(),
    specifier: name.specifier,
    namespace,
    sources: new Set(),
    beside: new Set(),
    needs: none,
  };
  effect.sources.add(source);
  for (const specifier of beside) effect.beside.add(specifier);
  effects.set(key, effect);
  changes++;
  changeIsKnown();
}

/** Finds the steps before `below` that a value of such origins needs, with what they need. */
export function effectsFor(origins: Origins, below: number, encodeStep: EncodeStep): ShippedPart[] {
  if (effects.size === 0) return none;
  const used = new Set([...origins.modules, ...origins.localModules.values()]);
  const isNeeded = ({order, sources, beside}: Effect) =>
    order < below && (meet(sources, origins.sources) || meet(beside, used));
  return [...effects.values()].filter(isNeeded).flatMap((effect) => partsOf(effect, encodeStep));
}

function meet(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  return [...some].some((each) => others.has(each));
}

function partsOf(effect: Effect, encodeStep: EncodeStep): ShippedPart[] {
  if (!effect.part) {
    const {order, namespace, specifier} = effect;
    const label = `\`import "${specifier}"\``;
    const {frames, parts} = encodeStep(order, namespace, label);
    const needs = parts.map(({hash}) => hash);
    effect.needs = parts;
    const head = {kind: "load", label, needs, hash: ""} as const;
    effect.part = stepPart(order, `${processTag}.import`, head, frames);
    isDoneHere(effect.part.hash);
  }
  return [...effect.needs, effect.part];
}
