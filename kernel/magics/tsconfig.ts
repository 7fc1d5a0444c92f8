// `%tsconfig`: TypeScript's options for cells, shown and changed.

import {relative} from "node:path";
import type {SettingsReport} from "../threads.js";
import type {Magic} from "./magic.js";

export const tsconfig: Magic = {
  name: "tsconfig",
  kind: "line",
  summary: "show or change TypeScript's options for cells",
  help: `%tsconfig                              what holds, and where it comes from
%tsconfig strict=false                 change an option for this session; \`strict false\` does it too
%tsconfig lib=es2023,dom jsx=react-jsx  several, with lists
%tsconfig paths={"@/*":["./src/*"]}    as in tsconfig.json
%tsconfig --reset                      back to tsconfig.json, or to the defaults

The nearest tsconfig.json at or above the notebook's folder holds, with what it extends; a change to it is noticed
at the next cell.`,
  options: {},
  raw: true,
  isForCompiler: true,
  async complete(word, compiler) {
    const {words} = await compiler.request({kind: "complete-setting", word});
    return ["--reset", ...words];
  },
  async run(context, args) {
    console.log(reportText(await context.configure(settingsOf(args.raw))));
  },
};

/** Spaces separate, but not within a value: `paths={"@/*": ["./src/*"]}`. */
export function settingsOf(line: string): string[] {
  const settings = line.replace(/(\w)\s*=\s*/g, "$1=");
  return settings.split(/\s+(?=--|\w+(?:=|\s|$))/).filter((word) => word !== "");
}

export function reportText({file, rows, ignored, problems}: SettingsReport): string {
  const origins = {default: "default", file: "tsconfig.json", session: "%tsconfig"};
  const lines = table(rows.map(({name, value, from}) => [name, value, origins[from]]));
  const heading = file
    ? relative(process.cwd(), file)
    : "no tsconfig.json at or above the notebook's folder; these are the defaults";
  const parts = [heading, ...problems.map((problem) => `  ${problem}`), ...lines];
  if (ignored.length > 0) {
    parts.push("not heeded in cells:", ...table(ignored.map(({name, why}) => [name, why])));
  }
  return parts.join("\n");
}

function table(rows: readonly string[][]): string[] {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((text, column) => Math.max(most[column] ?? 0, text.length)),
    [],
  );
  const line = (row: string[]) =>
    row.map((text, column) => text.padEnd(widths[column]!)).join("  ");
  return rows.map((row) => `  ${line(row)}`.trimEnd());
}
