// The names of things that cross processes. Branded, so that no two kinds can be mixed up.
//
// Ids have Ray's layout (ray-project/ray, src/ray/design_docs/id_specification.md), written in hex:
//   task   = 8 bytes unique + 12 bytes of ff (no actor) + 4 bytes job
//   object = task + 4 bytes index, little endian: 1 is a task's first return value

type Brand<T, Name extends string> = T & {readonly brand: Name};

export type TaskId = Brand<string, "task">;
export type ObjectId = Brand<string, "object">;
export type NodeId = Brand<string, "node">;
export type WorkerId = Brand<string, "worker">;
/** Whoever submits tasks: a driver, or a worker whose tasks submit others. */
export type ClientId = Brand<string, "client">;
export type LeaseId = Brand<string, "lease">;
/** One recorded execution of a cell. */
export type RunId = Brand<string, "run">;

const noActor = "f".repeat(24);

/** `unique`: 16 hex digits, never used before in this job. */
export function taskId(unique: string, job = 1): TaskId {
  return `${unique}${noActor}${littleEndian(job)}` as TaskId;
}

/** The id of a task's `index`-th return value (from 1), or of the values put by it (after those). */
export function objectId(task: TaskId, index = 1): ObjectId {
  return `${task}${littleEndian(index)}` as ObjectId;
}

/** The task that makes `object`. */
export function taskOf(object: ObjectId): TaskId {
  return object.slice(0, 48) as TaskId;
}

function littleEndian(value: number): string {
  if (value === 1) return "01000000";
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString("hex");
}
