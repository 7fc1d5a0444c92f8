// Ids that were never used before: random, from a pool, since a driver makes tens of thousands a second.

import {randomFillSync} from "node:crypto";
import {
  actorId,
  actorTaskId,
  objectId,
  taskId,
  type ActorId,
  type ObjectId,
  type TaskId,
} from "./ids.js";

const uniqueBytes = 8;
const pool = Buffer.alloc(uniqueBytes * 1024);
let used = pool.length;

export function newTaskId(): TaskId {
  return taskId(unique());
}
/** Of a call of an actor's method. */
export function newActorTaskId(actor: ActorId): TaskId {
  return actorTaskId(unique(), actor);
}
export function newActorId(): ActorId {
  return actorId(unique() + unique().slice(0, 8));
}

function unique(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.toString("hex", used, (used += uniqueBytes));
}

let putter: TaskId | null = null;
let puts = 0;

/** For a value that is put: a return value of no task. */
export function newPutId(): ObjectId {
  putter ??= newTaskId();
  return objectId(putter, ++puts);
}
