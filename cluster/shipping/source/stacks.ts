// Error stacks in lines of cells. V8 knows the emitted code of a cell. Each stack is mapped when it
// is first read, so that whoever prints or sends the stack sees `Cell In[5]:3:9`.

import {originalPositionFor, TraceMap} from "@jridgewell/trace-mapping";
import {sources, spanClose, spanOpen, type Source} from "./thunk.js";

/** The name that a cell's emitted code has in V8: a sourceURL can't hold a space. */
export function scriptName(source: string): string {
  return source.replaceAll(" ", "%20");
}

/** Tells whether a script is a cell. */
export function isCell(script: string): boolean {
  return script.startsWith("Cell%20In[");
}

export interface SourcePosition {
  /** `Cell In[5]`, or a file. */
  source: string;
  /** Both from 1. */
  line: number;
  column: number;
}

/**
 * Finds the place that a position of emitted code comes from. Undefined for code without a map, and
 * for positions that come from nowhere.
 */
export function mapPosition(
  script: string,
  line: number,
  column: number,
): SourcePosition | undefined {
  const source = sources.get(script.replaceAll("%20", " "));
  if (!source) return undefined;
  const found = originalPositionFor(mapOf(source), {line, column: column - 1});
  if (found.line === null) return undefined;
  return {source: found.source ?? script, line: found.line, column: found.column + 1};
}

/** Has every stack of this thread mapped from now on. */
export function installStackMaps(): void {
  Error.prepareStackTrace = (error: Error, frames: NodeJS.CallSite[]) => {
    const lines = ofUser(frames).map((frame) => `\n    at ${frameText(frame)}`);
    return header(error) + lines.join("");
  };
}

const ownFolder = new URL("../../../", import.meta.url).href;

/**
 * Leaves out the frames that called into a cell's code: these are ours and Node's, and say nothing
 * to whoever wrote the cell.
 */
function ofUser(frames: NodeJS.CallSite[]): NodeJS.CallSite[] {
  const scripts = frames.map((frame) => frame.getScriptNameOrSourceURL() ?? "");
  if (!scripts.some((script) => script.startsWith("Cell"))) return frames;
  const last = scripts.findLastIndex(
    (script) => script !== "" && !script.startsWith("node:") && !script.startsWith(ownFolder),
  );
  const called = frames.slice(0, last + 1);
  return scripts.includes(measuring) ? called.filter((frame) => !isMeasuring(frame)) : called;
}

/**
 * The code that measures calls. Its frames are not shown, and neither is the frame of a cell's
 * function that calls it.
 */
const measuring = new URL("../functions/measured.js", import.meta.url).href;

function isMeasuring(frame: NodeJS.CallSite): boolean {
  const script = frame.getScriptNameOrSourceURL() ?? "";
  if (script === measuring) return true;
  const lines = sources.get(script.replaceAll("%20", " "))?.code.split("\n");
  const before = lines?.[frame.getLineNumber()! - 1]?.slice(0, frame.getColumnNumber()!) ?? "";
  return before.lastIndexOf(spanOpen) > before.lastIndexOf(spanClose);
}

function header(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return "Error";
  }
}

function frameText(frame: NodeJS.CallSite): string {
  // V8 names an anonymous function after what is around it: here that would be code of ours.
  const text = frame
    .toString()
    .replace(/^(async |new )?\S*__tasklab\S*(?: \[as \S+\])? \((.*)\)$/, "$1$2");
  const script = frame.getScriptNameOrSourceURL();
  const line = frame.getLineNumber();
  const column = frame.getColumnNumber();
  if (!script || line === null || column === null) return text;
  const mapped = mapPosition(script, line, column);
  const known = mapped ?? (isCell(script) ? {source: script.replace("%20", " ")} : null);
  // A local file may have a version behind its name (local-reload.ts, received-files.ts).
  if (!known) return text.replace(/\?v=\w+(?=:\d+:\d+\)?$)/, "");
  const place = mapped ? `${mapped.source}:${mapped.line}:${mapped.column}` : known.source;
  return text.replace(`${script}:${line}:${column}`, place);
}

const maps = new WeakMap<Source, TraceMap>();

function mapOf(source: Source): TraceMap {
  let map = maps.get(source);
  if (!map) {
    map = new TraceMap(source.map);
    maps.set(source, map);
  }
  return map;
}
