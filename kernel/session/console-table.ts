// `console.table` shows a table below the cell, at its place among the printed lines. Its text is
// the text that Node would print.

import {Console} from "node:console";
import {Writable} from "node:stream";
import {shownPart, tabular} from "../display/tabular.js";
import {counted} from "../display/text.js";
import {tableHtml} from "../display/table.js";
import type {MimeBundle} from "../threads.js";

export function installConsoleTable(show: (data: MimeBundle) => void): void {
  console.table = (data: unknown, columns?: readonly string[]) => {
    if (typeof data !== "object" || data === null) return console.log(data);
    if (columns !== undefined && !Array.isArray(columns))
      throw new TypeError(`console.table: the columns must be an array, not ${typeof columns}`);
    const table = tabular(data, columns);
    const text = printed(shownPart(data), columns);
    const hidden = table.rowCount - table.rows.length;
    const note = hidden > 0 ? `\n… ${counted(hidden, "more row")}` : "";
    show({"text/html": tableHtml(table), "text/plain": text + note});
  };
}

/** The table in characters, as Node prints it. */
function printed(data: object, columns: readonly string[] | undefined): string {
  let text = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  new Console({stdout, colorMode: false}).table(data, columns);
  return text.trimEnd();
}
