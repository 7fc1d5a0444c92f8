// A live drawing in a page: it follows its width and the theme, lets running bars grow, can be
// walked with the keyboard and read as a table.

import type {Message} from "@lumino/messaging";
import {Widget} from "@lumino/widgets";
import {keepOneReachable, makeWalkable} from "../diagrams/keyboard.js";
import type {SpanId} from "../model/records.js";
import {draw, type Drawing} from "../views/draw.js";
import type {View} from "../views/view.js";
import {currentTheme, watchTheme} from "./theme.js";

export interface FigureOptions {
  /** Now, in microseconds of the model's clock; left out, the picture stands still. */
  now?: () => number;
  /** A bar was chosen by click or Enter. */
  choose?: (span: SpanId) => void;
  /** The axis has no room left for "now": a newer view is wanted. */
  overflowed?: () => void;
}

const minWidth = 260;
/** With reduced motion, bars grow in steps of this many milliseconds. */
const calmStepMs = 500;
let figures = 0;

export class Figure extends Widget {
  #view: View | null = null;
  #drawing: Drawing | undefined;
  #drawn: {width: number; theme: string; id: string} | undefined;
  #frame = 0;
  #isStale = false;
  #lastTick = 0;
  #showsTable = false;
  readonly #picture = document.createElement("div");
  readonly #words = document.createElement("div");
  readonly #spoken = document.createElement("div");
  readonly #options: FigureOptions;
  readonly #id = `tasklab-figure-${++figures}`;
  readonly #undo: (() => void)[];
  #spokenAt = -Infinity;

  constructor(options: FigureOptions) {
    super();
    this.#options = options;
    this.addClass("tasklab-figure");
    this.#picture.className = "tasklab-picture";
    this.#words.className = "tasklab-empty";
    this.#spoken.className = "tasklab-spoken";
    this.#spoken.setAttribute("aria-live", "polite");
    this.node.append(this.#picture, this.#words, this.#spoken);
    const sizes = new ResizeObserver(() => this.#redraw());
    sizes.observe(this.node);
    this.#undo = [
      () => sizes.disconnect(),
      watchTheme(() => this.#redraw()),
      makeWalkable(this.#picture, (bar) => {
        this.#say(bar.getAttribute("aria-label") ?? "");
        const span = bar.getAttribute("data-span");
        if (span !== null) options.choose?.(span as SpanId);
      }),
    ];
  }

  get view(): View | null {
    return this.#view;
  }

  get showsTable(): boolean {
    return this.#showsTable;
  }

  set showsTable(value: boolean) {
    this.#showsTable = value;
    this.#redraw();
  }

  /** Shows a view, or `words` where there is none. */
  display(view: View | null, words = ""): void {
    const isNewlyDone = this.#view?.nowUs != null && view?.nowUs === null;
    this.#view = view;
    this.#words.textContent = view === null ? words : "";
    if (view !== null && (isNewlyDone || performance.now() - this.#spokenAt > spokenEveryMs))
      this.#say(view.sentence);
    this.#redraw();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    cancelAnimationFrame(this.#frame);
    this.#undo.forEach((undo) => undo());
    super.dispose();
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.#redraw();
  }

  #say(words: string): void {
    if (this.#spoken.textContent === words) return;
    this.#spoken.textContent = words;
    this.#spokenAt = performance.now();
  }

  /** Draws in the next animation frame, whatever number of reasons there are. */
  #redraw(): void {
    this.#isStale = true;
    this.#nextFrame();
  }

  /** Frames go on while something runs, so that its bars grow. */
  #nextFrame(): void {
    if (this.#frame !== 0 || this.isDisposed) return;
    this.#frame = requestAnimationFrame((at) => {
      this.#frame = 0;
      if (this.isDisposed || this.node.clientWidth === 0) return;
      if (this.#isStale) this.#drawNow();
      this.#isStale = false;
      const now = this.#options.now?.();
      if (now === undefined || this.#view?.nowUs == null || this.#drawing === undefined) return;
      this.#tick(at, now);
      this.#nextFrame();
    });
  }

  #tick(at: number, now: number): void {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!this.isVisible || (isCalm && at - this.#lastTick < calmStepMs)) return;
    this.#lastTick = at;
    if (this.#drawing?.tick(now) === false) this.#options.overflowed?.();
  }

  #drawNow(): void {
    const view = this.#view;
    if (view === null || this.#showsTable) {
      this.#drawing = undefined;
      this.#drawn = undefined;
      this.#picture.replaceChildren(...(view === null ? [] : [htmlTable(view)]));
      return;
    }
    const width = Math.max(minWidth, Math.floor(this.node.clientWidth));
    const theme = currentTheme();
    const drawn = {width, theme, id: view.id};
    if (this.#drawing !== undefined && JSON.stringify(drawn) === JSON.stringify(this.#drawn))
      this.#drawing.update(view);
    else {
      const options = {document, width, theme, id: this.#id, isInteractive: true};
      this.#drawing = draw(view, options);
      this.#drawn = drawn;
      this.#picture.replaceChildren(this.#drawing.node);
    }
    keepOneReachable(this.#picture);
  }
}

/** The spoken summary of something running is renewed at most this often. */
const spokenEveryMs = 5_000;

function htmlTable(view: View): HTMLElement {
  const {caption, columns, rows} = view.table();
  const table = document.createElement("table");
  table.className = "tasklab-table";
  table.createCaption().textContent = `${caption}. ${view.sentence}`;
  const head = table.createTHead().insertRow();
  for (const column of columns) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = column;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const row of rows.slice(0, maxTableRows)) {
    const line = body.insertRow();
    for (const words of row) {
      const cell = line.insertCell();
      cell.textContent = words;
      if (words.length <= 12) cell.className = "short";
    }
  }
  if (rows.length > maxTableRows) {
    const cell = body.insertRow().insertCell();
    cell.colSpan = columns.length;
    cell.textContent = `… and ${rows.length - maxTableRows} more`;
  }
  return table;
}

const maxTableRows = 1_000;
