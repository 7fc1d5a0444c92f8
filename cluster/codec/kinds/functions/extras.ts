// What a function has beside its text and its captured values: own properties, another prototype,
// and properties of its `prototype`.

import type {Dismantler} from "../../dismantle.js";
import type {AnyFunction} from "../../elsewhere.js";
import {extrasOf, type Shape} from "../../shapes.js";
import {
  hasOnly,
  type UsualProperties,
  usualOfFunction,
  usualOfPrototype,
} from "../../../shipping/functions/as-written.js";
import {classOfPrototype} from "../../../shipping/functions/class-members.js";
import type {BoundParts} from "../../../shipping/functions/closure-inspector.js";
import type {Analysis} from "../../../shipping/source/code.js";

export function functionExtras(fn: AnyFunction, analysis: Analysis, to: Dismantler): Shape | null {
  const shape = extrasOf(to, fn, usualPrototypeOf(analysis), undefined, usualOf(fn, analysis));
  if (shape) to.mayChange();
  return shape;
}

/** The shape of a constructor function's own `prototype`, when somebody has changed that. */
export function prototypeExtras(fn: AnyFunction, analysis: Analysis, to: Dismantler): Shape | null {
  if (!hasOwnPrototype(fn, analysis)) return null;
  const {prototype} = fn as unknown as {prototype: object};
  const {isAsync, isGenerator} = analysis.written;
  const usual = isGenerator ? new Map() : usualOfPrototype(fn, analysis.written);
  const above = isGenerator ? generatorPrototypes[isAsync ? 1 : 0] : Object.prototype;
  const shape = extrasOf(to, prototype, above, undefined, usual);
  if (shape) to.mayChange();
  return shape;
}

/**
 * Tells whether the function's `prototype` is the one that it was made with. Another object travels
 * as a property of the function.
 */
function hasOwnPrototype(fn: AnyFunction, {form, written}: Analysis): boolean {
  const {isAsync, isGenerator} = written;
  if (form === "arrow" || (!isGenerator && (isAsync || form === "method"))) return false;
  const prototype: unknown = Object.getOwnPropertyDescriptor(fn, "prototype")?.value;
  if (typeof prototype !== "object" || prototype === null) return false;
  if (!isGenerator) return classOfPrototype(prototype) === fn;
  return Object.getPrototypeOf(prototype) === generatorPrototypes[isAsync ? 1 : 0];
}
const generators = [function* () {}, async function* () {}];
const generatorPrototypes = generators.map(
  ({prototype}) => Object.getPrototypeOf(prototype) as object,
);

function usualOf(fn: AnyFunction, analysis: Analysis): UsualProperties {
  return usualOfFunction(fn, analysis.written, hasOwnPrototype(fn, analysis));
}

/** The prototype that a function of this kind has. */
function usualPrototypeOf({written: {isAsync, isGenerator}}: Analysis): unknown {
  return functionPrototypes[(isAsync ? 1 : 0) + (isGenerator ? 2 : 0)];
}
const functionPrototypes: unknown[] = [
  Function.prototype,
  Object.getPrototypeOf(async () => {}),
  ...generators.map((generator) => Object.getPrototypeOf(generator) as unknown),
];

/** Tells whether the function has exactly what its text gives it. */
export function isAsWritten(fn: AnyFunction, analysis: Analysis): boolean {
  return (
    Object.getPrototypeOf(fn) === usualPrototypeOf(analysis) && hasOnly(fn, usualOf(fn, analysis))
  );
}

export function boundExtras(
  fn: AnyFunction,
  {target, args}: BoundParts,
  to: Dismantler,
): Shape | null {
  const rest = Math.max(0, (target as AnyFunction).length - args.length);
  const usual = usualOfFunction(fn, {length: rest}, false);
  return extrasOf(to, fn, Object.getPrototypeOf(target), undefined, usual);
}
