// Refs of one backend as arguments on another: a `%%sequential` cell takes what the cluster made, a
// later cell gives it back. The value is fetched where it lives and put where it is needed, under
// the id that it has; the task waits for that on this side of the seam.

import type {Backend, TaskCall} from "../backend.js";
import {decodeLoading, encode, encodeCaused} from "../codec/codec.js";
import {ActorDiedError} from "../errors.js";
import {holdOf, objectId, type ActorId, type ObjectId} from "../ids.js";
import {ObjectRef} from "./object-ref.js";
import {decodingFrom, findHome, hasFailed} from "./refs.js";
import {Arrivals} from "../shipping/names/arrivals.js";

/** Does a task of `backend` have to wait for the object on this side of the seam? */
export function crosses(id: ObjectId, backend: Backend): boolean {
  const home = findHome(id);
  if (home === undefined) return false;
  return home.held !== undefined || home.failed !== undefined || home.backend !== backend;
}

/**
 * The last call of each actor that waits on this side: later ones go after it, as they were
 * submitted.
 */
const lastHeld = new Map<ActorId, Promise<void>>();

/** Does a call of the actor have to wait for an earlier one, or for what the actor is made of? */
export function isHeldUp(actor: ActorId): boolean {
  return lastHeld.has(actor) || findHome(holdOf(actor))?.failed !== undefined;
}

/** Submits as soon as every foreign object is there; a failed one fails the task. */
export function submitAcross(call: TaskCall, backend: Backend): void {
  const home = findHome(objectId(call.task))!;
  const needed = call.argRefs.map(({object}) => object);
  // Held until then, so that nothing of it is released meanwhile.
  const held = [...needed, ...call.nestedRefs].map((id) => new ObjectRef(id));
  const nested = backend.can.runHere ? [] : call.nestedRefs;
  const actor = call.actor?.actor;
  const before = actor && lastHeld.get(actor);
  home.held = (async () => {
    try {
      await before;
      if (call.actor?.kind === "call") checkMade(call);
      await Promise.all([
        ...needed.map((id) => bring(id, backend)),
        ...nested.map((id) => bring(id, backend)),
      ]);
      backend.submit(call);
    } catch (error) {
      if (!(error instanceof FailedArgument)) throw error;
      home.failed = error.frames;
      hasFailed(objectId(call.task));
    } finally {
      if (actor && lastHeld.get(actor) === home.held) lastHeld.delete(actor);
      home.held = undefined;
      for (const ref of held) ref.release();
    }
  })();
  if (actor) lastHeld.set(actor, home.held);
}

/** An actor whose arguments failed on this side has never reached its backend. */
function checkMade({actor, fn}: TaskCall): void {
  const failed = findHome(holdOf(actor!.actor))?.failed;
  if (failed === undefined) return;
  const error = new ActorDiedError(`\`${fn}\`: its actor was not made: an argument failed`);
  throw new FailedArgument(encodeCaused(error, failed));
}

class FailedArgument extends Error {
  readonly frames: Uint8Array[];
  constructor(frames: Uint8Array[]) {
    super("an argument failed");
    this.frames = frames;
  }
}

function bring(id: ObjectId, backend: Backend): Promise<void> {
  const home = findHome(id);
  if (home === undefined) return Promise.resolve();
  if (home.backend === backend) return settled(id);
  home.copies ??= new Map();
  let bringing = home.copies.get(backend);
  if (bringing === undefined)
    home.copies.set(backend, (bringing = copy(id, home.backend, backend)));
  return bringing;
}

async function copy(id: ObjectId, source: Backend, target: Backend): Promise<void> {
  await settled(id);
  const [outcome] = await source.get([id], {});
  if (outcome === undefined) return;
  if (!outcome.ok) throw new FailedArgument(outcome.error);
  // Its classes as they are there: those of this process are others.
  const arrivals = new Arrivals();
  const {frames, refs} = encode(
    (await decodingFrom(source, () => decodeLoading(outcome.value, {arrivals}))).value,
    `the value of ObjectRef(${id})`,
  );
  if (!target.can.runHere) await Promise.all(refs.map((ref) => bring(ref, target)));
  target.put(id, frames, refs);
}

/** When its own submission waits on this side, or failed here. */
async function settled(id: ObjectId): Promise<void> {
  const home = findHome(id);
  await home?.held;
  if (home?.failed !== undefined) throw new FailedArgument(home.failed);
}
