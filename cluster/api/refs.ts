// Which objects this process holds refs of, how many, and behind which backend each lives.
//
// Refs are counted here and released, in batches, when the last one of an object is gone
// (core/client/holdings has the books). A failed
// task whose last ref goes away without a `get` is reported once: the object's backend tells, and
// no value is fetched for that. A failed task whose ref lives on (a cell's variables do) is
// reported too, when nobody has asked for its value for some seconds: nobody else would ever tell.

import type {Backend, Frames, UnfetchedError} from "../backend.js";
import {collectAndTell, collectAtRest} from "./collecting.js";
import {currentBackend} from "../context/context.js";
import {Holdings} from "../core/client/holdings.js";
import {Home, type Hold} from "./home.js";
import {actorHeldBy, type ObjectId} from "../ids.js";
import {UsageError} from "../errors.js";
import {holdOf, isReleased, ObjectRef, onRefs} from "./object-ref.js";

const holdings = new Holdings<Backend, Home>(() => setImmediate(sendReleases));

/** A ref of a new object of this process. */
export function holdNew<T>(
  id: ObjectId,
  home: {backend: Backend; fn: string; cell: string; seen: boolean},
): ObjectRef<T> {
  const {backend, fn, cell, seen} = home;
  making = new Home(id, backend, fn, cell);
  if (seen) making.isSeen = true;
  holdings.add(id, making);
  if (backend !== followed) follow(backend);
  const ref = new ObjectRef<T>(id);
  making = null;
  return ref;
}
/** Spares a look-up for each task: there may be a hundred thousand of them. */
let making: Home | null = null;

/**
 * Whoever takes it as an argument, or out of a value, meets its error: that does not go unnoticed.
 */
export function passedOn(id: ObjectId): void {
  const home = holdings.find(id);
  if (home !== undefined) home.isSeen = true;
}

/** Where an object lives that this process holds a ref of. */
export function findHome(id: ObjectId): Home | undefined {
  return holdings.find(id);
}
export function homeOf(ref: ObjectRef): Home {
  return holdOf(ref).home;
}

/**
 * Refs that `decode` makes live behind `backend`, unless they were known before and still can be
 * had there.
 */
export function decodingFrom<T>(backend: Backend, decode: () => T): T {
  const before = setDecodeSource(backend);
  try {
    return decode();
  } finally {
    setDecodeSource(before);
  }
}
/** Sets the backend of refs that decoding makes; gives back the former one. */
export function setDecodeSource(backend: Backend | null): Backend | null {
  const before = source;
  source = backend;
  return before;
}
let source: Backend | null = null;

/**
 * Hears once of each failed task that nobody fetched: when its last ref is gone, some seconds after
 * it failed, or when the program ends.
 */
export function onUnfetched(listener: (error: UnfetchedError) => void): void {
  report = listener;
}
let report: ((error: UnfetchedError) => void) | null = null;

/** Reports the errors of finished tasks that nobody fetched so far: at the end of a program. */
export async function reportUnfetched(backend: Backend): Promise<void> {
  sendReleases();
  const unseen = () =>
    [...holdings.entries].filter(([, home]) => home.backend === backend && !home.isSeen);
  const ids = unseen().map(([id]) => id);
  if (ids.length === 0) return;
  // Failures up to now have been told when this wait is answered.
  await backend.wait(ids, {numReturns: ids.length, timeoutMs: 0});
  const failed = unseen().filter(([, home]) => home.hasFailed);
  await Promise.all(failed.map(([id, home]) => reportOne(id, home)));
}

/** The backend that was followed last: spares a look-up for each task. */
let followed: Backend | null = null;
const allFollowed = new WeakSet<Backend>();
function follow(backend: Backend): void {
  followed = backend;
  if (allFollowed.has(backend)) return;
  allFollowed.add(backend);
  backend.onUnfetched((unfetched) => report?.(unfetched));
  backend.onFailed(hasFailed);
  backend.onCollect(collectDropped);
  collectAtRest(() => holdings.size > 0, collectDropped);
}

/** Failed and not asked for yet: those that are told next, and those that came since. */
let due: ObjectId[] = [];
let fresh: ObjectId[] = [];

/** An object's task has failed: the error is told unless somebody asks for it soon. */
export function hasFailed(object: ObjectId, unmade?: Frames): void {
  const home = holdings.find(object);
  if (home === undefined) return;
  home.hasFailed = true;
  if (!isUnnoticed(home)) return;
  if (unmade) home.unmade = unmade;
  fresh.push(object);
  if (due.length === 0) giveTime();
}
function giveTime(): void {
  [due, fresh] = [fresh, []];
  if (due.length > 0) setTimeout(tellDue, graceMs).unref();
}
function tellDue(): void {
  for (const object of due) {
    const home = holdings.find(object);
    if (isUnnoticed(home)) void reportOne(object, home);
  }
  giveTime();
}
function isUnnoticed(home: Home | undefined): home is Home {
  return home !== undefined && !home.isSeen && !home.isWaitedFor;
}
/** How long an error waits for a `get`, at least, before it is told: as Ray does. */
const graceMs = 5000;

onRefs({
  made(ref) {
    const {id} = ref;
    const home = making ?? holdings.meet(id, source) ?? remember(id);
    home.count++;
    const hold: Hold = making ?? {id, home, isReleased: false};
    collected.register(ref, hold);
    return hold;
  },
  released: letGo,
});

/** Throws when the program has released the ref. `use`: what it was to be used for, as `get`. */
export function checkHeld(ref: ObjectRef, use: string): void {
  if (!isReleased(ref)) return;
  throw new UsageError(
    `${use}: ${String(ref)} was released, by release() or at the end of a \`using\` block; ` +
      "release it when it is needed no longer",
  );
}

/**
 * Keeps the objects while the program waits for them, though their refs may be released meanwhile.
 */
export function keep(homes: readonly Home[]): void {
  for (const home of homes) home.count++;
}
export function keepNoLonger(refs: readonly ObjectRef[], homes: readonly Home[]): void {
  homes.forEach((home, index) => release(refs[index]!.id, home));
}

function remember(id: ObjectId): Home {
  const backend = source ?? currentBackend();
  const home = new Home(id, backend, "", "");
  home.isSeen = true;
  if (backend !== followed) follow(backend);
  holdings.remember(id, home, sendReleases);
  return home;
}

/**
 * Releases the refs that the program has dropped. Gives for how many milliseconds it stood still.
 * Resolves when the backends have been told.
 */
async function collectDropped(): Promise<number> {
  if (holdings.size === 0) return 0;
  const tookMs = await collectAndTell((object, gone) => collected.register(object, gone));
  sendReleases();
  return tookMs;
}

const collected = new FinalizationRegistry<Hold | (() => void)>((hold) => {
  if (typeof hold === "function") hold();
  else if (!hold.isReleased) letGo(hold);
});

/** One ref of it less. */
function letGo({id, home}: Hold): void {
  release(id, home);
}
function release(id: ObjectId, home: Home): void {
  if (--home.count === 0) lastGone(id, home);
}

/**
 * Lets go of an object whose last ref is gone. If the object is not known to fail, the backend
 * reports a failure.
 */
function lastGone(id: ObjectId, home: Home): void {
  if (home.isSeen || report === null) return holdings.drop(id, home);
  // The backend does not know the object's task yet.
  if (home.held) {
    const again = (): void => {
      if (home.count === 0 && holdings.find(id) === home) lastGone(id, home);
    };
    return void home.held.then(again, again);
  }
  if (home.failed || home.unmade) {
    return void reportOne(id, home).finally(() => holdings.drop(id, home));
  }
  // An actor's hold object (`holdOf`) is always there.
  if (actorHeldBy(id) !== null) return holdings.drop(id, home);
  holdings.leave(id, home);
}

/** Tells the backends what has come together. */
export function sendReleases(): void {
  // A backend of this process lets go of more while it is told.
  while (holdings.isPlanned) {
    const {held, left, released} = holdings.take();
    for (const [backend, ids] of held) backend.hold(ids);
    for (const [backend, groups] of left) backend.leave(groups);
    for (const [backend, ids] of released) if (ids.length > 0) backend.release(ids);
  }
}

async function reportOne(object: ObjectId, home: Home): Promise<void> {
  home.isSeen = true;
  if (report === null) return;
  try {
    const error = home.failed ?? home.unmade;
    if (!error && actorHeldBy(object) !== null) return;
    const [outcome] = error ? [{ok: false as const, error}] : await home.backend.get([object], {});
    if (outcome?.ok === false) {
      report({fn: home.fn, cell: home.cell, object, error: outcome.error});
    }
  } catch {
    // The backend is closing: its own end has been reported.
  }
}
