// The parts a session is made of, and the state of a cell while it runs.

import type {CellRuntime} from "../../cluster/shipping/source/thunk.js";
import type {CompilerClient} from "../compiler/compiler-client.js";
import type {MagicTable} from "../magics/magic.js";
import type {CellId} from "../threads.js";
import type {Evaluator} from "./evaluate.js";
import type {Host} from "./host.js";
import type {Payload} from "./payload.js";

export interface SessionParts {
  host: Host;
  compiler: CompilerClient;
  evaluator: Evaluator;
  runtime: CellRuntime;
  magics: MagicTable;
  /** The cell has ended: what is held back of its output is to be told. */
  cellEnded(cell: CellId): void;
}

export interface RunningCell {
  cell: CellId;
  /** JupyterLab's id of the cell, the same when it runs again; "" when it told none. */
  cellId: string;
  executionCount: number;
  controller: AbortController;
  signal: AbortSignal;
  /** The value of the last statement that was one, of the code that has just run. */
  last: unknown;
  payload: Payload;
}
