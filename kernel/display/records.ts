// Arrays of records as tables: a result of a query, a CSV file, a list of measurements.

import {types} from "node:util";
import {isObject, isPlain, propertiesOf, valueAt} from "./properties.js";
import {maxColumns, maxRows, noCell, type Table} from "./table.js";

/** Keys of one record; with more it is no row of a table. */
const maxKeys = 200;
/** How much of the table has to be filled, and be no further object: else a tree says more. */
const leastFilled = 0.5;

/** The array as a table, when its elements are records of one kind. */
export function maybeRecords(array: readonly unknown[]): Table | null {
  const shown = Math.min(array.length, maxRows);
  const records: Record<string, unknown>[] = [];
  const columns = new Set<string>();
  let values = 0;
  for (let index = 0; index < shown; index++) {
    const record = valueAt(array, index);
    if (!isPlain(record)) return null;
    const properties = propertiesOf(record);
    if (properties.total === 0 || properties.total > maxKeys) return null;
    for (const {key, value} of properties.take(maxKeys).first) {
      if (typeof key !== "string") return null;
      columns.add(key);
      if (!isObject(value) || types.isDate(value)) values++;
    }
    records.push(record);
  }
  if (shown === 0 || values < leastFilled * shown * columns.size) return null;
  const names = [...columns].slice(0, maxColumns);
  return {
    columns: names,
    rows: records.map((record) =>
      names.map((name) => (Object.hasOwn(record, name) ? valueAt(record, name) : noCell)),
    ),
    rowCount: array.length,
    columnCount: columns.size,
  };
}
