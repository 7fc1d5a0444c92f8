// What the JavaScript of cells calls, under `globalThis.__tasklab`: imports from the notebook's folder,
// marks on functions that can be shipped, measured calls, the value of the last statement.

import {createRequire} from "node:module";
import {dirname, join} from "node:path";
import {pathToFileURL} from "node:url";
import {constants, Script} from "node:vm";
import * as tasklab from "../../cluster/index.js";
import {spans} from "../../cluster/host.js";
import {installCellRuntime} from "../../cluster/shipping/runtime.js";
import type {CellRuntime} from "../../cluster/shipping/thunk.js";

/** Makes the globals that cells need. `folder`: where their imports are looked up. */
export function installRuntime(folder: string): CellRuntime {
  const notebook = join(folder, "notebook.js");
  const require = createRequire(notebook);
  const importFrom = importer(notebook);
  const runtime = installCellRuntime({
    import: (specifier, options) =>
      specifier === "tasklab" ? Promise.resolve({...tasklab}) : importFrom(specifier, options),
    meta: {
      url: pathToFileURL(notebook).href,
      dirname: dirname(notebook),
      filename: notebook,
      resolve: (specifier) => resolve(require, specifier),
    },
    spans,
    remote: tasklab.remote as CellRuntime["remote"],
  });
  Object.assign(globalThis, {
    require: Object.assign(
      (id: string): unknown => (id === "tasklab" ? tasklab : require(id)),
      require,
    ),
  });
  return runtime;
}

type Import = (specifier: string, options?: ImportCallOptions) => Promise<Record<string, unknown>>;

/** `import(…)` as a file at `path` would do it. */
function importer(path: string): Import {
  const script = new Script("(specifier, options) => import(specifier, options)", {
    filename: path,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return script.runInThisContext() as Import;
}

function resolve(require: NodeJS.Require, specifier: string): string {
  const found = require.resolve(specifier);
  return found.startsWith("/") ? pathToFileURL(found).href : found;
}
