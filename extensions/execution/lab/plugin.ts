// JupyterLab's door to the execution diagrams: the panel, its commands and its settings.

import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin,
} from "@jupyterlab/application";
import {ICommandPalette} from "@jupyterlab/apputils";
import {ISettingRegistry} from "@jupyterlab/settingregistry";
import {IStateDB} from "@jupyterlab/statedb";
import {SplitPanel, type Widget} from "@lumino/widgets";
import {chromeTrace} from "../model/chrome-trace.js";
import {ActiveKernel} from "./active-kernel.js";
import {pngOf, saveFile, svgText} from "./exports.js";
import {executionIcon} from "./icon.js";
import {exportCommands, ExecutionPanel} from "./panel.js";
import {currentTheme} from "./theme.js";

const id = "tasklab-execution:plugin";
const show = "tasklab-execution:show";
const widen = "tasklab-execution:show-beside";
const closedKey = "tasklab-execution:closed";

const plugin: JupyterFrontEndPlugin<void> = {
  id,
  description: "Draws, live, how the cells of the active notebook ran.",
  autoStart: true,
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ISettingRegistry, IStateDB],
  activate,
};

export default plugin;

function activate(
  app: JupyterFrontEnd,
  labShell: ILabShell | null,
  restorer: ILayoutRestorer | null,
  palette: ICommandPalette | null,
  settings: ISettingRegistry | null,
  state: IStateDB | null,
): void {
  const panel = new ExecutionPanel(new ActiveKernel(app.shell), app.commands, state);
  app.shell.add(panel, "right", {rank: 150, type: "Execution"});
  restorer?.add(panel, panel.id);
  addCommands(app, panel, palette);
  void openByItself(app, panel, labShell, settings, state);
}

function addCommands(
  app: JupyterFrontEnd,
  panel: ExecutionPanel,
  palette: ICommandPalette | null,
): void {
  const {commands} = app;
  commands.addCommand(show, {
    label: "Show execution panel",
    caption: "Draw how the cells of the active notebook ran",
    icon: executionIcon,
    execute: () => {
      if (!panel.isAttached) app.shell.add(panel, "right", {rank: 150, type: "Execution"});
      app.shell.activateById(panel.id);
      giveRoom(panel);
    },
  });
  commands.addCommand(widen, {
    label: "Show execution panel beside the notebook",
    caption: "Move the panel into the main area, where it has more room",
    icon: executionIcon,
    execute: () => {
      panel.title.label = "Execution";
      panel.title.closable = true;
      app.shell.add(panel, "main", {mode: "split-right"});
      app.shell.activateById(panel.id);
    },
  });
  const [svg, png, chrome, json] = exportCommands;
  const view = () => panel.figure.view;
  const add = (command: string, label: string, execute: () => void | Promise<void>) =>
    commands.addCommand(command, {label, isEnabled: () => view() !== null, execute});
  add(svg, "Export execution diagram as SVG", () => {
    const shown = view();
    if (shown !== null) saveFile("execution.svg", "image/svg+xml", svgText(shown));
  });
  add(png, "Export execution diagram as PNG", async () => {
    const shown = view();
    if (shown !== null) saveFile("execution.png", "image/png", await pngOf(shown, currentTheme()));
  });
  add(chrome, "Export trace for Perfetto (Chrome trace)", () => {
    const trace = panel.feed && chromeTrace(panel.feed.model);
    if (trace) saveFile("execution.trace.json", "application/json", JSON.stringify(trace));
  });
  add(json, "Export trace as JSON", () => {
    const bundle = panel.feed?.bundle(panel.tab.id);
    if (bundle) saveFile("execution.json", "application/json", JSON.stringify(bundle));
  });
  for (const command of [show, widen, ...exportCommands])
    palette?.addItem({command, category: "Tasklab"});
}

/** A side panel opens narrow; diagrams want more. Never makes it narrower. */
function giveRoom(panel: ExecutionPanel): void {
  let side: Widget = panel;
  while (side.parent !== null && !isRow(side.parent)) side = side.parent;
  const split = side.parent;
  if (split === null || !isRow(split)) return;
  const index = split.widgets.indexOf(side);
  const sizes = split.relativeSizes();
  const main = sizes.indexOf(Math.max(...sizes));
  const missing = sideShare - (sizes[index] ?? 0);
  if (index < 0 || index === main || missing <= 0) return;
  split.setRelativeSizes(
    sizes.map((size, at) => (at === index ? sideShare : at === main ? size - missing : size)),
  );
}

function isRow(widget: Widget): widget is SplitPanel {
  return widget instanceof SplitPanel && widget.orientation === "horizontal";
}

/** Share of the window that the panel takes when it opens. */
const sideShare = 0.36;

/** The first recorded run opens the panel, unless the user has closed it before. */
async function openByItself(
  app: JupyterFrontEnd,
  panel: ExecutionPanel,
  labShell: ILabShell | null,
  settings: ISettingRegistry | null,
  state: IStateDB | null,
): Promise<void> {
  let isWanted = true;
  let wasClosed = (await state?.fetch(closedKey).catch(() => undefined)) === true;
  const loaded = await settings?.load(id).catch(() => undefined);
  const read = () => (isWanted = loaded?.get("openByItself").composite !== false);
  read();
  loaded?.changed.connect(read);
  panel.onRun = () => {
    if (!isWanted || wasClosed || panel.isVisible) return;
    app.shell.activateById(panel.id);
    giveRoom(panel);
  };
  let wasVisible = panel.isVisible;
  labShell?.layoutModified.connect(() => {
    if (panel.isVisible === wasVisible) return;
    wasVisible = panel.isVisible;
    wasClosed = !wasVisible;
    void state?.save(closedKey, wasClosed);
  });
}
