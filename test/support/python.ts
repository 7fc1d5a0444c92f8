// The Python of this checkout and what Jupyter's own tools do with it: a notebook as plain data is
// run by nbconvert, a script by Python.

import {execFile} from "node:child_process";
import {readFile, writeFile} from "node:fs/promises";
import {join} from "node:path";
import {pathToFileURL} from "node:url";
import {promisify} from "node:util";
import {project} from "./lab.js";

const LIMIT_MS = 120_000;

export const python = join(project, ".venv", "bin", "python");

const {jupyterEnv} = (await import(
  pathToFileURL(join(project, "kernel/setup/jupyter.mjs")).href
)) as {jupyterEnv(options: {home: string}): NodeJS.ProcessEnv};

/** The environment of Jupyter's tools that keeps all they write in `folder`. */
export function environmentIn(folder: string): NodeJS.ProcessEnv {
  return jupyterEnv({home: join(folder, ".jupyter")});
}

export interface Printed {
  stdout: string;
  stderr: string;
}

/** Runs Python with these words, in `folder`. */
export async function runPython(
  args: readonly string[],
  folder: string,
  more: NodeJS.ProcessEnv = {},
): Promise<Printed> {
  const env = {...environmentIn(folder), ...more};
  return promisify(execFile)(python, args, {cwd: folder, env, timeout: LIMIT_MS});
}

export interface Cell {
  cell_type: string;
  execution_count: number | null;
  metadata: {execution?: Record<string, string>};
  outputs: {
    output_type: "stream" | "error" | "execute_result" | "display_data";
    text?: string | string[];
    ename?: string;
    data?: Record<string, string | string[]>;
  }[];
}

export interface Notebook {
  cells: Cell[];
  metadata: {language_info?: Record<string, string>};
}

/** Writes a notebook of TypeScript cells. */
export async function writeNotebook(path: string, sources: readonly string[]): Promise<void> {
  const cells = sources.map((source, index) => ({
    ...{cell_type: "code", id: `cell-${index}`, source, metadata: {}},
    ...{execution_count: null, outputs: []},
  }));
  const metadata = {
    kernelspec: {name: "tasklab", display_name: "TypeScript (Tasklab)", language: "typescript"},
  };
  await writeFile(path, JSON.stringify({cells, metadata, nbformat: 4, nbformat_minor: 5}));
}

export async function readNotebook(path: string): Promise<Notebook> {
  return JSON.parse(await readFile(path, "utf8")) as Notebook;
}

/** All that the cell shows, as plain text. */
export function textOf({outputs}: Cell): string {
  return outputs
    .map(({text, data, ename}) => [text ?? data?.["text/plain"] ?? ename ?? []].flat().join(""))
    .join("");
}
