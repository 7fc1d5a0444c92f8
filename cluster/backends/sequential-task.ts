// A task of the sequential backend.

import type {LeftObjects, TaskCall} from "../backend.js";
import type {ObjectRef} from "../api/object-ref.js";
import type {TaskLife} from "../context/task-life.js";
import type {ObjectId} from "../ids.js";
import type {Want} from "./board.js";

/** A task from its submission to its end. */
export interface SequentialTask {
  call: TaskCall;
  object: ObjectId;
  attempt: number;
  state: "pending" | "running" | "ended";
  /** The objects that the task waits for in `get` and `wait` now. */
  wants: Set<Want>;
  /** Keeps its arguments. */
  held: ObjectRef[];
  timer: NodeJS.Timeout | undefined;
  /** The life of the attempt that runs. */
  life: TaskLife | null;
  /** Nobody can fetch its result any more. */
  leftBy: LeftBy | null;
}

/** The function and cell of a result that was let go of unseen. */
export type LeftBy = Omit<LeftObjects, "objects">;
