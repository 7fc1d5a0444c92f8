// `import()` with the rules of Node, for a text that is evaluated here: from the file that it is named after.

import {constants, Script} from "node:vm";

export const nodesImport = {importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER};

let isWarned = false;
/** The same, once Node has said what it thinks of it. */
export function quietImport(): typeof nodesImport {
  if (!isWarned) {
    isWarned = true;
    const text = new Script("import('node:path')", {filename: "tasklab-import", ...nodesImport});
    void quietly(() => text.runInThisContext() as Promise<unknown>);
  }
  return nodesImport;
}

/** Node warns once that the option above is experimental; no user of ours has chosen it. */
export function quietly<T>(work: () => T): T {
  const {emitWarning} = process;
  process.emitWarning = ((warning: unknown, ...rest: never[]) => {
    if (String(warning).includes("USE_MAIN_CONTEXT_DEFAULT_LOADER")) return;
    emitWarning.call(process, warning as string, ...rest);
  }) as typeof emitWarning;
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}
