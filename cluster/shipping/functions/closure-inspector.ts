// What V8 knows about a closure and JavaScript can't ask: its scopes, the target of a bound
// function, the script that the closure came from. Needed for functions without a thunk, which no
// emitter of ours has seen: functions of local modules and plain programs. One inspector session on
// this same thread, whose answers come synchronously.

import {Session} from "node:inspector";
import {Recent} from "../../recent.js";

export interface BoundParts {
  target: object;
  boundThis: unknown;
  args: unknown[];
}

export interface InspectedScope {
  /**
   * Live values, but not the variables themselves: nothing tells whether two functions share one.
   */
  variables: Record<string, unknown>;
  /** This is the outermost scope of its script, which exists once. */
  isOfModule: boolean;
  /** This is the scope that all scripts share. The variables of cells are there. */
  isOfScripts: boolean;
}

/** Reads the scopes around a function, innermost first, without the scope of globals. */
export function readScopes(fn: object): InspectedScope[] {
  return inspect(fn, (internal) => {
    const list = take(internal("[[Scopes]]")) as ArrayLike<{object: object; description: string}>;
    const scopes = Array.from(list ?? []).filter(({description}) => description !== "Global");
    const last = scopes.findLastIndex(({description}) => description !== "Script");
    return scopes.map(({object, description}, i) => ({
      variables: object as Record<string, unknown>,
      // The outermost function of a CommonJS module is Node's, and has no name.
      isOfModule:
        description === "Module" ||
        description === "Script" ||
        (i === last && description === "Closure"),
      isOfScripts: description === "Script",
    }));
  });
}

/** Reads the parts of a bound function; undefined when `fn` is not bound. */
export function readBound(fn: object): BoundParts | undefined {
  return inspect(fn, (internal) => {
    const target = internal("[[TargetFunction]]");
    if (!target) return undefined;
    return {
      target: take(target) as object,
      boundThis: take(internal("[[BoundThis]]")),
      args: Array.from(take(internal("[[BoundArgs]]")) as ArrayLike<unknown>),
    };
  });
}

export interface WrittenIn {
  /** V8's number of the script; "" when there is none. */
  id: string;
  /** URL or path of the script; "" when V8 has none. */
  url: string;
  /** The text that V8 compiled. */
  text: string;
  /** The script is an ES module. */
  isModule: boolean;
}

/** Finds the script that `fn` was written in. */
export function scriptOf(fn: object): WrittenIn {
  return locationOf(fn).script;
}

/**
 * Finds where V8 says that `fn` begins in the text of its script: behind its name, before its
 * parameters.
 */
export function offsetOf(fn: object): number {
  const {script, line, column} = locationOf(fn);
  let offset = 0;
  for (let left = line; left > 0; left--) offset = script.text.indexOf("\n", offset) + 1;
  return offset + column;
}

interface Location {
  script: WrittenIn;
  line: number;
  column: number;
}
/** V8 is asked once for each function, since a function never moves. */
const locations = new WeakMap<object, Location>();

function locationOf(fn: object): Location {
  const known = locations.get(fn);
  if (known) return known;
  const place = inspect(fn, (internal) => internal("[[FunctionLocation]]")?.value);
  const {scriptId, lineNumber: line = 0, columnNumber: column = 0} = place ?? {};
  const made = {script: scriptId === undefined ? nowhere : scriptBy(scriptId), line, column};
  locations.set(fn, made);
  return made;
}

function scriptBy(id: string): WrittenIn {
  let script = scripts.get(id);
  if (!script) {
    script = readScript(id);
    scripts.set(id, script);
  }
  return script;
}

interface RemoteValue {
  objectId?: string;
  value?: {scriptId?: string; lineNumber?: number; columnNumber?: number};
  unserializableValue?: string;
}
interface Property {
  name: string;
  value?: RemoteValue;
}

const nowhere: WrittenIn = {id: "", url: "", text: "", isModule: false};
const scriptsKept = 500;
const scripts = new Recent<string, WrittenIn>(scriptsKept);
/** Scripts by their numbers, while the debugger's domain reports them. */
const told = new Map<string, {url: string; isModule: boolean}>();
let session: Session | undefined;

/** The key under which the inspector's code finds and leaves values of ours during one call. */
const shelfKey = Symbol.for("tasklab.inspected");
const shelf = globalThis as unknown as Record<symbol, unknown>;
const shelfPath = `globalThis[Symbol.for("tasklab.inspected")]`;

function inspect<T>(
  fn: object,
  read: (internal: (name: string) => RemoteValue | undefined) => T,
): T {
  shelf[shelfKey] = fn;
  try {
    const {result} = post<{result: RemoteValue}>("Runtime.evaluate", {
      expression: shelfPath,
      objectGroup: "tasklab",
    });
    const {internalProperties = []} = post<{internalProperties?: Property[]}>(
      "Runtime.getProperties",
      {objectId: result.objectId, ownProperties: true},
    );
    return read((name) => internalProperties.find((property) => property.name === name)?.value);
  } finally {
    Reflect.deleteProperty(shelf, shelfKey);
    post("Runtime.releaseObjectGroup", {objectGroup: "tasklab"});
  }
}

/** Takes the live value behind an inspector's handle. */
function take(handle: RemoteValue | undefined): unknown {
  if (handle?.objectId === undefined)
    return handle?.unserializableValue === undefined
      ? handle?.value
      : unserializable(handle.unserializableValue);
  post("Runtime.callFunctionOn", {
    objectId: handle.objectId,
    functionDeclaration: `function () { ${shelfPath} = this; }`,
    objectGroup: "tasklab",
  });
  return shelf[shelfKey];
}

function unserializable(text: string): unknown {
  return text.endsWith("n") ? BigInt(text.slice(0, -1)) : Number(text);
}

/**
 * Enables the debugger's domain once for all questions to V8 within `use`. V8 then reports all
 * scripts, which takes some 20 ms. Left enabled, the domain would cost optimisations.
 */
export function inspectingTogether<T>(use: () => T): T {
  depth++;
  try {
    return use();
  } finally {
    if (--depth === 0 && isEnabled) {
      isEnabled = false;
      post("Debugger.disable", {});
      told.clear();
    }
  }
}
let depth = 0;
let isEnabled = false;

function withDebugger<T>(use: () => T): T {
  return inspectingTogether(() => {
    if (!isEnabled) post("Debugger.enable", {});
    isEnabled = true;
    return use();
  });
}

function readScript(scriptId: string): WrittenIn {
  return withDebugger(() => {
    const {url, isModule} = told.get(scriptId) ?? nowhere;
    // Scripts of other contexts are known only from these reports.
    const isKnown = told.has(scriptId) && !url.startsWith("node:");
    const {scriptSource} = isKnown
      ? post<{scriptSource: string}>("Debugger.getScriptSource", {scriptId})
      : {scriptSource: ""};
    return {id: scriptId, url, text: scriptSource, isModule};
  });
}

/**
 * Evaluates `expression`, a closure or a record of closures, where `fn` begins. The closures see
 * what `fn` sees, and go on seeing it. The function itself does not run: a breakpoint with a
 * condition stands at its entry, and the condition hands over the closures and has V8 end the call.
 * The time limit of the evaluation keeps V8 from ending our own code as well. Nothing pauses, so an
 * attached debugger sees nothing. Undefined where breakpoints have no effect, as inside of a
 * debugger's own evaluation.
 */
export function evaluateInside(fn: object, expression: string): unknown {
  return withDebugger(() => {
    let hasRun = false;
    const canary = (): void => {
      hasRun = true;
    };
    endAtEntry(canary, "0");
    return hasRun ? undefined : endAtEntry(fn, expression);
  });
}

/**
 * Names of globals that exist for one moment: `globalThis` and the like may be variables where the
 * condition stands.
 */
const [visitorName, visitedName] = ["__tasklab_visitor", "__tasklab_visited"];

function endAtEntry(fn: object, expression: string): unknown {
  let found: unknown;
  const visit = (value: unknown): void => {
    found = value;
    // No answer comes to this message.
    session!.post("Runtime.terminateExecution");
  };
  const globals = globalThis as unknown as Record<string, unknown>;
  Object.assign(globals, {[visitorName]: visit, [visitedName]: fn});
  const objectGroup = "tasklab";
  let breakpointId: string | undefined;
  try {
    const evaluated = {expression: visitedName, objectGroup};
    const {result} = post<{result: RemoteValue}>("Runtime.evaluate", evaluated);
    ({breakpointId} = post<{breakpointId: string}>("Debugger.setBreakpointOnFunctionCall", {
      objectId: result.objectId,
      condition: `${visitorName}(${expression})`,
    }));
    // The answer is an error, which says that the evaluation was ended.
    session!.post("Runtime.evaluate", {expression: `${visitedName}()`, timeout: 10_000});
  } finally {
    for (const name of [visitorName, visitedName]) Reflect.deleteProperty(globals, name);
    if (breakpointId !== undefined) post("Debugger.removeBreakpoint", {breakpointId});
    post("Runtime.releaseObjectGroup", {objectGroup});
  }
  return found;
}

function post<T>(method: string, params: object): T {
  const inspector = (session ??= connect());
  let answer: {error: Error | null; result: unknown} | undefined;
  const done = (error: Error | null, result: unknown) => (answer = {error, result});
  type Post = (method: string, params: object, done: (e: Error | null, r: unknown) => void) => void;
  (inspector.post as Post).call(inspector, method, params, done);
  if (!answer) throw new Error(`the inspector did not answer ${method}`);
  if (answer.error) throw new Error(`the inspector refused ${method}: ${answer.error.message}`);
  return answer.result as T;
}

function connect(): Session {
  const made = new Session();
  made.connect();
  made.on("Debugger.scriptParsed", ({params: {scriptId, url, isModule = false}}) =>
    told.set(scriptId, {url, isModule}),
  );
  return made;
}
