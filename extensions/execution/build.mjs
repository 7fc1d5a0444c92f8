// Builds the extension: TypeScript to lib/, then JupyterLab's own bundler to labextension/.
// Needs no Python: JupyterLab's package list comes from @jupyterlab/core-meta.
// `labextension/` is then copied to <prefix>/share/jupyter/labextensions/tasklab-execution.

import {spawnSync} from "node:child_process";
import {createRequire} from "node:module";
import {fileURLToPath} from "node:url";

const require = createRequire(import.meta.url);
const here = fileURLToPath(new URL(".", import.meta.url));

run(require.resolve("typescript/bin/tsc"), "-p", "tsconfig.json");
run(
  require.resolve("@jupyter/builder/lib/build-labextension.js"),
  "--core-package-file",
  require.resolve("@jupyterlab/core-meta/core.package.json"),
  here,
);

function run(script, ...args) {
  const {status, signal} = spawnSync(process.execPath, [script, ...args], {
    cwd: here,
    stdio: "inherit",
  });
  if (status !== 0) {
    console.error(`the extension was not built: ${script} ended with ${status ?? signal}`);
    process.exit(1);
  }
}
