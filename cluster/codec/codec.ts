// A value ↔ frames: the first is a packed tree, the others are raw memory. What crosses a process
// crosses as this; a shipped function is such a value too.
//
// Decoded typed arrays are views of the received frames; whoever keeps the frames decodes with `copy`.
// Encoded frames are copies, since their owner may go on writing; who sends them before it can encodes
// with `own: false`: then large ones *are* the caller's memory, and 64 MiB cost microseconds.

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
  /** Local files whose classes and functions the value holds: they travel once, with the function that takes it. */
  parts: ShippedPart[];
  /** What the value is made of; null when it is plain data. */
  origins: Origins | null;
  sizeBytes: number;
}

/** What a value on its way is made of. */
export interface Origins {
  /** Where its functions were written: `Cell In[5]`, or a file. */
  sources: ReadonlySet<string>;
  /** Specifiers of the modules that it has values of. */
  modules: ReadonlySet<string>;
  localModules: ReadonlyMap<LocalModule, string>;
  /** Its functions. */
  codes: readonly {text: string}[];
}

const noRefs: ObjectId[] = [];
const noParts: ShippedPart[] = [];

/** `what` names the value in errors: "argument 1 of `load`". `own`: no frame is the caller's memory. */
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

/** What task `fn` returned: functions of the user's are refused in it. */
export function encodeResult(value: unknown, fn: string, {own = true} = {}): Encoded {
  if (typeof value === "function" && !isFromElsewhere(value as AnyFunction))
    throw new CannotShipError(
      `task \`${fn}\` returned a function (\`${value.name || "anonymous"}\`), which is no result; ${advice.result}`,
    );
  if (isTrivial(value)) return encode(value, fn);
  return encodedBy(new Dismantler(`the result of \`${fn}\``, kinds, "refuse"), value, own);
}

/** A function: what stays the same when its values change travels apart. */
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

/** The local files that a receiver must have been sent before. */
function fileParts({localModules}: Dismantler): ShippedPart[] {
  if (localModules.size === 0) return noParts;
  const parts = [...localModules.keys()].map((module) => module.part());
  return [...new Map(parts.map((part) => [part.hash, part])).values()];
}
export interface DecodeOptions {
  /** What it was separated from. */
  parts?: readonly ShippedPart[];
  /** The value shares no memory with the frames. */
  copy?: boolean;
  /** Of the task that it is for. Outside of tasks, classes that are here already stay as they are. */
  arrivals?: Arrivals | null;
}

/** Bytes that are not a value give a CorruptFrameError. */
export function decode(frames: Frames, options: DecodeOptions = {}): unknown {
  const {tree, flags} = unpackHeader(frames);
  return flags & PackedFlag.plain ? tree : assemble(tree as Body, frames, options);
}

/** A value that may hold imported things: resolves when their modules are loaded. */
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
  /** Nothing in it could be changed: it may serve many tasks. */
  isConstant: boolean;
}

/** An error on its way to whoever waits for the result; of a task, when it has a place. */
export function encodeError(thrown: unknown, place?: TaskPlace): Frames {
  const error = place === undefined ? thrown : thrownByTask(thrown, place.fn);
  const summary = summaryOf(error, place);
  const told = (failure: Failure) => encode(failure, "the error").frames[0]!;
  try {
    const dismantler = new Dismantler("the error", kinds);
    dismantler.losses = new Losses(dismantler, {thrown: error});
    return [told(summary), ...framesOf(error, dismantler, true)];
  } catch (refused) {
    // Not even its class above can travel: its name, message and stack can, and why that is all.
    return [told({...summary, refused: (refused as Error).message})];
  }
}

/** An error of our own whose cause came from elsewhere, encoded: nobody has to decode it on the way. */
export function encodeCaused(error: Error, cause: Frames): Frames {
  const own = encode(error, "the error").frames;
  const summary = {...summaryOf(error), ownFrames: own.length};
  return [encode(summary, "the error").frames[0]!, ...own, ...cause];
}

/** Loads the modules of an error's parts. What can't be had is missing in the error then. */
export function loadingOfError([summary, ...frames]: Frames): Promise<unknown> | undefined {
  const {ownFrames = 0} = decode(summary ? [summary] : []) as Failure;
  if (ownFrames > 0) return loadingOfError(frames.slice(ownFrames));
  if (frames.length === 0) return undefined;
  const {tree, flags} = unpackHeader(frames);
  return flags & PackedFlag.plain ? undefined : maybeLoad((tree as Body)[3])?.catch(() => {});
}

/** The error as it was thrown, an instance of its own class where that can be had here. */
export function decodeError([summary, ...frames]: Frames, arrivals: Arrivals | null = null): Error {
  const failure = decode(summary ? [summary] : []) as Failure;
  const {ownFrames} = failure;
  if (ownFrames !== undefined) {
    const cause = decodeError(frames.slice(ownFrames), arrivals);
    const error = decode(frames.slice(0, ownFrames), {copy: true, arrivals}) as Error;
    // Not seen among its fields, as that of every error.
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
    // Its class needs a module that this process can't load: what the summary says is left.
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
    // A package that is missing here is no corruption.
    if (error instanceof ClusterError) throw error;
    throw new CorruptFrameError("an encoded value can't be put together", {cause: error});
  }
}
