// Cells that are run, recorded and drawn: one after another here, on the cluster, or both.

import {isDeepStrictEqual} from "node:util";
import type {RunId} from "../../cluster/ids.js";
import {MagicError, type Magic, type MagicContext} from "./magic.js";
import {showRuns, twinOf} from "./recorded.js";
import {recordRun} from "../session/runs.js";

const nameHelp = "Two runs of one name are drawn on one time axis; without a name, the latest two.";

export const sequential: Magic = {
  name: "sequential",
  kind: "cell",
  summary: "run the cell in this process, one call after another, and draw it",
  help: `${nameHelp}
Every call of the notebook's own functions is measured. \`.remote(…)\` runs here as well, one task after another.`,
  options: {},
  async run(context, args, body) {
    const name = nameOf(args.words, "sequential");
    const {value} = await recordRun(context, "sequential", name, () => context.run(body));
    await showTwin(context, name);
    return value;
  },
};

export const distributed: Magic = {
  name: "distributed",
  kind: "cell",
  summary: "run the cell with its tasks on the cluster, and draw it",
  help: nameHelp,
  options: {},
  async run(context, args, body) {
    const name = nameOf(args.words, "distributed");
    const {value} = await recordRun(context, "distributed", name, () => context.run(body));
    await showTwin(context, name);
    return value;
  },
};

export const compare: Magic = {
  name: "compare",
  kind: "cell",
  summary: "run the cell twice, here and on the cluster, and compare times and results",
  help: `Remote calls run one after another in this process first, then on the cluster. The last value and the
names that the cell sets are compared deeply. What the cell does besides (files, output) happens twice.`,
  options: {},
  async run(context, args, body) {
    const name = nameOf(args.words, "compare");
    console.log(
      "%%compare runs the cell twice: here, then on the cluster; its side effects happen twice.",
    );
    const before = await valuesOf(context);
    const here = await recordRun(context, "sequential", name, () => context.run(body));
    const first = await valuesOf(context);
    const there = await recordRun(context, "distributed", name, () => context.run(body));
    const second = await valuesOf(context);
    const set = [...first.keys()].filter((each) => first.get(each) !== before.get(each));
    const different = set.filter((each) => !comparable(first.get(each), second.get(each)));
    if (!comparable(here.value, there.value)) different.unshift("the last value");
    await showRuns(context, "twin", [here.run, there.run]);
    console.log(
      different.length === 0
        ? "Both runs gave the same results."
        : `The runs gave different results: ${different.join(", ")}.`,
    );
    return there.value;
  },
};

async function showTwin(context: MagicContext, name: string): Promise<void> {
  const {events} = await context.trace();
  const runs: RunId[] = twinOf(events, name).map((run) => run.run);
  await showRuns(context, "twin", runs);
}

function nameOf(words: string[], magic: string): string {
  if (words.length > 1)
    throw new MagicError(`%%${magic} takes one name, got ${words.length}: ${words.join(" ")}`);
  return words[0] ?? "";
}

/** The values that the session's names have now. */
async function valuesOf(context: MagicContext): Promise<Map<string, unknown>> {
  const values = new Map<string, unknown>();
  for (const name of context.names())
    values.set(name, await context.value(name).catch(() => undefined));
  return values;
}

/** Functions and refs differ from run to run by nature; everything else must be equal. */
function comparable(a: unknown, b: unknown): boolean {
  if (typeof a === "function" && typeof b === "function") return true;
  if (holdsRefs(a) && holdsRefs(b)) return true;
  return isDeepStrictEqual(a, b);
}

function holdsRefs(value: unknown): boolean {
  const values = Array.isArray(value) ? value : [value];
  return values.some((each) => each?.constructor?.name === "ObjectRef");
}
