// Diagrams of what has been recorded, as cell output that stays in the saved notebook.

import {MagicError, type Magic} from "./magic.js";
import {latestRun, latestTask, modelOf, showRuns, twinOf} from "./recorded.js";

export const timeline: Magic = {
  name: "timeline",
  kind: "line",
  summary: "draw the last run: who ran what, when",
  help: `%timeline                 nodes and workers of the last recorded run
%timeline NAME            of the last run called NAME
%timeline --twin          the last sequential and the last distributed run on one time axis
%timeline --ideal 4       the last sequential run spread perfectly over 4 workers: an estimate`,
  options: {
    twin: {type: "flag", summary: "sequential above, distributed below"},
    ideal: {
      type: "number",
      summary: "workers to spread the sequential run over",
      check: (value) =>
        Number.isInteger(value) && Number(value) > 0 ? undefined : "must be a whole number ≥ 1",
    },
  },
  async run(context, args) {
    const trace = await context.trace();
    const model = modelOf(trace.events);
    const name = args.words[0];
    const workers = args.numbers["ideal"];
    if (workers !== undefined) {
      const sequential = model
        .runsByStart()
        .findLast((run) => run.mode === "sequential" && (name === undefined || run.name === name));
      if (!sequential)
        throw new MagicError(
          "%timeline --ideal: no sequential run has been recorded; run a cell that begins with %%sequential",
        );
      return showRuns(context, trace, "ideal", [sequential.id], {workers});
    }
    if (args.flags.has("twin")) {
      const twins = twinOf(model, name ?? latestRun(model).name);
      return showRuns(
        context,
        trace,
        "twin",
        twins.map((run) => run.id),
      );
    }
    return showRuns(context, trace, "timeline", [latestRun(model, name).id]);
  },
};

export const follow: Magic = {
  name: "follow",
  kind: "line",
  summary: "follow one task from its call to its value",
  help: `%follow                   the last task that has finished
%follow FUNCTION          the last finished task of FUNCTION`,
  options: {},
  async run(context, args) {
    const trace = await context.trace();
    const {task, run} = latestTask(modelOf(trace.events), args.words[0]);
    return showRuns(context, trace, "steps", [run], {task});
  },
};
