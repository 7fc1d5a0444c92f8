// Ids that were never used before: random, from a pool, since a driver makes tens of thousands a second.

import {randomFillSync} from "node:crypto";
import {objectId, taskId, type ObjectId, type TaskId} from "./ids.js";

const uniqueBytes = 8;
const pool = Buffer.alloc(uniqueBytes * 1024);
let used = pool.length;

export function newTaskId(): TaskId {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return taskId(pool.toString("hex", used, (used += uniqueBytes)));
}

let putter: TaskId | null = null;
let puts = 0;

/** For a value that is put: a return value of no task. */
export function newPutId(): ObjectId {
  putter ??= newTaskId();
  return objectId(putter, ++puts);
}
