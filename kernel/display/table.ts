// Rows and columns as an HTML table. Numbers stand at the right, text at the left; what is left out
// is said below.

import {types} from "node:util";
import {escapeMarkup} from "../../cluster/show/markup.js";
import {footnote, frame, quiet, tag} from "./look.js";
import {count, counted, preview} from "./text.js";

export interface Table {
  columns: readonly string[];
  /** Cells in the order of the columns; `noCell` where a row has nothing. */
  rows: readonly (readonly unknown[])[];
  /** What each row is called; without it they are numbered. */
  names?: readonly string[];
  /** Of how many rows and columns these are the first. */
  rowCount: number;
  columnCount: number;
}

/** A cell in which nothing stands. */
export const noCell = Symbol("no cell");

/** Rows of a value that nobody asked to see as a table. */
export const maxRows = 30;
/** …of one that somebody did: console.table. */
export const maxAskedRows = 200;
export const maxColumns = 30;
const maxCellChars = 100;
/** Cells up to this length are not wrapped. */
const wrapAfterChars = 40;

export function tableHtml(table: Table): string {
  const {columns, rows, names} = table;
  const styles = columns.map((_, column) => styleOf(rows.map((row) => row[column])));
  const heads = columns.map((name, column) => tag("th", styles[column]!, escapeMarkup(cut(name))));
  const lines = rows.map((row, index) => {
    const name = escapeMarkup(cut(names?.[index] ?? String(index)));
    const cells = row.map((cell, column) => tag("td", styles[column]!, cellHtml(cell)));
    return `<tr>${tag("th", `text-align:right;${quiet}`, name)}${cells.join("")}</tr>`;
  });
  const head = `<thead><tr><th></th>${heads.join("")}</tr></thead>`;
  return frame(`<table>${head}<tbody>${lines.join("")}</tbody></table>${sizeNote(table)}`);
}

/** Of a column: where its cells stand, and whether they are wrapped. */
function styleOf(cells: readonly unknown[]): string {
  const filled = cells.filter((cell) => cell !== noCell && cell !== null && cell !== undefined);
  const isNumber = (cell: unknown) => typeof cell === "number" || typeof cell === "bigint";
  if (filled.length > 0 && filled.every(isNumber)) return "text-align:right";
  const isShort = filled.every((cell) => cellText(cell).length <= wrapAfterChars);
  const width = isShort ? "white-space:nowrap" : "max-width:30em;overflow-wrap:break-word";
  return `text-align:left;${width}`;
}

function cellHtml(cell: unknown): string {
  const text = escapeMarkup(cellText(cell));
  return cell === null || cell === undefined ? tag("span", quiet, text) : text;
}

function cellText(cell: unknown): string {
  if (cell === noCell) return "";
  if (typeof cell === "string") return cut(cell);
  return types.isDate(cell) ? dateText(cell) : preview(cell, maxCellChars);
}

/** Days without a time of day are shown as days. */
function dateText(date: Date): string {
  if (Number.isNaN(Date.prototype.getTime.call(date))) return "Invalid Date";
  const text = Date.prototype.toISOString.call(date);
  return text.replace("T00:00:00.000Z", "").replace(".000Z", "Z");
}

function cut(text: string): string {
  return text.length <= maxCellChars ? text : `${text.slice(0, maxCellChars - 1)}…`;
}

function sizeNote({rows, columns, rowCount, columnCount}: Table): string {
  const hidden: string[] = [];
  if (rowCount > rows.length) hidden.push(counted(rowCount - rows.length, "more row"));
  if (columnCount > columns.length)
    hidden.push(counted(columnCount - columns.length, "more column"));
  if (hidden.length === 0) return "";
  return footnote(`… ${hidden.join(" and ")} (${count(rowCount)} × ${count(columnCount)} in all)`);
}
