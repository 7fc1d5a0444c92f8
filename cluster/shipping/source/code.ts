// The text of a function or class, made fit to be evaluated elsewhere: spans are blanked out, and a
// class is without the parts that ran when it was defined. Positions in the text stay.

import {createHash} from "node:crypto";
import type {
  AnyNode,
  Class as ClassNode,
  ExpressionStatement,
  Program,
  PropertyDefinition,
} from "acorn";
import {assignedPrivates} from "./assignments.js";
import {analyze as analyzeScopes, freeNamesOf, keyName, parseClosure} from "./scopes.js";
import {type Written, writtenIn} from "./written.js";
import {placeOf, type Place} from "./places.js";
import {Recent} from "../../recent.js";
import {blank, blankSpans} from "./texts.js";
import {membersBlock} from "./thunk.js";

export interface Code {
  /** The hash of all other members. */
  hash: string;
  text: string;
  /** Methods and accessors are no expressions by themselves. */
  form: "function" | "arrow" | "method" | "class";
  /** The text is to be evaluated as sloppy code. */
  isSloppy: boolean;
  /** Captured names. */
  slots: readonly string[];
  /** The name under which a class finds the class that it extends; "" without one. */
  superSlot: string;
  /** Captured names that belong to functions around this one, not to the session. */
  own: readonly string[];
  /** The name under which the function finds the token of the scope around it (thunk.ts). */
  scopeName: string;
  /** Captured names that the function assigns to: no two tasks may share these variables. */
  assigned: readonly string[];
  /** The source that the function was written in, `Cell In[5]`, and the place in there. */
  place: Place;
  /** For a class: it has members whose names are computed when the class is defined. */
  hasComputed: boolean;
}

/** What analysis finds in a text, whatever the function captures. */
export interface Analysis {
  text: string;
  form: Code["form"];
  isSloppy: boolean;
  names: readonly string[];
  assigned: ReadonlySet<string>;
  typeofOnly: ReadonlySet<string>;
  usesThis: boolean;
  /** Why the text can't be evaluated by itself; "" when it can. */
  obstacle: string;
  superSlot: string;
  /** What the text defines by itself, so that only later changes are sent. */
  written: Written;
  hasComputed: boolean;
  /** For a class: names of private members of its instances. */
  privates: readonly string[];
  /**
   * For a class: names of its own private members that only the class could read, and whose values
   * may have changed.
   */
  hidden: readonly string[];
}

/** How many texts of functions a session keeps; the oldest goes first. */
const cacheLimit = 5000;
const analyses = new Recent<string, Analysis>(cacheLimit);
const codes = new Recent<string, Code>(cacheLimit);

export function analysisOf(text: string, isSloppy = false): Analysis {
  const key = isSloppy ? `sloppy ${text}` : text;
  const known = analyses.get(key);
  if (known) return known;
  const made = analyze(text, isSloppy);
  analyses.set(key, made);
  return made;
}

/**
 * Where a function was found: its source, the text of the source unless that is a cell, and its
 * names.
 */
export interface Surroundings {
  source: string;
  script?: string;
  slots: readonly string[];
  own: readonly string[];
  scopeName: string;
}

export function codeOf(
  text: string,
  analysis: Analysis,
  {source, script = "", slots, own, scopeName}: Surroundings,
): Code {
  const {text: shipped, form, isSloppy, superSlot, hasComputed} = analysis;
  const key = `${source}\0${slots.join()}\0${own.join()}\0${scopeName}\0${isSloppy}\0${text}`;
  const known = codes.get(key);
  if (known) return known;
  const assigned = slots.filter((slot) => analysis.assigned.has(slot));
  const names = {slots, own, scopeName, superSlot, assigned};
  const rest = {text: shipped, form, isSloppy, ...names, hasComputed};
  const place = placeOf(text, source, script);
  const hash = createHash("sha1")
    .update(JSON.stringify([rest, place]))
    .digest("hex");
  const made: Code = {hash, ...rest, place};
  codes.set(key, made);
  return made;
}

function analyze(raw: string, isSloppy: boolean): Analysis {
  const read = blankSpans(raw);
  let text = read;
  const {program, closure, prefix, privateNames} = parseClosure(text);
  if (prefix !== "(") text = withPlainKey(text, program, prefix.length);
  const isClass = closure.type === "ClassExpression" || closure.type === "ClassDeclaration";
  const parts = isClass ? classParts(text, closure as ClassNode, prefix.length) : noParts;
  // Static blocks may use names that the rest of the class does not.
  const shipped = parts.text ?? text;
  const free =
    shipped === read
      ? analyzeScopes(program, isSloppy).closures.get(closure)!
      : freeNamesOf(shipped, isSloppy);
  free.names.delete(parts.superSlot);
  return {
    text: shipped,
    form: isClass
      ? "class"
      : prefix !== "("
        ? "method"
        : closure.type === "ArrowFunctionExpression"
          ? "arrow"
          : "function",
    isSloppy,
    names: [...free.names.keys()],
    assigned: free.assigned,
    typeofOnly: free.typeofOnly,
    usesThis: free.this,
    obstacle: obstacleOf(free, privateNames),
    superSlot: parts.superSlot,
    written: writtenIn(read, closure, prefix.length),
    hasComputed: parts.hasComputed,
    privates: parts.privates,
    hidden: parts.hidden,
  };
}

/**
 * Puts a plain key in the place of a lone method's computed name. The name is of no use where the
 * method runs, and its expression may need variables.
 */
function withPlainKey(text: string, program: Program, offset: number): string {
  const {expression} = program.body[0] as ExpressionStatement;
  const member =
    expression.type === "ObjectExpression"
      ? expression.properties[0]
      : expression.type === "ClassExpression"
        ? expression.body.body[0]
        : undefined;
  if (!member || !("computed" in member) || !member.computed) return text;
  const {start, end} = member.key;
  return `${text.slice(0, start - offset)}0${blank(text.slice(start - offset + 1, end - offset))}${text.slice(end - offset)}`;
}

function obstacleOf(
  free: {arguments: boolean; newTarget: boolean; super: boolean},
  [privateName]: readonly string[],
): string {
  if (privateName) return `uses \`${privateName}\`, which is private to the class around it`;
  if (free.super) return "uses `super`, which belongs to the object or class around it";
  if (free.arguments) return "uses the `arguments` of the function around it";
  if (free.newTarget) return "uses the `new.target` of the function around it";
  return "";
}

interface ClassParts {
  text?: string;
  superSlot: string;
  hasComputed: boolean;
  privates: string[];
  hidden: string[];
}
const noParts: ClassParts = {superSlot: "", hasComputed: false, privates: [], hidden: []};

/**
 * Takes out what ran when a class was defined. The results of static fields and blocks are sent as
 * values. So is the class that this one extends, since the expression after `extends` may make a
 * new class each time.
 */
function classParts(text: string, node: ClassNode, offset: number): ClassParts {
  const edits: {start: number; end: number; text: string}[] = [];
  const privates: string[] = [];
  const hidden: string[] = [];
  for (const member of node.body.body) {
    if (member.type === "StaticBlock") {
      if (text.startsWith(membersBlock, member.start - offset)) continue;
      edits.push({start: member.start, end: member.end, text: ""});
      continue;
    }
    const isPrivate = member.key.type === "PrivateIdentifier";
    if (isPrivate && !member.static) privates.push(nameOf(member));
    if (member.type === "PropertyDefinition") {
      if (member.static && !isPrivate)
        edits.push({start: member.start, end: member.end, text: ";"});
      else if (member.static && text.includes(membersBlock))
        edits.push({start: member.key.end, end: member.end, text: ";"});
      else if (member.static && !isConstant(member, node)) hidden.push(nameOf(member));
    }
  }
  let superSlot = "";
  const parent = node.superClass;
  if (parent && !(parent.type === "Literal" && parent.value === null)) {
    superSlot =
      "$_ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("").find((name) => !text.includes(name)) ??
      "$parentClass$";
    edits.push({start: parent.start, end: parent.end, text: superSlot});
  }
  let out = text;
  for (const {start, end, text: put} of edits.sort((a, b) => b.start - a.start)) {
    const [from, to] = [start - offset, end - offset];
    out = out.slice(0, from) + put + blank(out.slice(from + put.length, to)) + out.slice(to);
  }
  const hasComputed = node.body.body.some((member) => "computed" in member && member.computed);
  return {text: out, superSlot, hasComputed, privates, hidden};
}

const nameOf = ({key}: {key: unknown}): string => keyName(key as AnyNode);

/** Tells whether a private field has a plain value that nothing in the class assigns to. */
function isConstant(field: PropertyDefinition, node: ClassNode): boolean {
  return field.value?.type === "Literal" && !assignedPrivates(node as AnyNode).has(nameOf(field));
}
