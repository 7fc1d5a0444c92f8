// What a view is: facts computed from the trace, and the ways to show them.
//
// A view is one file in this folder and one row in all.ts. The panel, saved pictures, the magics,
// the table and the gallery know views by that table alone.

import type {TaskId} from "../../../cluster/ids.js";
import type {TimeScale} from "../diagrams/axis.js";
import type {Canvas} from "../diagrams/canvas.js";
import type {LanesOptions} from "../diagrams/twin.js";
import type {Run} from "../model/records.js";
import type {Table} from "../model/table.js";
import type {TraceModel} from "../model/trace-model.js";

/** The facts that every view has. Times are microseconds of the trace's clock. */
export interface Facts {
  /** All of the view in one sentence. */
  readonly sentence: string;
  /** The time that is zero on the view's axis. */
  readonly zero: number;
  /** Now on the view's axis; null when nothing runs any more. */
  readonly nowUs: number | null;
}

/** The reader's choice; each view takes the part that it is about. */
export interface Chosen {
  /** The newest run when left out. */
  run?: Run | undefined;
  /** A task worth showing when left out. */
  task?: TaskId | undefined;
  /** How many workers an estimate is for; 4 when left out. */
  workers?: number | undefined;
  /** The time at which running things are shown; the last event's when left out. */
  now?: number | undefined;
}

/** One moment of a view, ready to be shown. */
export interface View extends Facts {
  readonly id: string;
  /** Draws into the canvas, changing only what differs from the moment drawn before. */
  draw(canvas: Canvas, options: LanesOptions): TimeScale;
  /** Gives the same facts as a table, for readers who do not look at pictures. */
  table(): Table;
}

export interface ViewDefinition<F extends Facts> {
  /** The view's name in saved traces and in the code. */
  id: string;
  /** The view's name for readers. */
  label: string;
  /** Says in half a sentence what the view shows. */
  hint: string;
  /** The panel's words when there is nothing to show yet. */
  empty: string;
  /** The subject of the view: the panel offers the reader such a choice. */
  about: "a run" | "two runs" | "a task" | "the cluster";
  /** Whether the panel has a tab for it; otherwise only magics show it. */
  hasTab: boolean;
  /** Null when the trace holds nothing of this kind. */
  model(trace: TraceModel, chosen: Chosen): F | null;
  draw(canvas: Canvas, facts: F, options: LanesOptions): TimeScale;
  table(facts: F): Table;
}

/** A kind of view, whatever its facts are. */
export interface ViewKind extends Omit<ViewDefinition<Facts>, "model" | "draw" | "table"> {
  /** The view of a trace; null when the trace holds nothing of this kind. */
  of(trace: TraceModel, chosen: Chosen): View | null;
}

/** Ties the facts of a view to the ways to show them. `show` does so for facts at hand. */
export function defineView<F extends Facts>(
  definition: ViewDefinition<F>,
): ViewKind & {show(facts: F): View} {
  const {model, draw, table, ...words} = definition;
  const show = (facts: F): View => ({
    id: words.id,
    sentence: facts.sentence,
    zero: facts.zero,
    nowUs: facts.nowUs,
    draw: (canvas, options) => draw(canvas, facts, options),
    table: () => table(facts),
  });
  return {
    ...words,
    show,
    of: (trace, chosen) => {
      const facts = model(trace, chosen);
      return facts && show(facts);
    },
  };
}
