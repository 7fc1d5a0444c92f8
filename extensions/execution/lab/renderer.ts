// Draws the traces that a notebook keeps.

import type {IRenderMime} from "@jupyterlab/rendermime-interfaces";
import {Widget} from "@lumino/widgets";
import type {traceMimeType} from "../../../cluster/trace.js";

const mimeType: typeof traceMimeType = "application/vnd.tasklab.trace+json";

class SavedTrace extends Widget implements IRenderMime.IRenderer {
  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.addClass("tasklab-trace");
    this.node.textContent = JSON.stringify(model.data[mimeType]).slice(0, 80);
  }
}

const extension: IRenderMime.IExtension = {
  id: "tasklab-execution:renderer",
  description: "Draws saved traces.",
  rendererFactory: {
    safe: true,
    mimeTypes: [mimeType],
    defaultRank: 40,
    createRenderer: () => new SavedTrace(),
  },
  rank: 40,
  dataType: "json",
};

export default extension;
