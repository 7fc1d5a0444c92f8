// What console.table makes of its argument, by Node's rules: a row for each property, element or
// entry; a column for each key of the rows, and one for values that have none.

import {types} from "node:util";
import {isObject, propertiesOf, valueAt, type Property} from "./properties.js";
import {maxAskedRows, maxColumns, noCell, type Table} from "./table.js";

/** Columns that are looked for. */
const maxKeys = 1000;

/** `only`: the columns that are wanted; then there is none for values. */
export function tabular(data: object, only?: readonly string[]): Table {
  const {total, take} = propertiesOf(data);
  const {first} = take(maxAskedRows);
  if (types.isMap(data) || types.isSet(data)) return ofEntries(data, first, total);
  const keys = new Set<string>();
  let hasValues = false;
  for (const {value} of first) {
    if (!isRow(value)) hasValues = only === undefined;
    else for (const {key} of propertiesOf(value).take(maxKeys).first) keys.add(String(key));
  }
  const wanted = only ?? [...keys];
  const columns = wanted.slice(0, maxColumns);
  const rows = first.map(({value}) => [
    ...columns.map((key) =>
      isRow(value) && Object.hasOwn(value, key) ? valueAt(value, key) : noCell,
    ),
    ...(hasValues ? [isRow(value) ? noCell : value] : []),
  ]);
  return {
    columns: hasValues ? [...columns, "Values"] : columns,
    rows,
    names: first.map(({key}, index) => String(key ?? index)),
    ...{rowCount: total, columnCount: wanted.length + (hasValues ? 1 : 0)},
  };
}

function ofEntries(data: object, entries: readonly Property[], rowCount: number): Table {
  const isMap = types.isMap(data);
  return {
    columns: isMap ? ["Key", "Values"] : ["Values"],
    rows: entries.map(({key, value}) => (isMap ? [key, value] : [value])),
    ...{rowCount, columnCount: isMap ? 2 : 1},
  };
}

function isRow(value: unknown): value is object {
  return isObject(value) && !types.isProxy(value);
}

/** The part of `data` that is shown, for whoever prints it. */
export function shownPart(data: object): object {
  if (Array.isArray(data)) return data.length > maxAskedRows ? data.slice(0, maxAskedRows) : data;
  const {first, more} = propertiesOf(data).take(maxAskedRows);
  if (more === 0) return data;
  if (types.isMap(data)) return new Map(first.map(({key, value}) => [key, value]));
  if (types.isSet(data)) return new Set(first.map(({value}) => value));
  return Object.fromEntries(first.map(({key, value}) => [key as PropertyKey, value]));
}
