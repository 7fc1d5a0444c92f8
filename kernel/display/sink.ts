// What cells show by `display` and empty by `clearOutput`, on its way to the cell that caused it.

import type {TaskShown} from "../../cluster/backend.js";
import {ambient} from "../../cluster/host.js";
import type {MimeBundle, Shown} from "../../cluster/show/displayable.js";
import {rawShown} from "../../cluster/show/sendable.js";
import type {Sink} from "../../cluster/show/show.js";
import type {Host} from "../session/host.js";
import type {CellId} from "../threads.js";
import {shownOf} from "./bundle.js";

/** `failed` hears of values whose own way of showing them fails later. */
export function createSink(host: Host, failed: (error: unknown) => void): Sink {
  return {
    display(value, {displayId, raw = false, metadata, update}) {
      const cell = ambient().cell as CellId;
      const type = update ? "update_display_data" : "display_data";
      const show = (shown: Shown | null) =>
        host.display({
          ...{cell, type, displayId},
          ...(shown ?? {data: {"text/plain": "undefined"}, metadata: {}}),
        });
      // At once, so that it stands in its place among what is printed.
      const shown = raw ? rawShown(value as MimeBundle, metadata) : shownOf(value);
      if (shown instanceof Promise) shown.then(show, failed);
      else show(shown);
    },
    clear: ({wait}) => host.post({kind: "clear-output", cell: ambient().cell as CellId, wait}),
  };
}

/** Shows what a task has shown, in the cell that submitted it. */
export function showOfTask(host: Host, cell: string, {update, ...shown}: TaskShown): void {
  const type = update ? "update_display_data" : "display_data";
  host.display({cell: cell as CellId, type, ...shown});
}
