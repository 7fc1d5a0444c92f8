// `%load helper.ts`: a file's text in the place of the cell.

import {readFile, stat} from "node:fs/promises";
import {pathsFrom} from "./paths.js";
import {MagicError, type Magic} from "./magic.js";

/** A longer text is no cell to work with. */
const maxBytes = 1024 * 1024;

export const load: Magic = {
  name: "load",
  kind: "line",
  summary: "put a file's text into the cell: %load helper.ts",
  help: "The cell is not run again. In clients that can't replace a cell's text it stays as it was.",
  options: {},
  complete: (word) => Promise.resolve(pathsFrom(word)),
  async run(context, args) {
    const [path, ...more] = args.words;
    if (path === undefined || more.length > 0)
      throw new MagicError("%load takes one file, for example %load helper.ts");
    const text = await textOf(path);
    context.replaceInput(`// %load ${path}\n${text}`);
  },
};

async function textOf(path: string): Promise<string> {
  try {
    const {size} = await stat(path);
    if (size > maxBytes) throw new Error(`it has ${size} bytes, at most ${maxBytes} are loaded`);
    return new TextDecoder("utf-8", {fatal: true}).decode(await readFile(path));
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException;
    const why =
      {
        ENOENT: "no such file",
        EISDIR: "is a folder",
        ERR_ENCODING_INVALID_ENCODED_DATA: "is no text in UTF-8",
      }[code ?? ""] ?? message;
    throw new MagicError(`%load ${path}: ${why}`);
  }
}
