// `import()` with Node's rules, for a text that is evaluated here: from the file that the text is
// named after.

import {constants, Script} from "node:vm";

export const nodesImport = {importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER};

let isWarned = false;
/** The same option, after Node's warning about it has been swallowed. */
export function quietImport(): typeof nodesImport {
  if (!isWarned) {
    isWarned = true;
    const text = new Script("import('node:path')", {filename: "tasklab-import", ...nodesImport});
    void quietly(() => text.runInThisContext() as Promise<unknown>);
  }
  return nodesImport;
}

/** Swallows Node's warning that the option is experimental, since no user of ours has chosen it. */
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
