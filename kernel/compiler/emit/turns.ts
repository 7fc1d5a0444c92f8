// Loops that are debugged, on V8 12 (Node 22): each turn makes a call.
//
// There V8 hears of nothing from outside in a loop without calls, once it has stopped in the loop's
// function (measured; neither V8 11 nor 13): no interrupt, no pause. At the entry of a function it
// does.
//
//   while (x) x++      while (x) {/*<span*/(() => {})();/*span>*/x++}
//
// The markers say that it is nobody's code: steps pass it, and shipped functions are without it.

import type {AnyNode} from "acorn";
import type MagicString from "magic-string";
import {childrenOf} from "../../../cluster/shipping/source/scopes.js";
import {spanClose, spanOpen} from "../../../cluster/shipping/source/thunk.js";
import {putFirst} from "./put-first.js";

const call = `${spanOpen}(() => {})();${spanClose}`;

export function editTurns(node: AnyNode, text: MagicString): void {
  if (!process.versions.v8.startsWith("12.")) return;
  for (const child of childrenOf(node)) editTurns(child, text);
  if (isLoop(node)) putFirst(node.body, call, text);
}

type LoopKind = "For" | "ForIn" | "ForOf" | "While" | "DoWhile";
type Loop = Extract<AnyNode, {type: `${LoopKind}Statement`}>;

function isLoop(node: AnyNode): node is Loop {
  return /^(For|ForIn|ForOf|While|DoWhile)Statement$/.test(node.type);
}
