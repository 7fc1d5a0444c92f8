// Which kernel the panel follows: that of the notebook or console that was used last. Whatever has
// a session counts, so no package of JupyterLab is needed to know notebooks from consoles.

import type {JupyterFrontEnd} from "@jupyterlab/application";
import type {ISessionContext} from "@jupyterlab/apputils";
import type {Kernel} from "@jupyterlab/services";
import {Signal, type ISignal} from "@lumino/signaling";
import type {Title, Widget} from "@lumino/widgets";

type WidgetWithSession = Widget & {sessionContext: ISessionContext};

interface CurrentWidget {
  currentWidget: Widget | null;
  currentChanged?: ISignal<unknown, unknown>;
}

export class ActiveKernel {
  #widget: WidgetWithSession | null = null;
  #kernel: Kernel.IKernelConnection | null = null;
  readonly #shell: CurrentWidget;
  readonly #changed = new Signal<ActiveKernel, void>(this);

  constructor(shell: JupyterFrontEnd.IShell) {
    this.#shell = shell as unknown as CurrentWidget;
    this.#shell.currentChanged?.connect(() => this.#look());
    this.#look();
  }

  get changed(): ISignal<ActiveKernel, void> {
    return this.#changed;
  }

  get kernel(): Kernel.IKernelConnection | null {
    return this.#kernel;
  }

  /** The notebook's or console's name; "" when there is none. */
  get title(): string {
    return (this.#widget?.title as Title<Widget> | undefined)?.label ?? "";
  }

  #look(): void {
    const widget = this.#shell.currentWidget;
    if (!hasSession(widget) || widget === this.#widget) return;
    this.#leave();
    this.#widget = widget;
    widget.sessionContext.kernelChanged.connect(this.#onKernel, this);
    widget.disposed.connect(this.#onDisposed, this);
    this.#onKernel();
  }

  #onDisposed(): void {
    this.#leave();
    this.#widget = null;
    this.#onKernel();
    this.#look();
  }

  #leave(): void {
    this.#widget?.sessionContext.kernelChanged.disconnect(this.#onKernel, this);
    this.#widget?.disposed.disconnect(this.#onDisposed, this);
  }

  #onKernel(): void {
    const kernel = this.#widget?.sessionContext.session?.kernel ?? null;
    if (kernel === this.#kernel && kernel !== null) return;
    this.#kernel = kernel;
    this.#changed.emit();
  }
}

function hasSession(widget: Widget | null): widget is WidgetWithSession {
  const context = (widget as Partial<WidgetWithSession> | null)?.sessionContext;
  return context !== undefined && context !== null && "kernelChanged" in context;
}
