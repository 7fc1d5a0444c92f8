// A process in which code of a notebook's cells runs: the kernel, and each worker.

import {surviveCutHooks} from "./context/cut-hooks.js";
import {setUp} from "./api/embedded.js";
import {libraryExports, librarySpecifier, maybeLibraryName} from "./api/library.js";
import {measuredCalls} from "./context/measured-calls.js";
import {remote} from "./api/remote.js";
import {setShippingHost} from "./shipping/names/host.js";
import {createImporter} from "./shipping/modules/modules.js";
import {describePackageFile} from "./shipping/modules/package-files.js";
import {describeReceived} from "./shipping/modules/received-files.js";
import {installCellRuntime} from "./shipping/runtime.js";
import {installStackMaps} from "./shipping/source/stacks.js";
import type {CellRuntime} from "./shipping/source/thunk.js";

/**
 * Prepares this process for the code of cells: `__tasklab` and `require` are there, stacks have the
 * lines of cells, and imported values are shipped by name. `folder` is the notebook's, where
 * imports are looked up. The library must be loaded.
 */
export function enterNotebook(folder: string): CellRuntime {
  const url = new URL("./index.js", import.meta.url).href;
  const importer = createImporter(folder, {[librarySpecifier]: {exports: libraryExports(), url}});
  setShippingHost({
    describe: (value) =>
      maybeLibraryName(value) ??
      importer.describe(value) ??
      describeReceived(value) ??
      describePackageFile(value),
    import: (specifier) => importer.import(specifier),
    require: importer.require,
  });
  installStackMaps();
  surviveCutHooks();
  Object.assign(globalThis, {require: importer.require});
  return installCellRuntime({
    import: (specifier, options, names) => importer.import(specifier, options, names),
    meta: importer.meta,
    remote: remote as CellRuntime["remote"],
    setup: setUp,
    measurable: (...added) => measuredCalls.add(...added),
  });
}
