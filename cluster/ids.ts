// The names of things that cross processes. Branded, so that no two kinds can be mixed up.
//
// Ids have Ray's layout (ray-project/ray, src/ray/design_docs/id_specification.md), written in hex:
//   actor  = 12 bytes unique (ff: none) + 4 bytes job
//   task   = 8 bytes unique (ff: the task that makes the actor) + actor
//   object = task + 4 bytes index, little endian: 1 is a task's first return value

type Brand<T, Name extends string> = T & {readonly brand: Name};

export type TaskId = Brand<string, "task">;
export type ActorId = Brand<string, "actor">;
export type ObjectId = Brand<string, "object">;
export type NodeId = Brand<string, "node">;
export type WorkerId = Brand<string, "worker">;
/** A process that submits tasks: a driver, or a worker whose tasks submit others. */
export type ClientId = Brand<string, "client">;
export type LeaseId = Brand<string, "lease">;
/** One recorded execution of a cell. */
export type RunId = Brand<string, "run">;

const noActor = "f".repeat(24);
const makesActor = "f".repeat(16);

/** `unique`: 16 hex digits, never used before in this job. */
export function taskId(unique: string, job = 1): TaskId {
  return `${unique}${noActor}${littleEndian(job)}` as TaskId;
}

/** `unique`: 24 hex digits, never used before in this job. */
export function actorId(unique: string, job = 1): ActorId {
  return `${unique}${littleEndian(job)}` as ActorId;
}

/**
 * The task that makes an actor. A process that holds a ref of the task's result holds the actor.
 */
export function creationOf(actor: ActorId): TaskId {
  return `${makesActor}${actor}` as TaskId;
}

/**
 * The task that is a call of an actor's method. `unique`: 16 hex digits, never used before in this
 * job.
 */
export function actorTaskId(unique: string, actor: ActorId): TaskId {
  return `${unique}${actor}` as TaskId;
}

/** The actor that a task makes, or whose method the task calls; null for other tasks. */
export function actorOf(task: TaskId): ActorId | null {
  return task.startsWith(noActor, 16) ? null : (task.slice(16, 48) as ActorId);
}

/**
 * The object that holders of an actor hold. The actor lives as long as somebody holds the object.
 */
export function holdOf(actor: ActorId): ObjectId {
  return objectId(creationOf(actor));
}

/** The actor that lives as long as somebody holds `object`; null for any other object. */
export function actorHeldBy(object: ObjectId): ActorId | null {
  return object.startsWith(makesActor) ? actorOf(taskOf(object)) : null;
}

/**
 * The client that an actor is: of the scheduler, for its process, and of the directory, for the
 * objects that its class and arguments refer to.
 */
export function clientOf(actor: ActorId): ClientId {
  return actor as string as ClientId;
}

/** The actor that is this client; null for a driver or a worker. */
export function maybeActor(client: ClientId): ActorId | null {
  return isActorId.test(client) ? (client as string as ActorId) : null;
}
const isActorId = /^[0-9a-f]{32}$/;

/**
 * The id of a task's `index`-th return value, from 1. Values that the task puts come after those.
 */
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
