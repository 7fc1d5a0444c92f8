// The setups of this process's program, or of its cells: functions that `cluster.setup` and
// `%%setup` were given. All tasks need them.

import type {ShippedPart} from "../../backend.js";
import {CannotShipError, UsageError} from "../../errors.js";
import type {ObjectId} from "../../ids.js";
import {processTag} from "../names/symbols.js";
import {capture} from "../capture.js";
import {textOf} from "../source/texts.js";
import {isDoneHere} from "./done.js";
import {nextOrder, stepPart} from "./step.js";
import {watchNoMore} from "../modules/watched.js";

/** More setups than anybody writes by hand: a loop that never stops adding them gets an error. */
const maxSetups = 1000;

interface Setup {
  order: number;
  fn: object;
  /** The execution of a cell that the setup comes from. */
  run: string;
  /** A later setup of the same key takes the place of this one; "" for no key. */
  key: string;
  parts: readonly ShippedPart[];
  refs: readonly ObjectId[];
}

export interface CommonSteps {
  parts: readonly ShippedPart[];
  refs: readonly ObjectId[];
}

let setups: Setup[] = [];
let common: CommonSteps = {parts: [], refs: []};
let added = 0;

/** The steps that every task needs; another object after each change. */
export const commonSteps = (): CommonSteps => common;

export interface SetupPlace {
  /** Of two setups with one name, the later one takes the other's place. */
  name?: string | undefined;
  /** The cell in the notebook, and this execution of it; "" where they are not known. */
  cell: string;
  run: string;
  label: string;
}

/**
 * Ships the function as it is now. From the next submission on, every task has the function run
 * before. The function that is given back notes that this process has run the setup itself.
 */
export function addSetup(fn: () => unknown, {name, cell, run, label}: SetupPlace): () => void {
  const {code, refs, assigned, modules} = capture(fn, "setup");
  if (assigned.length > 0) {
    const [variable] = assigned as [string];
    throw new CannotShipError(
      `the setup function assigns to \`${variable}\`, a variable outside of it: each worker would assign to a copy, which no task sees; ` +
        `put the value where tasks find it, for example \`globalThis.${variable} = …\``,
      [variable],
    );
  }
  watchNoMore(modules);
  const key = name === undefined ? keyIn(cell, run) : `name ${name}`;
  const former = setups.find((setup) =>
    key === "" ? isSameAgain(setup, fn, run) : setup.key === key,
  );
  if (former === undefined && setups.length >= maxSetups)
    throw new UsageError(`cluster.setup: there are ${maxSetups} setups already; is it in a loop?`);
  const order = former?.order ?? nextOrder();
  const head = {kind: "setup", label, needs: code.parts.map(({hash}) => hash)} as const;
  const step = stepPart(order, `${processTag}.${++added}`, {...head, hash: code.hash}, code.frames);
  const setup = {order, fn, run, key, parts: [...code.parts, step], refs};
  change(former ? setups.map((each) => (each === former ? setup : each)) : [...setups, setup]);
  return () => isDoneHere(step.hash);
}

/**
 * The key of a cell's n-th setup: it takes the place of the n-th one in the execution before.
 * Others of that execution go.
 */
function keyIn(cell: string, run: string): string {
  if (cell === "") return "";
  const ofCell = setups.filter(({key}) => key.startsWith(`cell ${cell} `));
  const now = ofCell.filter((setup) => setup.run === run).length;
  return `cell ${cell} ${now}`;
}

/** Tells whether the same text was run again, where the cell is not known. */
function isSameAgain(setup: Setup, fn: object, run: string): boolean {
  return setup.key === "" && setup.run !== run && textOf(setup.fn) === textOf(fn);
}

/**
 * Forgets setups of a former execution that the cell no longer has. To be called when the cell has
 * ended.
 */
export function setupsEnded(cell: string, run: string): void {
  const isOld = (setup: Setup) => setup.key.startsWith(`cell ${cell} `) && setup.run !== run;
  if (cell !== "" && setups.some(isOld)) change(setups.filter((setup) => !isOld(setup)));
}

function change(to: Setup[]): void {
  setups = to.toSorted((a, b) => a.order - b.order);
  const parts = new Map(setups.flatMap((setup) => setup.parts).map((part) => [part.hash, part]));
  common = {parts: [...parts.values()], refs: setups.flatMap(({refs}) => refs)};
}
