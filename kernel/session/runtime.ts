// The runtime of cells in the kernel: the one of every process of the notebook, with measured calls.

import "../../cluster/index.js";
import {spans} from "../../cluster/host.js";
import {enterNotebook} from "../../cluster/notebook.js";
import type {CellRuntime} from "../../cluster/shipping/thunk.js";

/** Makes the globals that cells need. `folder`: where their imports are looked up. */
export function installRuntime(folder: string): CellRuntime {
  return enterNotebook(folder, spans);
}
