// A value ↔ frames: the first frame is a packed tree, the others are raw memory. Every value that
// crosses a process crosses in this form, a shipped function too.
//
// Decoded typed arrays are views of the received frames; whoever keeps the frames decodes with
// `copy`. Encoded frames are copies, since the owner of the value may go on writing to it. Whoever
// sends the frames before that can encode with `own: false`: then large frames *are* the caller's
// memory, and 64 MiB cost microseconds.

import type {Frames, ShippedPart} from "../backend.js";
import {sizeOf} from "../packing/size.js";
import {areSeparate, maybeApart} from "./apart.js";
import {Assembler, type OpenPiece} from "./assemble.js";
import {BufferReader} from "./buffers.js";
import {Dismantler} from "./dismantle.js";
import {type AnyFunction, isFromElsewhere} from "./elsewhere.js";
import {kinds, kindsByTag} from "./kinds/table.js";
import {framesOf} from "./frames.js";
import {Losses} from "./losses.js";
import {advice} from "./refusal.js";
import {isTrivial} from "./plain.js";
import {findMemory, findTexts, findValue} from "./parts.js";
import {PackedFlag, packTree, unpackTree} from "../packing/pack.js";
import {type Failure, refusalOf, reviveFailure, summaryOf, type Thrown} from "./failure.js";
import type {Body} from "./frames.js";
import {CannotShipError, ClusterError, CorruptFrameError, type TaskPlace} from "../errors.js";
import type {ObjectId} from "../ids.js";
import type {LocalModule} from "../shipping/names/imported-names.js";
import type {Arrivals} from "../shipping/names/arrivals.js";
import {maybeLoad, thrownByTask} from "../shipping/modules/imports.js";

export {decodeMessage, encodeMessage} from "../packing/pack.js";

export interface Encoded {
  frames: Frames;
  /** Objects whose refs the value holds. */
  refs: ObjectId[];
  /**
   * Local files whose classes and functions the value holds. They travel once, with the function
   * that takes the value.
   */
  parts: ShippedPart[];
  /** What the value is made of; null when it is plain data. */
  origins: Origins | null;
  sizeBytes: number;
}

/** What a value on its way is made of. */
export interface Origins {
  /** Where the functions of the value were written: `Cell In[5]`, or a file. */
  sources: ReadonlySet<string>;
  /** Specifiers of the modules whose exports are in the value. */
  modules: ReadonlySet<string>;
  localModules: ReadonlyMap<LocalModule, string>;
  /** The functions of the value. */
  codes: readonly {text: string}[];
}

const noRefs: ObjectId[] = [];
const noParts: ShippedPart[] = [];

/**
 * Encodes a value. `what` names the value in errors: "argument 1 of `load`". `own`: no frame is the
 * caller's memory.
 */
export function encode(value: unknown, what: string, {own = true} = {}): Encoded {
  if (isTrivial(value)) {
    const frame = packTree(value, PackedFlag.plain);
    return {
      frames: [frame],
      refs: noRefs,
      parts: noParts,
      origins: null,
      sizeBytes: frame.byteLength,
    };
  }
  return encodedBy(new Dismantler(what, kinds), value, own);
}

function encodedBy(dismantler: Dismantler, value: unknown, own: boolean): Encoded {
  dismantler.losses = new Losses(dismantler);
  const frames = framesOf(value, dismantler, own);
  const parts = fileParts(dismantler);
  const origins = dismantler.tokens === 0 ? null : dismantler;
  return {frames, refs: dismantler.refs, parts, origins, sizeBytes: sizeOf(frames)};
}

/** Encodes the value that task `fn` returned. Functions of the user's are refused in a result. */
export function encodeResult(value: unknown, fn: string, {own = true} = {}): Encoded {
  if (typeof value === "function" && !isFromElsewhere(value as AnyFunction))
    throw new CannotShipError(
      `task \`${fn}\` returned a function (\`${value.name || "anonymous"}\`), which is no result; ${advice.result}`,
    );
  if (isTrivial(value)) return encode(value, fn);
  return encodedBy(new Dismantler(`the result of \`${fn}\``, kinds, "refuse"), value, own);
}

/** Encodes a function. Parts that stay the same when captured values change travel apart. */
export function framesApart(
  fn: object,
  what: string,
): {frames: Frames; parts: ShippedPart[]; dismantler: Dismantler} {
  for (;;) {
    const dismantler = new Dismantler(what, kinds);
    dismantler.maybeApart = maybeApart;
    const parts: ShippedPart[] = [];
    const frames = framesOf(fn, dismantler, true, parts);
    parts.push(...fileParts(dismantler));
    if (areSeparate(dismantler)) return {frames, parts, dismantler};
  }
}

/** The local files that a receiver must have before it decodes the value. */
function fileParts({localModules}: Dismantler): ShippedPart[] {
  if (localModules.size === 0) return noParts;
  const parts = [...localModules.keys()].map((module) => module.part());
  return [...new Map(parts.map((part) => [part.hash, part])).values()];
}
export interface DecodeOptions {
  /** The parts that the value was separated from. */
  parts?: readonly ShippedPart[];
  /** The value is to share no memory with the frames. */
  copy?: boolean;
  /**
   * What has arrived for the task that the value is for. Without a task, classes that are in this
   * process already stay as they are.
   */
  arrivals?: Arrivals | null;
}

/** Decodes a value. Bytes that are not a value give a CorruptFrameError. */
export function decode(frames: Frames, options: DecodeOptions = {}): unknown {
  const {tree, flags} = unpackHeader(frames);
  return flags & PackedFlag.plain ? tree : assemble(tree as Body, frames, options);
}

/** Decodes a value that may hold imported things: resolves when their modules are loaded. */
export function decodeLoading(
  frames: Frames,
  options: DecodeOptions = {},
): Decoded | Promise<Decoded> {
  const {tree, flags} = unpackHeader(frames);
  const isConstant = (flags & PackedFlag.constant) !== 0;
  if (flags & PackedFlag.plain) return {value: tree, isConstant};
  const finish = () => ({value: assemble(tree as Body, frames, options), isConstant});
  return maybeLoad((tree as Body)[3])?.then(finish) ?? finish();
}
export interface Decoded {
  value: unknown;
  /** Nothing in the value can be changed: one copy may serve many tasks. */
  isConstant: boolean;
}

/** Encodes an error for whoever waits for the result. `place`: the task that threw the error. */
export function encodeError(thrown: unknown, place?: TaskPlace): Frames {
  const error = place === undefined ? thrown : thrownByTask(thrown, place.fn);
  const summary = summaryOf(error, place);
  const told = (failure: Failure) => encode(failure, "the error").frames[0]!;
  try {
    const dismantler = new Dismantler("the error", kinds);
    dismantler.losses = new Losses(dismantler, {thrown: error});
    return [told(summary), ...framesOf(error, dismantler, true)];
  } catch (refused) {
    // Not even the class above the error's class can travel. Its name, message and stack travel,
    // and the reason why nothing else does.
    return [told({...summary, refused: (refused as Error).message})];
  }
}

/**
 * Encodes an error of our own. Its cause came from elsewhere and is encoded already, so that nobody
 * on the way has to decode it.
 */
export function encodeCaused(error: Error, cause: Frames): Frames {
  const own = encode(error, "the error").frames;
  const summary = {...summaryOf(error), ownFrames: own.length};
  return [encode(summary, "the error").frames[0]!, ...own, ...cause];
}

/**
 * Loads the modules of an error's parts. Parts whose modules can't be loaded will be missing in the
 * error.
 */
export function loadingOfError([summary, ...frames]: Frames): Promise<unknown> | undefined {
  const {ownFrames = 0} = decode(summary ? [summary] : []) as Failure;
  if (ownFrames > 0) return loadingOfError(frames.slice(ownFrames));
  if (frames.length === 0) return undefined;
  const {tree, flags} = unpackHeader(frames);
  return flags & PackedFlag.plain ? undefined : maybeLoad((tree as Body)[3])?.catch(() => {});
}

/**
 * Decodes an error as it was thrown: as an instance of its own class, where this process can have
 * the class.
 */
export function decodeError([summary, ...frames]: Frames, arrivals: Arrivals | null = null): Error {
  const failure = decode(summary ? [summary] : []) as Failure;
  const {ownFrames} = failure;
  if (ownFrames !== undefined) {
    const cause = decodeError(frames.slice(ownFrames), arrivals);
    const error = decode(frames.slice(0, ownFrames), {copy: true, arrivals}) as Error;
    // Not enumerable, as the cause of every error is.
    return Object.defineProperty(error, "cause", {
      value: cause,
      writable: true,
      configurable: true,
    });
  }
  if (frames.length === 0) return reviveFailure(failure, {lost: refusalOf(failure)});
  let thrown: Thrown;
  try {
    thrown = {arrived: decode(frames, {copy: true, arrivals})};
  } catch (lost) {
    // The error's class needs a module that this process can't load: the summary remains.
    thrown = {lost};
  }
  return reviveFailure(failure, thrown);
}

function unpackHeader(frames: Frames): {tree: unknown; flags: number} {
  const [header] = frames;
  if (!header) throw new CorruptFrameError("an encoded value has no frames");
  return unpackTree(header);
}

function assemble(body: Body, frames: Frames, options: DecodeOptions): unknown {
  const {copy = false, parts = [], arrivals = null} = options;
  const ownOf = (frames: readonly Uint8Array[]) =>
    copy ? frames.map((frame, i) => (i === 0 ? frame : frame.slice())) : frames;
  const openPiece: OpenPiece = (hash, home) => {
    const found = findValue(hash, parts);
    const {tree, flags} = unpackTree(found[0]!);
    if (flags & PackedFlag.plain) return tree;
    const [root, entries, , , deep] = tree as Body;
    const buffers = new BufferReader(entries, ownOf(found), () => {
      throw new CorruptFrameError("a piece of a function has no pieces");
    });
    return new Assembler(kindsByTag, buffers, [], [], arrivals, openPiece, home).runPiece(
      root,
      deep,
    );
  };
  try {
    const [root, entries, texts, , deep, scopes] = body;
    const codes = typeof texts === "string" ? findTexts(texts, parts) : texts;
    const buffers = new BufferReader(entries, ownOf(frames), (hash) => {
      const memory = findMemory(hash, parts);
      return copy ? memory.slice() : memory;
    });
    return new Assembler(kindsByTag, buffers, codes, scopes, arrivals, openPiece).run(root, deep);
  } catch (error) {
    // A package that is missing in this process is no corruption.
    if (error instanceof ClusterError) throw error;
    throw new CorruptFrameError("an encoded value can't be put together", {cause: error});
  }
}
