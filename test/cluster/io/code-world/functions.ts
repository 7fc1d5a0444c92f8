// Shipped functions that are only names and sizes: they weigh what large ones weigh, and whoever
// runs one can tell whether each of its pieces is the right one.

import type {ShippedCode, ShippedPart} from "../../../../cluster/backend.js";
import type {Random} from "../../../simulation/random.js";

/** A frame of which only the size counts, and what it stands for. */
type Stand = Uint8Array & {standsFor: string};

export function piece(hash: string, sizeBytes: number): ShippedPart {
  return {hash, frames: [{byteLength: sizeBytes, standsFor: hash} as Stand]};
}

/** What a run of the function comes to. */
export function fingerprint({frames, parts}: ShippedCode): string {
  const names = [{frames}, ...parts].map(
    (each) => (each.frames[0] as Stand | undefined)?.standsFor,
  );
  return names.join("+");
}

/** Some share parts, some are large, and there are more than a worker keeps. */
export function makeFunctions(random: Random): ShippedCode[] {
  const sizes = random.pick([[1e3], [1e3, 1e3, 1e3, 30e6], [5e6, 20e6], [1e3, 70e6, 300e6]]);
  const partCount = random.whole(1, 12);
  const parts = Array.from({length: partCount}, (_, i) => piece(`part${i}`, random.pick(sizes)));
  const count = random.pick([1, 3, 20, 700]);
  return Array.from({length: count}, (_, i) => {
    const own = random.pick(sizes);
    const some = parts.filter(() => random.chance(0.3));
    // The values that it captures belong to it alone.
    const values = random.chance(0.5) ? [piece(`values${i}`, random.pick(sizes))] : [];
    return {...piece(`function${i}`, own), parts: [...some, ...values]};
  });
}
