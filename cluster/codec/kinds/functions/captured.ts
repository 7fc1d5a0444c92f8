// What a function or class captures, and where it was written. The thunk of a function tells, or V8
// does.

import {fileURLToPath} from "node:url";
import {
  type InspectedScope,
  readScopes,
  scriptOf,
  type WrittenIn,
} from "../../../shipping/functions/closure-inspector.js";
import {tokenAround} from "../../../shipping/functions/inspected-scopes.js";
import {thunkOf} from "../../../shipping/functions/stamps.js";
import {assignedNames} from "../../../shipping/source/assignments.js";
import type {Analysis} from "../../../shipping/source/code.js";
import {isCell} from "../../../shipping/source/stacks.js";
import {
  isTokenName,
  type ScopeToken,
  sessionScope,
  tokenName,
} from "../../../shipping/source/thunk.js";
import type {Dismantler} from "../../dismantle.js";
import type {AnyFunction} from "../../elsewhere.js";
import {advice} from "../../refusal.js";

export interface Captured {
  source: string;
  /** The text of the source, unless the source is a cell. */
  script?: string;
  variables: Record<string, unknown>;
  /** Names of the variables that belong to functions around this one. */
  own: string[];
  scope: ScopeToken;
  scopeName: string;
  /** The `this` of an arrow function, when it uses it. */
  receiver: [] | [unknown];
}

export function readThunk(fn: AnyFunction, analysis: Analysis, to: Dismantler): Captured {
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

/**
 * Refuses a function whose variables have no token that the function could see (the emitter's
 * scope-tokens.ts).
 */
function refuseInHead(to: Dismantler): never {
  return to.refuse(
    "a function that shares a variable in the head of a loop, of `catch`, or beside `...` parameters",
    "make it in the body that follows",
  );
}

/** Each inspection takes some 0.3 ms: whole libraries are no value. */
const mostInspected = 2000;

/** Asks V8 for the variables of a function of a local module or a plain program. */
export function inspectVariables(fn: AnyFunction, analysis: Analysis, to: Dismantler): Captured {
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

/** Checks that a name which is none of the variables is a global. */
function checkDefined(name: string, analysis: Analysis, to: Dismantler): void {
  const {typeofOnly, assigned} = analysis;
  if (name in globalThis || typeofOnly.has(name) || isTokenName(name)) return;
  // Sloppy code makes a global by assigning to it.
  if (!(analysis.isSloppy && assigned.has(name)))
    to.refuse(`a function that uses \`${name}\`, which is not defined`, "define it first");
}

/** Finds the token of a scope around an accessor of a cell's object, which has no thunk itself. */
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

/**
 * Gives the scope of a module. A module is evaluated once, so its functions share its variables.
 */
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

/**
 * Functions whose variables keep their values for good: V8 is asked once for each (some 100 µs).
 */
export const fixed = new WeakMap<object, Captured>();

function areFixed(variables: Record<string, unknown>, script: WrittenIn): boolean {
  const names = Object.keys(variables);
  if (names.length === 0) return true;
  const assigned = assignedNames(script);
  return (
    assigned !== null && names.every((name) => variables[name] !== undefined && !assigned.has(name))
  );
}
