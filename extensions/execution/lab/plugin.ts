// JupyterLab's door to the execution diagrams.

import type {JupyterFrontEnd, JupyterFrontEndPlugin} from "@jupyterlab/application";

const plugin: JupyterFrontEndPlugin<void> = {
  id: "tasklab-execution:plugin",
  description: "Draws, live, how the cells of the active notebook ran.",
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    void app;
  },
};

export default plugin;
