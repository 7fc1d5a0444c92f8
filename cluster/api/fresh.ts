// The usual ids of new tasks, actors and values: random, from a pool, since a driver makes tens of
// thousands a second.

import {randomFillSync} from "node:crypto";
import type {Ids} from "../backend.js";
import {
  actorId,
  actorTaskId,
  objectId,
  taskId,
  taskOf,
  type ActorId,
  type ObjectId,
} from "../ids.js";

/** Ids for engines that have none of their own. */
export const randomIds: Ids = {
  newResult: newResultId,
  newCallResult: newCallResultId,
  newActor: newActorId,
  newPut: newPutId,
};

const uniqueBytes = 8;
const pool = Buffer.alloc(uniqueBytes * 1024);
let used = pool.length;

/** The bytes of an id of a task's result; each new one has other bytes at its beginning. */
const resultBytes = Buffer.from(objectId(taskId("00".repeat(uniqueBytes))), "hex");

/**
 * The id of a new task's result. Written from bytes the id is one string. V8 would keep the parts
 * that it was joined from, and a program may hold a million refs.
 */
function newResultId(): ObjectId {
  const from = take();
  for (let i = 0; i < uniqueBytes; i++) resultBytes[i] = pool[from + i]!;
  return resultBytes.toString("hex") as ObjectId;
}
/** The id of a new result of a call of an actor's method. */
function newCallResultId(actor: ActorId): ObjectId {
  return objectId(actorTaskId(unique(), actor));
}
function newActorId(): ActorId {
  return actorId(unique() + unique().slice(0, 8));
}

function unique(): string {
  const from = take();
  return pool.toString("hex", from, from + uniqueBytes);
}
/** Gives where in the pool the next unused bytes are. */
function take(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += uniqueBytes;
  return used - uniqueBytes;
}

let putter: ObjectId | null = null;
let puts = 0;

/** For a value that is put: a return value of no task. */
function newPutId(): ObjectId {
  putter ??= newResultId();
  return objectId(taskOf(putter), ++puts);
}
