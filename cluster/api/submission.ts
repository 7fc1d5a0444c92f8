// A call on its way to a backend: its arguments are shipped, refs of other backends brought along,
// and its result has a ref at once.

import type {
  ActorPart,
  Backend,
  ShippedCode,
  ShippedPart,
  TaskCall,
  TaskOptions,
} from "../backend.js";
import {crosses, isHeldUp, submitAcross} from "./bridge.js";
import {ambient, travellingContext} from "../context/context.js";
import {CannotShipError, UsageError} from "../errors.js";
import {actorHeldBy, taskOf, type ObjectId} from "../ids.js";
import {ObjectRef} from "./object-ref.js";
import {checkHeld, findHome, holdNew, passedOn} from "./refs.js";
import {capture, withParts} from "../shipping/capture.js";
import {noteLarge, noteRepeated} from "../shipping/large.js";
import {encodeWithSteps} from "../shipping/setup/needed.js";
import {commonSteps} from "../shipping/setup/setups.js";

export interface Submission {
  result: ObjectId;
  /** The name in diagrams and errors. */
  fn: string;
  code: ShippedCode;
  /** Objects whose refs the code holds. */
  captured: ObjectId[];
  /** The call's own list. */
  args: unknown[];
  options: TaskOptions;
  actor?: ActorPart;
}

export function submit(submission: Submission, backend: Backend): ObjectRef {
  const {result: id, fn, code, captured, args, options, actor} = submission;
  const argRefs = takeRefs(args, fn);
  const {
    frames,
    refs: nested,
    parts,
    sizeBytes,
  } = shipping(fn, () => encodeWithSteps(args, `the arguments of \`${fn}\``));
  noteRepeated(fn, args, sizeBytes);
  const ofSetups = commonSteps().refs;
  const nestedRefs =
    captured.length + ofSetups.length === 0 ? nested : [...captured, ...ofSetups, ...nested];
  for (const object of nestedRefs) checkStays(object, backend, fn);

  const context = travellingContext();
  const call: TaskCall = {
    task: taskOf(id),
    fn,
    code: prepared(parts.length === 0 ? code : withParts(code, parts), backend),
    args: frames,
    argRefs,
    nestedRefs,
    options,
    context,
    ...(actor && {actor}),
  };
  const result = holdNew(id, {backend, fn, cell: context.cell, seen: false});
  let isHeld = actor?.kind === "call" && isHeldUp(actor.actor);
  for (const {object} of argRefs) isHeld = pass(object, backend) || isHeld;
  for (const object of nestedRefs) isHeld = pass(object, backend) || isHeld;
  if (isHeld) submitAcross(call, backend);
  else backend.submit(call);
  return result;
}

/** The code with what its process has to do before: setups, and those of the task that submits. */
function prepared(code: ShippedCode, backend: Backend): ShippedCode {
  const {parts} = commonSteps();
  const surroundings = backend.surroundings();
  const inherited = ambient().arrivals?.steps ?? parts;
  if (parts.length === 0 && surroundings === undefined && inherited.length === 0) return code;
  const known = preparedCodes.get(code);
  const isKnown =
    known?.parts === parts && known.surroundings === surroundings && known.inherited === inherited;
  if (isKnown) return known.code;
  const all = [...(surroundings ? [surroundings] : []), ...parts, ...inherited];
  const made = withParts(code, all);
  preparedCodes.set(code, {parts, surroundings, inherited, code: made});
  return made;
}
interface Prepared {
  parts: readonly ShippedPart[];
  surroundings: ShippedPart | undefined;
  inherited: readonly ShippedPart[];
  code: ShippedCode;
}
/** Most tasks are of a function that was submitted before. */
const preparedCodes = new WeakMap<ShippedCode, Prepared>();

/** Captures a function: its code, and the objects whose refs it captures, as of now. */
export function captureNamed(
  fn: (...args: never[]) => unknown,
  name: string,
): {code: ShippedCode; captured: ObjectId[]} {
  const {code, refs, large} = shipping(name, () => capture(fn, name));
  noteLarge(name, large);
  return {code, captured: refs};
}

/** Takes top-level refs out of the arguments. */
function takeRefs(args: unknown[], fn: string): TaskCall["argRefs"] {
  const argRefs: TaskCall["argRefs"] = [];
  args.forEach((arg, index) => {
    if (!(arg instanceof ObjectRef)) return;
    checkHeld(arg, `\`${fn}\`, argument ${index}`);
    argRefs.push({index, object: arg.id});
    args[index] = undefined;
  });
  return argRefs;
}

/** A value can be brought to another backend, an actor can't. */
function checkStays(object: ObjectId, backend: Backend, fn: string): void {
  if (actorHeldBy(object) === null) return;
  const home = findHome(object);
  if (home === undefined || home.backend === backend || backend.can.runHere) return;
  throw new UsageError(
    `\`${fn}\` can't take the actor \`${home.fn || "…"}\` along: it lives in another cluster, or in this process; ` +
      "make it where its callers run",
  );
}

/** True when the task has to wait for the object on this side of the seam. */
function pass(id: ObjectId, backend: Backend): boolean {
  passedOn(id);
  return crosses(id, backend);
}

/** Says which function it was that could not be shipped. */
function shipping<T>(name: string, ship: () => T): T {
  try {
    return ship();
  } catch (error) {
    if (error instanceof CannotShipError && !error.message.includes(`\`${name}\``)) {
      throw new CannotShipError(`${error.message} (on the way to \`${name}\`)`, error.path);
    }
    throw error;
  }
}
