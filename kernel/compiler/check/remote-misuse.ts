// What TypeScript says in its own words about remote functions and classes that are used like
// ordinary ones; here it is in ours.

import type * as TypeScript from "typescript";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import type {Checked} from "./converter.js";
import {withoutNamespaces} from "../rewrite/remote-classes.js";

interface Found {
  start: number;
  length: number;
  messageText: string;
  code: number;
}

/** What TypeScript speaks of instead: an argument of a wrong type, or an implicit `any`. */
const theirs = new Set([2345, 7009]);
/** Its number of what `new` can't make. */
const notConstructable = 2351;

/**
 * What was found in the cell, with each `new f()` and `new Counter()` of a remote one in our words.
 */
export function withNewOfRemote(found: Found[], checked: Checked, cell: string): Found[] {
  if (!found.some(({code}) => theirs.has(code)) || !/\bnew\b/.test(cell)) return found;
  const offset = checked.file.text.indexOf(cell);
  const ours = newOfRemote(checked).map((each) => ({...each, start: each.start - offset}));
  const isSaid = ({start, code}: Found) =>
    theirs.has(code) &&
    ours.some((each) => each.start <= start && start < each.start + each.length);
  const others = found.filter((each) => !isSaid(each));
  return [...others, ...ours].sort((a, b) => a.start - b.start);
}

function newOfRemote({program, file}: Checked): Found[] {
  const ts = typescript();
  const checker = program.getTypeChecker();
  const found: Found[] = [];
  const visit = (node: TypeScript.Node): void => {
    ts.forEachChild(node, visit);
    if (!ts.isNewExpression(node)) return;
    const refused = refusals[ownTypeName(checker.getTypeAtLocation(node.expression)) ?? ""];
    if (refused === undefined) return;
    const start = node.getStart(file);
    const messageText = refused.replaceAll("C", node.expression.getText(file));
    found.push({start, length: node.end - start, messageText, code: notConstructable});
  };
  visit(file);
  return found;
}

/** By the type; C is the name. */
const refusals: Record<string, string> = {
  ActorClass:
    "an actor class makes no instances by itself: write C.remote(…) to make an actor, or C.local(…) to make an instance here",
  RemoteFunction: "a remote function makes no instances: write C.remote(…)",
  GenericRemoteFunction: "a remote function makes no instances: write C.remote(…)",
};

/** Of a type that "tasklab" declares. */
function ownTypeName(type: TypeScript.Type): string | undefined {
  const symbol = type.aliasSymbol ?? type.getSymbol();
  const isOwn = symbol?.declarations?.some((declaration) =>
    /\/cluster\/api\/[\w-]+\.d\.ts$/.test(declaration.getSourceFile().fileName),
  );
  return isOwn ? symbol!.name : undefined;
}

/** `at`: the cell from there on. */
export function inOurWords(message: string, at = ""): string {
  // A type of `this` that is a sentence is meant for the reader: `cluster/api/remote.ts` has one.
  const [, sentence] =
    /^The 'this' context .* method's 'this' of type '"(.*)"'\.$/.exec(message) ?? [];
  const readable = sentence ?? withoutNamespaces(message);
  // In its own body, and before it is made remote, a class is a class.
  const [, name] =
    /^Property '(?:remote|options|local)' does not exist on type 'typeof (.+)'\.$/.exec(readable) ??
    [];
  if (name !== undefined)
    return `${readable}\nHere \`${name}\` is the class itself; \`remote(${name}).remote(…)\` makes an actor of it`;
  const hint = isOfRef(readable)
    ? ofRef
    : isMisplaced(readable, at)
      ? misplaced
      : /^Type 'ActorClass<.*>' is not a constructor function type\.$/.test(readable)
        ? extended
        : undefined;
  return hint === undefined ? readable : `${readable}\n${hint}`;
}

const extended =
  "A remote class can't be extended: extend a plain one, and make each remote where it is needed, by `remote(…)`";

/** A ref stands where its value is meant. */
function isOfRef(message: string): boolean {
  return (
    /^(?:(?:Type|Argument of type|Property '.*' does not exist on type) |Operator .*)'ObjectRef</.test(
      message,
    ) && !/ to (?:parameter of )?type '(?:readonly )?(?:ObjectRef|Argument)</.test(message)
  );
}
const ofRef = "An ObjectRef is a ticket for a value; `await get(…)` of it gives the value";

/**
 * `@remote`, as others write it too, before what is no function with one signature, and no class.
 */
function isMisplaced(message: string, at: string): boolean {
  return message === "Decorators are not valid here." && /^@[\w$.]*\bremote\b/i.test(at);
}
const misplaced =
  "`@remote`, so written, stands before a function without overloads or a class; `remote(f)` makes any other function `f` remote";

/** What every function has is hidden behind what a remote one has. */
export function withoutFunctionMembers(names: readonly string[]): readonly string[] {
  if (!["remote", "options", "apply", "bind"].every((name) => names.includes(name))) return names;
  return names.filter((name) => !ofFunctions.has(name));
}
const ofFunctions = new Set(
  "apply arguments bind call caller length name prototype toString".split(" "),
);
