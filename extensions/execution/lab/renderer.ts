// Draws the traces that a notebook keeps: the same diagrams as the panel's, from the saved events.

import type {IRenderMime} from "@jupyterlab/rendermime-interfaces";
import {Panel} from "@lumino/widgets";
import {traceMimeType, type TraceBundle} from "../../../cluster/trace.js";
import {viewOf} from "../views/bundle.js";
import {Figure} from "./figure.js";

class SavedTrace extends Panel implements IRenderMime.IRenderer {
  readonly #figure = new Figure({});

  constructor() {
    super();
    this.addClass("tasklab-trace");
    this.addWidget(this.#figure);
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    try {
      const view = viewOf(model.data[traceMimeType] as unknown as TraceBundle);
      this.#figure.display(view, "Nothing was recorded.");
    } catch (error) {
      this.#figure.display(null, error instanceof Error ? error.message : String(error));
    }
    return Promise.resolve();
  }
}

const extension: IRenderMime.IExtension = {
  id: "tasklab-execution:renderer",
  description: "Draws the saved traces of Tasklab's runs.",
  rendererFactory: {
    safe: true,
    mimeTypes: [traceMimeType],
    // Before image/svg+xml and text/html, which a saved run also has.
    defaultRank: 40,
    createRenderer: () => new SavedTrace(),
  },
  dataType: "json",
};

export default extension;
