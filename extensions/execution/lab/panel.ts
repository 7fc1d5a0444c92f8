// The panel "Execution": tabs with the diagrams of the active notebook's kernel, drawn live.

import type {IStateDB} from "@jupyterlab/statedb";
import type {CommandRegistry} from "@lumino/commands";
import type {Message} from "@lumino/messaging";
import {Menu, Panel, Widget} from "@lumino/widgets";
import type {RunId, TaskId} from "../../../cluster/ids.js";
import type {Run, SpanId} from "../model/records.js";
import {views} from "../views/all.js";
import {stepsView} from "../views/steps.js";
import type {View, ViewKind} from "../views/view.js";
import type {ActiveKernel} from "./active-kernel.js";
import {Feed} from "./feed.js";
import {Figure} from "./figure.js";
import {executionIcon} from "./icon.js";

const tabs = views.filter(({hasTab}) => hasTab);

/** A view is made anew at most this often, and while something runs at least this often. */
const quickestMs = 100;
const slowestMs = 250;
/** Runs to choose from. */
const maxRuns = 30;

export class ExecutionPanel extends Panel {
  readonly figure: Figure;
  #tab: ViewKind = tabs[0]!;
  #feed: Feed | undefined;
  #run: RunId | "" = "";
  #task: TaskId | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = 0;
  #costMs = 0;
  readonly #active: ActiveKernel;
  readonly #state: IStateDB | null;
  readonly #buttons = new Map<ViewKind, HTMLButtonElement>();
  readonly #runs = document.createElement("select");
  readonly #table = document.createElement("button");
  /** A recorded cell has begun. */
  onRun: () => void = () => undefined;

  constructor(active: ActiveKernel, commands: CommandRegistry, state: IStateDB | null) {
    super();
    this.#active = active;
    this.#state = state;
    this.id = "tasklab-execution";
    this.addClass("tasklab-panel");
    this.title.icon = executionIcon;
    this.title.caption = "Execution: how the cells of this notebook ran";
    this.node.setAttribute("aria-label", "Execution");
    this.figure = new Figure({
      now: () => this.#feed?.now() ?? 0,
      choose: (span) => this.#follow(span),
      overflowed: () => this.#refreshSoon(),
    });
    const body = new Panel();
    body.addClass("tasklab-body");
    body.node.setAttribute("role", "tabpanel");
    body.addWidget(this.figure);
    this.addWidget(new Widget({node: this.#tabBar()}));
    this.addWidget(new Widget({node: this.#toolBar(commands)}));
    this.addWidget(body);
    active.changed.connect(this.#onKernel, this);
    this.#onKernel();
    this.tab = tabs[0]!;
    void state?.fetch(stateKey).then((kept) => {
      const tab = tabs.find(({id}) => id === (kept as {tab?: string} | undefined)?.tab);
      if (tab !== undefined) this.tab = tab;
    });
  }

  get feed(): Feed | undefined {
    return this.#feed;
  }

  get tab(): ViewKind {
    return this.#tab;
  }

  set tab(tab: ViewKind) {
    this.#tab = tab;
    for (const [of, button] of this.#buttons) {
      button.setAttribute("aria-selected", String(of === tab));
      button.tabIndex = of === tab ? 0 : -1;
    }
    this.#refresh();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    clearTimeout(this.#timer);
    this.#feed?.dispose();
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.#refresh();
  }

  #onKernel(): void {
    const {kernel} = this.#active;
    if (kernel !== null && this.#feed?.kernel === kernel) return;
    this.#feed?.dispose();
    this.#feed = kernel === null ? undefined : new Feed(kernel);
    this.#run = "";
    this.#task = undefined;
    this.#feed?.changed.connect(() => this.#refreshSoon());
    this.#feed?.ran.connect(() => {
      this.#run = "";
      this.#task = undefined;
      this.onRun();
    });
    this.#refresh();
  }

  /** Draws soon: not more often than ten times a second, less often when drawing is dear. */
  #refreshSoon(delayMs = Math.max(quickestMs, this.#costMs * 4)): void {
    const dueAt = performance.now() + delayMs;
    if (this.isDisposed || (this.#timer !== undefined && this.#dueAt <= dueAt)) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => this.#refresh(), delayMs);
  }

  #refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.isDisposed) return;
    const begin = performance.now();
    const view = this.#view();
    this.figure.display(view, this.#emptyWords());
    this.#listRuns();
    this.#costMs = performance.now() - begin;
    if (view?.nowUs != null && this.isVisible)
      this.#refreshSoon(Math.max(slowestMs, this.#costMs * 4));
  }

  #view(): View | null {
    const feed = this.#feed;
    if (feed === undefined) return null;
    const {model} = feed;
    const now = feed.state === "live" ? feed.now() : model.lastAt;
    const run = this.#run === "" ? undefined : model.runs.get(this.#run);
    const isOfTask = this.#tab.about === "a task";
    const task = isOfTask ? (this.#task ?? (run && firstTask(run, feed))) : undefined;
    return this.#tab.of(model, {run, task, now});
  }

  #emptyWords(): string {
    const feed = this.#feed;
    if (feed === undefined) return "Open a TypeScript (Tasklab) notebook: its runs are drawn here.";
    const name = this.#active.title === "" ? "This notebook" : this.#active.title;
    switch (feed.state) {
      case "connecting":
        return "Waiting for the kernel …";
      case "foreign":
        return `${name} runs on a ${feed.kernelName} kernel. Tasklab draws what TypeScript (Tasklab) notebooks do; switch the kernel to see it here.`;
      case "closed":
        return `No live picture: ${feed.problem}.`;
      case "live":
        return this.#tab.empty;
    }
  }

  #follow(span: SpanId): void {
    if (this.#feed?.model.spans.get(span)?.kind !== "task") return;
    this.#task = span as TaskId;
    this.tab = stepsView;
  }

  #tabBar(): HTMLElement {
    const bar = document.createElement("div");
    bar.className = "tasklab-tabs";
    bar.setAttribute("role", "tablist");
    for (const tab of tabs) {
      const {id, label, hint} = tab;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.title = hint;
      button.dataset["tab"] = id;
      button.setAttribute("role", "tab");
      button.addEventListener("click", () => this.#choose(tab));
      this.#buttons.set(tab, button);
      bar.append(button);
    }
    bar.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (step === 0) return;
      const at = tabs.indexOf(this.#tab);
      const next = tabs[(at + step + tabs.length) % tabs.length];
      if (next === undefined) return;
      this.#choose(next);
      this.#buttons.get(next)?.focus();
    });
    return bar;
  }

  #choose(tab: ViewKind): void {
    this.tab = tab;
    void this.#state?.save(stateKey, {tab: tab.id});
  }

  #toolBar(commands: CommandRegistry): HTMLElement {
    const bar = document.createElement("div");
    bar.className = "tasklab-tools";
    this.#runs.title = "Which run to show";
    this.#runs.setAttribute("aria-label", "Which run to show");
    this.#runs.addEventListener("change", () => {
      this.#run = this.#runs.value as RunId | "";
      this.#task = undefined;
      this.#refresh();
    });
    this.#table.type = "button";
    this.#table.textContent = "Table";
    this.#table.title = "The same as a table";
    this.#table.setAttribute("aria-pressed", "false");
    this.#table.addEventListener("click", () => {
      this.figure.showsTable = !this.figure.showsTable;
      this.#table.setAttribute("aria-pressed", String(this.figure.showsTable));
    });
    const menu = new Menu({commands});
    for (const command of exportCommands) menu.addItem({command});
    const open = document.createElement("button");
    open.type = "button";
    open.textContent = "Export";
    open.setAttribute("aria-haspopup", "menu");
    open.addEventListener("click", () => {
      const {left, bottom} = open.getBoundingClientRect();
      menu.open(left, bottom);
    });
    bar.append(this.#runs, this.#table, open);
    return bar;
  }

  #listRuns(): void {
    const runs = this.#feed?.model.runsByStart().toReversed().slice(0, maxRuns) ?? [];
    const options = [["", "Newest run"], ...runs.map((run) => [run.id, runLabel(run)])];
    const key = JSON.stringify(options);
    this.#runs.hidden = runs.length < 2 || this.#tab.about === "the cluster";
    if (this.#runs.dataset["options"] !== key && document.activeElement !== this.#runs) {
      this.#runs.dataset["options"] = key;
      this.#runs.replaceChildren(...options.map(([id, label]) => new Option(label, id)));
    }
    this.#runs.value = this.#run;
  }
}

export const exportCommands = [
  "tasklab-execution:export-svg",
  "tasklab-execution:export-png",
  "tasklab-execution:export-chrome-trace",
  "tasklab-execution:export-json",
] as const;

const stateKey = "tasklab-execution:panel";

function runLabel(run: Run): string {
  const mode = {sequential: "one after another", distributed: "on the cluster", plain: "plain"};
  const name = run.name === "" ? "" : `${run.name} · `;
  return `${name}cell [${run.cell}] · ${mode[run.mode]}`;
}

function firstTask(run: Run, feed: Feed): TaskId | undefined {
  return feed.model.spansOf(run.id).find(({kind}) => kind === "task")?.id as TaskId | undefined;
}
