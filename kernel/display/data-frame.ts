// Tables of other libraries, known by what they can do: Arquero (uwdata/arquero,
// src/table/table.js) and Arrow tables (apache/arrow, js/src/table.ts; uwdata/flechette,
// src/table.js). Those of Polars show themselves, by a method under Symbol.for("Jupyter.display").

import type {MimeBundle} from "../../cluster/show/displayable.js";
import {maybeMember} from "./members.js";
import {maxColumns, maxRows, tableHtml, type Table} from "./table.js";

/** Tables up to this size go along as data as well, whole. */
const maxDataRows = 1000;

interface Frame {
  columns: string[];
  rowCount: number;
  /** The first rows. */
  rows(count: number): unknown[][];
}

export function maybeDataFrame(value: object): MimeBundle | null {
  const frame = maybeArquero(value) ?? maybeArrow(value);
  if (!frame) return null;
  const {columns, rowCount} = frame;
  const rows = frame.rows(Math.min(rowCount, maxDataRows));
  const table: Table = {
    columns: columns.slice(0, maxColumns),
    rows: rows.slice(0, maxRows).map((row) => row.slice(0, maxColumns)),
    ...{rowCount, columnCount: columns.length},
  };
  const bundle: MimeBundle = {"text/html": tableHtml(table)};
  if (rowCount <= maxDataRows)
    bundle["application/vnd.dataresource+json"] = dataResource(columns, rows);
  return bundle;
}

function maybeArquero(value: object): Frame | null {
  const columnNames = maybeMember(value, "columnNames");
  const objects = maybeMember(value, "objects");
  const numRows = maybeMember(value, "numRows");
  const isArquero = [columnNames, objects, numRows, maybeMember(value, "toHTML")].every(isFunction);
  if (!isArquero) return null;
  const table = value as {
    columnNames(): string[];
    numRows(): number;
    objects(options: {limit: number}): Record<string, unknown>[];
  };
  const columns = table.columnNames();
  return {
    columns,
    rowCount: table.numRows(),
    rows: (count) =>
      table.objects({limit: count}).map((record) => columns.map((name) => record[name])),
  };
}

function maybeArrow(value: object): Frame | null {
  const schema = maybeMember(value, "schema") as {fields?: unknown} | undefined;
  const rowCount = maybeMember(value, "numRows");
  const getChildAt = maybeMember(value, "getChildAt");
  if (typeof rowCount !== "number" || !isFunction(getChildAt) || !Array.isArray(schema?.fields))
    return null;
  const table = value as {getChildAt(index: number): {get(row: number): unknown}};
  const columns = (schema.fields as {name: unknown}[]).map(({name}) => String(name));
  return {
    columns,
    rowCount,
    rows: (count) => {
      const vectors = columns.map((_, index) => table.getChildAt(index));
      return Array.from({length: count}, (_, row) => vectors.map((vector) => vector.get(row)));
    },
  };
}

/** As Frictionless Data describes a table, and other kernels send it. */
function dataResource(columns: readonly string[], rows: readonly unknown[][]): object {
  const fields = columns.map((name, column) => ({
    name,
    type: typeOf(rows.map((row) => row[column])),
  }));
  const data = rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i]])));
  return {schema: {fields}, data};
}

function typeOf(cells: readonly unknown[]): string {
  const filled = cells.filter((cell) => cell !== null && cell !== undefined);
  const every = (is: (cell: unknown) => boolean) => filled.length > 0 && filled.every(is);
  if (every((cell) => typeof cell === "string")) return "string";
  if (every((cell) => Number.isInteger(cell) || typeof cell === "bigint")) return "integer";
  if (every((cell) => typeof cell === "number")) return "number";
  if (every((cell) => typeof cell === "boolean")) return "boolean";
  return every((cell) => cell instanceof Date) ? "datetime" : "any";
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === "function";
}
