// Where a lease goes, as numbers: no node is touched here.

import {fits, inWords} from "./amounts.js";
import type {Amounts} from "./amounts.js";

export interface NodeRoom {
  readonly total: Amounts;
  readonly free: Amounts;
}

/**
 * Below this share of its scarcest resource a node is filled up first, above it nodes are balanced.
 */
const packedUntil = 0.5;

/**
 * The node to use among those that can take `need` now: Ray's hybrid rule; the earlier one on a
 * tie.
 */
export function chooseNode<Node extends NodeRoom>(
  nodes: Iterable<Node>,
  need: Amounts,
): Node | null {
  let best: Node | null = null;
  let bestScore = Infinity;
  for (const node of nodes) {
    const used = utilisation(node, need);
    const score = used < packedUntil ? 0 : used;
    if (score < bestScore) {
      best = node;
      bestScore = score;
    }
  }
  return best;
}

/** The used share of the scarcest resource, among the resources that `need` names. */
function utilisation(node: NodeRoom, need: Amounts): number {
  let most = 0;
  for (const name of need.keys()) {
    const total = node.total.get(name) ?? 0;
    if (total > 0) most = Math.max(most, (total - (node.free.get(name) ?? 0)) / total);
  }
  return most;
}

/** Why no node could ever take `need`, or null when one could. */
export function whatIsMissing(nodes: readonly NodeRoom[], need: Amounts): string | null {
  if (nodes.some((node) => fits(need, node.total))) return null;
  const largest = [...need].map(([name]): [string, number] => [
    name,
    Math.max(0, ...nodes.map((node) => node.total.get(name) ?? 0)),
  ]);
  const short = [...need].filter(([, whole], i) => whole > largest[i]![1]);
  if (short.length === 0)
    return `needs ${inWords(need)} on one node, and no single node has it all`;
  const had = largest.filter(([name]) => short.some(([other]) => other === name));
  return `needs ${inWords(short)}, the largest node has ${inWords(had)}`;
}
