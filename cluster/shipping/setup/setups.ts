// The setups of this process's program, or of its cells: what `cluster.setup` and `%%setup` were given.
// All tasks need them.

import type {ShippedPart} from "../../backend.js";
import {CannotShipError, UsageError} from "../../errors.js";
import type {ObjectId} from "../../ids.js";
import {processTag} from "../names/symbols.js";
import {capture} from "../capture.js";
import {textOf} from "../source/texts.js";
import {isDoneHere} from "./done.js";
import {nextOrder, stepPart} from "./step.js";
import {watchNoMore} from "../modules/watched.js";

/** More than anybody writes by hand: a loop that never stops adding them is told. */
const maxSetups = 1000;

interface Setup {
  order: number;
  fn: object;
  /** The execution of a cell that it comes from. */
  run: string;
  /** By which a later one takes its place; "" for none. */
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

/** What every task needs; another object after each change. */
export const commonSteps = (): CommonSteps => common;

export interface SetupPlace {
  /** Two setups of one name: the later one takes the other's place. */
  name?: string | undefined;
  /** The cell in the notebook and this execution of it; "" where they are not known. */
  cell: string;
  run: string;
  label: string;
}

/**
 * Ships the function as of now. From the next submission on every task has it run before. What is
 * given back tells that this process has run it by itself.
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

/** The cell's n-th in this execution takes the place of its n-th before; others of before go. */
function keyIn(cell: string, run: string): string {
  if (cell === "") return "";
  const ofCell = setups.filter(({key}) => key.startsWith(`cell ${cell} `));
  const now = ofCell.filter((setup) => setup.run === run).length;
  return `cell ${cell} ${now}`;
}

/** Without a word of which cell it is in: the same text, run again. */
function isSameAgain(setup: Setup, fn: object, run: string): boolean {
  return setup.key === "" && setup.run !== run && textOf(setup.fn) === textOf(fn);
}

/** The cell has come to its end: its setups of a former execution that it has no more are forgotten. */
export function setupsEnded(cell: string, run: string): void {
  const isOld = (setup: Setup) => setup.key.startsWith(`cell ${cell} `) && setup.run !== run;
  if (cell !== "" && setups.some(isOld)) change(setups.filter((setup) => !isOld(setup)));
}

function change(to: Setup[]): void {
  setups = to.toSorted((a, b) => a.order - b.order);
  const parts = new Map(setups.flatMap((setup) => setup.parts).map((part) => [part.hash, part]));
  common = {parts: [...parts.values()], refs: setups.flatMap(({refs}) => refs)};
}
