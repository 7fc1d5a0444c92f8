// Cells that are run, recorded and drawn: one after another here, on the cluster, or both.

import {isDeepStrictEqual} from "node:util";
import {MagicError, type Magic, type MagicContext} from "./magic.js";
import {ObjectRef} from "../../cluster/index.js";
import {isActor} from "../../cluster/host.js";
import {modelOf, showRuns, twinOf} from "./recorded.js";
import {recordRun} from "../session/runs.js";

const nameHelp = "Two runs of one name are drawn on one time axis; without a name, the latest two.";

export const sequential = recording(
  "sequential",
  "run the cell in this process, one call after another, and draw it",
  `${nameHelp}
Every call of the notebook's own functions, and of its remote classes' methods, is measured. \`.remote(…)\` runs here as well, one task after another.`,
);

export const distributed = recording(
  "distributed",
  "run the cell with its tasks on the cluster, and draw it",
  nameHelp,
);

function recording(mode: "sequential" | "distributed", summary: string, help: string): Magic {
  return {
    name: mode,
    kind: "cell",
    summary,
    help,
    options: {},
    async run(context, args, body) {
      const name = nameOf(args.words, mode);
      try {
        return (await recordRun(context, mode, name, () => context.run(body))).value;
      } finally {
        // A run that failed is drawn as well, as far as it came.
        await showTwins(context, name);
      }
    },
  };
}

/** Nothing is shown when nothing of that name was recorded: the cell did not compile, say. */
async function showTwins(context: MagicContext, name: string): Promise<void> {
  const trace = await context.trace();
  const twins = twinOf(modelOf(trace.events), name).map(({id}) => id);
  if (twins.length > 0) await showRuns(context, trace, "twin", twins);
}

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
    let here, first, there, second;
    try {
      here = await recordRun(context, "sequential", name, () => context.run(body));
      first = await valuesOf(context);
      there = await recordRun(context, "distributed", name, () => context.run(body));
      second = await valuesOf(context);
    } finally {
      await showTwins(context, name);
    }
    const isSet = (each: string) =>
      first.get(each) !== before.get(each) || second.get(each) !== first.get(each);
    const different = [...second.keys()]
      .filter(isSet)
      .filter((each) => !comparable(first.get(each), second.get(each)));
    if (!comparable(here.value.value, there.value.value)) different.unshift("the last value");
    console.log(
      different.length === 0
        ? "Both runs gave the same results."
        : `The runs gave different results: ${different.join(", ")}.`,
    );
    return there.value;
  },
};

function nameOf(words: string[], magic: string): string {
  if (words.length > 1)
    throw new MagicError(`%%${magic} takes one name, got ${words.length}: ${words.join(" ")}`);
  return words[0] ?? "";
}

/** The values that the session's names have now. */
async function valuesOf(context: MagicContext): Promise<Map<string, unknown>> {
  const values = new Map<string, unknown>();
  for (const name of context.names()) {
    const result = await context.value(name).catch(() => undefined);
    values.set(name, result?.value);
  }
  return values;
}

/** Functions, refs and actors differ from run to run by nature; everything else must be equal. */
function comparable(a: unknown, b: unknown): boolean {
  if (typeof a === "function" && typeof b === "function") return true;
  if (holdsRefs(a) && holdsRefs(b)) return true;
  return isDeepStrictEqual(a, b);
}

function holdsRefs(value: unknown): boolean {
  const values = Array.isArray(value) ? value : [value];
  return values.some((each) => each instanceof ObjectRef || isActor(each));
}
