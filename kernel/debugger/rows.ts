// Values as the variables' pane lists them: a line each, on the main thread, because only there
// they can be looked at. Nothing of the user's runs: getters are named, printing methods not
// called.

import {types} from "node:util";
import {isObject, Placeholder, propertiesOf, valueAt} from "../display/properties.js";
import {preview} from "../display/text.js";

export interface Row {
  name: string;
  text: string;
  canExpand: boolean;
  /** The row stands for these of its owner's properties, and not for a value. */
  range?: [from: number, to: number];
}

/** The values themselves, for V8 to hand out; their rows beside them, as JSON. */
export type Listed = unknown[] & {rows: string};

/** Rows of one list; what has more is listed in ranges. */
const maxRows = 100;
const maxValueChars = 200;

/** The properties `from` … `to` of an object, or (without) all of them. */
export function listProperties(object: object, from = 0, to = Infinity): Listed {
  const properties = propertiesAt(object);
  const end = Math.min(to, properties.total);
  if (end - from <= maxRows) {
    const listed = properties.take(from, end);
    return withRows(
      listed.map(({value}) => value),
      listed.map(({key, value}, index) => rowOf(nameOf(key, from + index), value)),
    );
  }
  let step = maxRows;
  while ((end - from) / step > maxRows) step *= maxRows;
  const rows: Row[] = [];
  for (let start = from; start < end; start += step) {
    const range: [number, number] = [start, Math.min(start + step, end)];
    rows.push({name: `${range[0]} … ${range[1] - 1}`, text: "", canExpand: true, range});
  }
  return withRows(
    rows.map(() => object),
    rows,
  );
}

/** Variables of the innermost scope come first, and hide others of their name. */
export function listScopes(scopes: readonly object[], self: unknown): Listed {
  const variables = new Map<string, unknown>();
  if (self !== undefined && self !== globalThis) variables.set("this", self);
  for (const scope of scopes)
    for (const name of Object.keys(scope))
      if (!isOwn(name) && !variables.has(name)) variables.set(name, valueAt(scope, name));
  return listVariables(variables);
}

/** What each name gives; those without a value so far (`let` before its line) are left out. */
export function listNames(read: Readonly<Record<string, () => unknown>>): Listed {
  const variables = new Map<string, unknown>();
  for (const [name, value] of Object.entries(read)) {
    if (isOwn(name)) continue;
    try {
      variables.set(name, value());
    } catch {
      // Its declaration has not run.
    }
  }
  return listVariables(variables);
}

export function listValue(value: unknown): Listed {
  return withRows([value], [rowOf("", value)]);
}

function listVariables(variables: ReadonlyMap<string, unknown>): Listed {
  return withRows(
    [...variables.values()],
    [...variables].map(([name, value]) => rowOf(name, value)),
  );
}

function withRows(values: unknown[], rows: Row[]): Listed {
  return Object.assign(values, {rows: JSON.stringify(rows)});
}

/** Names that emitted code uses for itself. */
function isOwn(name: string): boolean {
  return /^(__|\$span|\$error)/.test(name);
}

interface Listable {
  total: number;
  take(from: number, to: number): {key: unknown; value: unknown}[];
}

function propertiesAt(object: object): Listable {
  if (!Array.isArray(object) && !types.isTypedArray(object)) {
    const {total, take} = propertiesOf(object);
    return {total, take: (from, to) => take(to).first.slice(from)};
  }
  const at = (key: number) => ({key, value: valueAt(object, key)});
  return {
    total: object.length,
    take: (from, to) => Array.from({length: to - from}, (_, index) => at(from + index)),
  };
}

function nameOf(key: unknown, index: number): string {
  if (key === null || key === undefined) return String(index);
  return typeof key === "string" ? key : preview(key, maxValueChars, {customInspect: false});
}

function rowOf(name: string, value: unknown): Row {
  if (!types.isProxy(value) && value instanceof Placeholder)
    return {name, text: value.text, canExpand: false};
  const text = preview(value, maxValueChars, {customInspect: false});
  return {name, text, canExpand: canExpand(value)};
}

function canExpand(value: unknown): boolean {
  return isObject(value) && !types.isProxy(value) && propertiesAt(value).total > 0;
}
