// Options as users write them: objects whose every value is checked by a rule of its own.

import {nearest} from "../nearest.js";
import {UsageError} from "../errors.js";

/** Says what must be true of a value; null when it is true. */
export type Rule = (value: unknown) => string | null;

export interface Subject {
  /** Completes "numCpus: -1 …": " of `multiply`". */
  of: string;
  /** Options that are planned but not there yet. */
  planned?: ReadonlySet<string>;
  /** Options of something else, each with what to write instead. */
  elsewhere?: Readonly<Record<string, string>>;
}

/**
 * Gives the options that are set; throws a UsageError that names the option, its value and what is
 * allowed.
 */
export function checkAll<Options extends object>(
  options: Options,
  rules: Record<keyof Options & string, Rule>,
  {of, planned, elsewhere = {}}: Subject,
): Options {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new UsageError(
      `options${of}: ${show(options)}: must be an object such as {${Object.keys(rules)[0]}: 2}`,
    );
  }
  const checked: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, key) ? rules[key as keyof Options & string] : undefined;
    if (planned?.has(key)) throw new UsageError(`${key}${of}: not in this version; leave it out`);
    if (rule === undefined && Object.hasOwn(elsewhere, key))
      throw new UsageError(`${key}${of}: ${elsewhere[key]}`);
    if (rule === undefined)
      throw new UsageError(`unknown option ${key}${of}: ${hint(key, Object.keys(rules))}`);
    if (value === undefined) continue;
    const wrong = rule(value);
    if (wrong !== null) throw new UsageError(`${key}: ${show(value)}${of}: ${wrong}`);
    checked[key] = value;
  }
  return checked as Options;
}

/** Amounts of resources are counted in steps of this. */
const precision = 0.0001;
export const roundAmount = (value: number) => Math.round(value / precision) / (1 / precision);

export function amount(value: unknown): string | null {
  if (typeof value !== "number" || !(value >= 0) || value === Infinity)
    return "must be a number ≥ 0";
  return value > 0 && roundAmount(value) === 0 ? `must be 0 or at least ${precision}` : null;
}

export function wholeAboveOne(value: unknown): string | null {
  const wrong = amount(value);
  if (wrong !== null) return wrong;
  return (value as number) <= 1 || Number.isInteger(value)
    ? null
    : "must be a whole number when above 1";
}

export const wholeAtLeast =
  (least: number, unit = ""): Rule =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least
      ? null
      : `must be a whole number${unit && ` of ${unit}`} ≥ ${least}`;

/** {tpu: 1}: names that are not options of their own, and amounts. */
export function namedAmounts(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "must be an object such as {tpu: 1}";
  }
  for (const [name, count] of Object.entries(value)) {
    if (/^(cpu|gpu|memory)s?$/i.test(name)) return `"${name}" has an option of its own`;
    const wrong = amount(count);
    if (wrong !== null) return `"${name}" ${wrong}`;
  }
  return null;
}

function hint(key: string, known: string[]): string {
  const near = nearest(key, known);
  return near === undefined ? `known are ${known.join(", ")}` : `did you mean ${near}?`;
}

export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return value.name || "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(", ")}]`;
  try {
    return JSON.stringify(value) ?? "an object";
  } catch {
    return "an object";
  }
}
