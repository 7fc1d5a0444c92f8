// `%load helper.ts`: a file's text in the place of the cell.

import {maxLoadBytes} from "../../cluster/limits.js";
import {FileRefusedError, readWhole} from "../../cluster/shipping/modules/whole-file.js";
import {pathsFrom} from "./paths.js";
import {MagicError, type Magic} from "./magic.js";

export const load: Magic = {
  name: "load",
  kind: "line",
  summary: "put a file's text into the cell: %load helper.ts",
  help: "The cell is not run again. In clients that can't replace a cell's text it stays as it was.",
  options: {},
  complete: (word) => Promise.resolve(pathsFrom(word)),
  run(context, args) {
    const [path, ...more] = args.words;
    if (path === undefined || more.length > 0)
      throw new MagicError("%load takes one file, for example %load helper.ts");
    context.replaceInput(`// %load ${path}\n${textOf(path)}`);
    return Promise.resolve();
  },
};

function textOf(path: string): string {
  try {
    return new TextDecoder("utf-8", {fatal: true}).decode(readWhole(path, maxLoadBytes));
  } catch (error) {
    if (error instanceof FileRefusedError) throw new MagicError(`%load ${path}: ${error.why}`);
    const {code, message} = error as NodeJS.ErrnoException;
    const why =
      {
        ENOENT: "no such file",
        ERR_ENCODING_INVALID_ENCODED_DATA: "is no text in UTF-8",
      }[code ?? ""] ?? message;
    throw new MagicError(`%load ${path}: ${why}`);
  }
}
