// A function or class as a token: by name where every process has it, else its code and the values of
// what it captures, as they are now.

import {fileURLToPath} from "node:url";
import type {Dismantler} from "./dismantle.js";
import {classOfPrototype} from "./instances.js";
import {advice} from "./refusal.js";
import {Tag} from "./tokens.js";
import type {Token} from "../packing/token.js";
import {ObjectRef} from "../api/object-ref.js";
import {assignedNames} from "../shipping/source/assignments.js";
import {
  type InspectedScope,
  readBound,
  readScopes,
  scriptOf,
  type WrittenIn,
} from "../shipping/functions/closure-inspector.js";
import {usualOfClass, usualOfPrototype} from "../shipping/functions/as-written.js";
import {type Analysis, analysisOf, type Code, codeOf} from "../shipping/source/code.js";
import {unmeasured} from "../shipping/functions/measured.js";
import {textOf} from "../shipping/source/texts.js";
import {boundExtras, functionExtras, isAsWritten, prototypeExtras} from "./function-extras.js";
import {host} from "../shipping/names/host.js";
import {tokenAround} from "../shipping/functions/inspected-scopes.js";
import {globalPath, intrinsicPath, pathOfNodes} from "../shipping/names/intrinsics.js";
import {type MemberPlace, memberPlaceOf, membersOf} from "../shipping/functions/class-members.js";
import {isOfPackage} from "../shipping/modules/package-files.js";
import {maybeRemoteMark} from "../shipping/names/remote-mark.js";
import {isSloppy} from "../shipping/functions/modes.js";
import {isCell} from "../shipping/source/stacks.js";
import {thunkOf} from "../shipping/functions/stamps.js";
import {isTokenName, sessionScope, type ScopeToken, tokenName} from "../shipping/source/thunk.js";

export type AnyFunction = (...args: never[]) => unknown;

export function dismantleFunction(given: AnyFunction, to: Dismantler): Token {
  const fn = unmeasured(given);
  const path = globalPath(fn);
  if (path) return to.token(Tag.intrinsic, path);
  const mark = maybeRemoteMark(fn);
  if (mark)
    return to.token(Tag.remote, [to.value(mark.fn), to.at({words: "its options"}, mark.options)]);
  if (thunkOf(fn)) return dismantleNamed(fn, to);
  const imported = host.describe(fn);
  if (imported) return to.imported(imported);
  const builtin = intrinsicPath(fn);
  if (builtin) return to.token(Tag.intrinsic, builtin);
  if (/\{\s*\[native code\]\s*\}$/.test(textOf(fn))) return dismantleNative(fn, to);
  const nodes = scriptOf(fn).url.startsWith("node:") && pathOfNodes(fn);
  return nodes ? to.token(Tag.intrinsic, nodes) : dismantleNamed(fn, to);
}

/** Is it no function of the user's, but one of a package or of Node's, or one that a module exports? */
export function isFromElsewhere(fn: AnyFunction): boolean {
  if (thunkOf(fn) || maybeRemoteMark(fn)) return false;
  return (host.describe(fn) ?? intrinsicPath(fn)) !== undefined || isOfPackage(fn);
}

/** Errors name each function on the way to the part that can't travel, but not the shipped one twice. */
function dismantleNamed(fn: AnyFunction, to: Dismantler): Token {
  if (to.path.length === 0) return dismantleClosure(fn, to);
  const kind = /^class\b/.test(textOf(fn)) ? "class" : "function";
  to.path.push({words: `${kind} \`${fn.name || "anonymous"}\``});
  const inPackages = !thunkOf(fn) && isOfPackage(fn) ? 1 : 0;
  to.doubtful.inPackages += inPackages;
  try {
    return dismantleClosure(fn, to);
  } finally {
    to.doubtful.inPackages -= inPackages;
    to.path.pop();
  }
}

function dismantleClosure(fn: AnyFunction, to: Dismantler): Token {
  const text = textOf(fn);
  const mode = isSloppy(fn);
  if (mode === undefined)
    to.refuse("a function of a script that is too long to be read", advice.native);
  const analysis = analysisOf(text, mode);
  const place = analysis.obstacle ? memberPlaceOf(fn) : undefined;
  if (place && isAsWritten(fn, analysis)) return dismantleMember(place, to);
  if (analysis.obstacle) to.refuse(`a function that ${analysis.obstacle}`, advice.native);
  if (analysis.hidden.length > 0)
    to.refuse(
      `a class that keeps ${analysis.hidden.join(", ")} private, so that it can't be read`,
      "make it a variable of the module, or define the class in a cell",
    );
  if (analysis.names.includes("eval"))
    to.refuse("a function that uses `eval`, so that what it needs can't be known", advice.other);
  const captured = thunkOf(fn) ? readThunk(fn, analysis, to) : inspectVariables(fn, analysis, to);
  const {variables, receiver} = captured;
  to.sources.add(captured.source);
  const code = codeOf(text, analysis, {...captured, slots: Object.keys(variables)});
  const scope = to.shared.index(captured.scope);
  to.shared.note(scope, code);
  if (captured.script !== undefined) checkDoubtful(fn, captured, code, to);
  if (code.assigned.length > 0) to.isConstant = false;
  const thunk = thunkOf(fn);
  const isStill = () => isAsWritten(fn, analysis);
  if (thunk) to.variables?.push({captured: thunk.captured, values: {...variables}, isStill});
  else if (fixed.has(fn)) to.variables?.push({captured: () => variables, values: {}, isStill});
  else to.variables = null;
  const codeAndScope: CodeAndScope = [to.codeIndex(code), scope];
  return code.form === "class"
    ? dismantleClass(fn, analysis, code, codeAndScope, variables, to)
    : to.token(Tag.closure, [
        ...codeAndScope,
        to.value(fn.name),
        slotValues(code, variables, to),
        receiver.map((value) => (to.mayChange(), to.at({words: "its `this`"}, value))),
        functionExtras(fn, analysis, to),
        prototypeExtras(fn, analysis, to),
      ]);
}
type CodeAndScope = [code: number, scope: number];

/** A method that only means something in its class. */
function dismantleMember(place: MemberPlace, to: Dismantler): Token {
  to.mayChange();
  const {cls, isStatic, key, kind} = place;
  return to.token(Tag.member, [to.at({words: "its class"}, cls), isStatic, to.value(key), kind]);
}

interface Captured {
  source: string;
  /** The text of the source, when it is not a cell's. */
  script?: string;
  variables: Record<string, unknown>;
  /** Names of those that belong to functions around it. */
  own: string[];
  scope: ScopeToken;
  scopeName: string;
  /** The `this` of an arrow function, when it uses it. */
  receiver: [] | [unknown];
}

function readThunk(fn: AnyFunction, analysis: Analysis, to: Dismantler): Captured {
  const thunk = thunkOf(fn)!;
  let values: Record<string, unknown>;
  try {
    values = thunk.captured();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const name = /^(?:Cannot access ')?([^\s']+)/.exec(error.message)?.[1] ?? "";
    to.path.push({words: `captured variable \`${name}\``});
    to.refuse("not initialised yet", "call .remote() after its declaration has run");
  }
  const variables: Record<string, unknown> = {};
  const own: string[] = [];
  let scopeName = "";
  for (const name of Object.keys(values)) {
    if (isTokenName(name)) {
      scopeName = name;
      if (values[name] === undefined) refuseInHead(to);
    } else if (analysis.names.includes(name)) {
      variables[name] = values[name];
      if (scopeName !== "") own.push(name);
    }
  }
  for (const name of analysis.names)
    if (!Object.hasOwn(values, name)) checkDefined(name, analysis, to);
  return {
    source: thunk.source,
    variables,
    own,
    scope: (values[scopeName] as ScopeToken | undefined) ?? sessionScope(),
    scopeName: scopeName || tokenName(0),
    receiver: analysis.usesThis && Object.hasOwn(values, "$this") ? [values["$this"]] : [],
  };
}

/** Its variables have no token that it could see (the emitter's scope-tokens.ts). */
function refuseInHead(to: Dismantler): never {
  return to.refuse(
    "a function that shares a variable in the head of a loop, of `catch`, or beside `...` parameters",
    "make it in the body that follows",
  );
}

/** Each takes some 0.3 ms: whole libraries are no value. */
const mostInspected = 2000;

/** Functions of local modules and plain programs: V8 knows their variables. */
function inspectVariables(fn: AnyFunction, analysis: Analysis, to: Dismantler): Captured {
  if (++to.doubtful.inspected > mostInspected)
    to.refuse(`one of more than ${mostInspected} functions that it is made of`, advice.other);
  const known = fixed.get(fn);
  if (known) return known;
  const script = scriptOf(fn);
  const {url, text} = script;
  if (url.startsWith("node:")) to.refuse(`a function of Node's own (${url})`, advice.other);
  if (analysis.usesThis)
    to.refuse(
      "an arrow function that uses the `this` of the function around it",
      "assign it to a const outside and use that",
    );
  const variables: Record<string, unknown> = {};
  const scopes = analysis.names.length > 0 ? readScopes(fn) : [];
  const own: string[] = [];
  for (const name of analysis.names) {
    if (isTokenName(name)) continue;
    const scope = scopes.find(({variables}) => Object.hasOwn(variables, name));
    if (scope) {
      variables[name] = scope.variables[name];
      if (!scope.isOfModule) own.push(name);
    } else checkDefined(name, analysis, to);
  }
  const source = url.startsWith("file:") ? fileURLToPath(url) : url;
  const captured: Captured = {
    source,
    script: text,
    variables,
    own,
    ...(tokenAmong(scopes, analysis) ?? {
      scope: tokenAround(fn, analysis, scopes, own, moduleScopeOf(script)),
      scopeName: tokenName(0),
    }),
    receiver: [],
  };
  if (areFixed(variables, script)) fixed.set(fn, captured);
  return captured;
}

/** A name that is none of the variables must be a global's. */
function checkDefined(name: string, analysis: Analysis, to: Dismantler): void {
  const {typeofOnly, assigned} = analysis;
  if (name in globalThis || typeofOnly.has(name) || isTokenName(name)) return;
  // Sloppy code makes a global by assigning to it.
  if (!(analysis.isSloppy && assigned.has(name)))
    to.refuse(`a function that uses \`${name}\`, which is not defined`, "define it first");
}

/** Accessors of a cell's objects have no thunk, but may stand in a scope that has a token. */
function tokenAmong(
  scopes: InspectedScope[],
  {names}: Analysis,
): {scope: ScopeToken; scopeName: string} | undefined {
  const mentioned = names.find(isTokenName);
  for (const {variables} of scopes) {
    const scopeName = Object.keys(variables).find((name) =>
      mentioned === undefined ? isTokenName(name) : name === mentioned,
    );
    if (scopeName) return {scope: variables[scopeName] as ScopeToken, scopeName};
  }
  return undefined;
}

/** A module is evaluated once, so that its functions share its variables. */
function moduleScopeOf(script: WrittenIn): ScopeToken {
  if (isCell(script.url)) return sessionScope();
  let scope = moduleScopes.get(script.id);
  if (!scope) {
    scope = {names: "", isSloppy: !script.isModule};
    moduleScopes.set(script.id, scope);
  }
  return scope;
}
const moduleScopes = new Map<string, ScopeToken>();

function checkDoubtful(fn: AnyFunction, captured: Captured, code: Code, to: Dismantler): void {
  for (const name of captured.own) {
    if (to.shared.isKnown(captured.scope, name, code)) continue;
    const use = {fn, value: captured.variables[name], isAssigned: code.assigned.includes(name)};
    const other = to.doubtful.note(captured.script!, name, use) as AnyFunction | undefined;
    if (other)
      to.refuse(
        `a function that may share its variable \`${name}\` with \`${other.name || "anonymous"}\`, which V8 does not tell outside of cells`,
        "make it a variable of the module, or a property of an object that both use",
      );
  }
}

/** Functions whose variables keep their values for good: V8 is asked once (some 100 µs). */
const fixed = new WeakMap<object, Captured>();

function areFixed(variables: Record<string, unknown>, script: WrittenIn): boolean {
  const names = Object.keys(variables);
  if (names.length === 0) return true;
  const assigned = assignedNames(script);
  return (
    assigned !== null && names.every((name) => variables[name] !== undefined && !assigned.has(name))
  );
}

function slotValues(code: Code, variables: Record<string, unknown>, to: Dismantler): unknown[] {
  return code.slots.map((slot) => {
    const value = variables[slot];
    if (typeof value === "object" && value !== null && !(value instanceof ObjectRef))
      to.mayChange();
    return to.at({words: `captured variable \`${slot}\``}, value);
  });
}

function dismantleClass(
  cls: AnyFunction,
  analysis: Analysis,
  code: Code,
  codeAndScope: CodeAndScope,
  variables: Record<string, unknown>,
  to: Dismantler,
): Token {
  to.mayChange();
  const {prototype} = cls as unknown as {prototype: object};
  if (to.objects.has(prototype) && classOfPrototype(prototype) !== cls)
    to.refuse(
      "a class whose prototype comes before it, and has another `constructor`",
      advice.other,
    );
  to.classes.set(prototype, cls);
  const parent: unknown = Object.getPrototypeOf(cls);
  const parents = code.superSlot ? [to.at({words: "the class it extends"}, parent)] : [];
  const slots = slotValues(code, variables, to);
  const named = Object.getOwnPropertyDescriptor(cls, "name");
  const hasName = typeof named?.value === "string";
  const {written} = analysis;
  const {superSlot} = code;
  const statics = to.shape(
    cls,
    superSlot ? parent : Function.prototype,
    undefined,
    parent,
    usualOfClass(cls, written),
  );
  const above = superSlot
    ? (parent as {prototype?: unknown}).prototype
    : written.extendsNull
      ? null
      : Object.prototype;
  const members = to.shape(
    prototype,
    above,
    undefined,
    Object.getPrototypeOf(prototype),
    usualOfPrototype(cls, written),
  );
  return to.token(Tag.class, [
    ...codeAndScope,
    to.value(hasName ? named.value : ""),
    to.realm.identityOf(cls),
    parents,
    slots,
    statics,
    members,
    staticPrivates(cls, to),
  ]);
}

function staticPrivates(cls: AnyFunction, to: Dismantler): unknown[] {
  const {statics = [], getStatics} = membersOf(cls) ?? {};
  const values = getStatics?.() ?? [];
  return statics.map((name, i) => to.at(name, values[i]));
}

function dismantleNative(fn: AnyFunction, to: Dismantler): Token {
  to.mayChange();
  const bound = readBound(fn);
  if (!bound) to.refuse(`a native function (\`${fn.name || "anonymous"}\`)`, advice.other);
  return to.token(Tag.bound, [
    to.at({words: "its bound function"}, bound.target),
    to.at({words: "its bound `this`"}, bound.boundThis),
    bound.args.map((value, i) => to.at({words: `its bound argument ${i + 1}`}, value)),
    to.value(fn.name),
    boundExtras(fn, bound, to),
  ]);
}
