/// <reference lib="dom" />

// An SVG that is told what it should show and changes only what differs: every item has a key and
// a signature, and is drawn again only when its signature is another. So a live update costs what
// changed, focus stays where it was, and 60 times a second only running bars are touched.
//
// Colours are plain attributes (any SVG reader shows the light picture); theme "auto" adds a style
// for readers that prefer dark.

import {select, type Selection} from "d3-selection";
import {palettes, textOn, type Role, type Theme} from "./palette.js";
import {fontFamily} from "./text.js";

export type Pen<E extends SVGElement = SVGElement> = Selection<E, unknown, null, undefined>;
export type Group = Pen<SVGGElement>;
/** Moves an item to a later time, in microseconds of the view's axis. */
export type Grow = (nowUs: number) => void;

export interface CanvasOptions {
  document: Document;
  width: number;
  theme: Theme | "auto";
  /** Unique in the page: patterns are found by it. */
  id: string;
}

interface Item {
  node: SVGGElement;
  signature: string;
  grow: Grow | undefined;
  frame: number;
}

export class Canvas {
  readonly root: Pen<SVGSVGElement>;
  readonly id: string;
  readonly width: number;
  readonly theme: Theme | "auto";
  readonly #title: Pen<SVGTitleElement>;
  readonly #desc: Pen<SVGDescElement>;
  readonly #defs: Pen<SVGDefsElement>;
  readonly #items = new Map<string, Item>();
  readonly #layers = new Map<string, Group>();
  readonly #patterns = new Set<string>();
  #frame = 0;

  constructor({document, width, theme, id}: CanvasOptions) {
    this.width = width;
    this.theme = theme;
    this.id = id;
    const namespace = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(namespace, "svg") as SVGSVGElement;
    this.root = select(svg)
      .attr("xmlns", namespace)
      .attr("class", "tasklab-diagram")
      .attr("role", "img")
      .attr("aria-labelledby", `${id}-title ${id}-desc`)
      .attr("font-family", fontFamily) as unknown as Pen<SVGSVGElement>;
    this.#title = this.root.append<SVGTitleElement>("svg:title").attr("id", `${id}-title`);
    this.#desc = this.root.append("desc").attr("id", `${id}-desc`);
    if (theme === "auto") this.root.append("style").text(darkStyle());
    this.#defs = this.root.append("defs");
  }

  /** Draws one frame: what `draw` does not mention is removed. */
  frame(title: string, description: string, draw: () => number): void {
    this.#frame++;
    this.#title.text(title);
    this.#desc.text(description);
    const height = Math.ceil(draw());
    this.root
      .attr("width", this.width)
      .attr("height", height)
      .attr("viewBox", `0 0 ${this.width} ${height}`);
    for (const [key, item] of this.#items) {
      if (item.frame === this.#frame) continue;
      item.node.remove();
      this.#items.delete(key);
    }
  }

  /** A layer: the first one mentioned lies lowest. */
  layer(name: string): Group {
    const known = this.#layers.get(name);
    if (known !== undefined) return known;
    const layer = this.root.append("g").attr("class", `layer-${name}`) as Group;
    this.#layers.set(name, layer);
    return layer;
  }

  /** Shows an item; `render` runs only if `signature` is new, and may return how it grows. */
  item(
    layer: string,
    key: string,
    signature: unknown,
    render: (group: Group) => Grow | undefined | void,
  ): void {
    const text = JSON.stringify(signature);
    let item = this.#items.get(key);
    if (item === undefined) {
      const node = this.layer(layer).append("g").node();
      if (node === null) return;
      item = {node, signature: "", grow: undefined, frame: 0};
      this.#items.set(key, item);
    }
    item.frame = this.#frame;
    if (item.signature === text) return;
    item.signature = text;
    item.node.replaceChildren();
    item.grow = render(select(item.node) as unknown as Group) ?? undefined;
  }

  /** Grows what grows. */
  grow(nowUs: number): void {
    for (const item of this.#items.values()) item.grow?.(nowUs);
  }

  fill<E extends SVGElement>(pen: Pen<E>, role: Role): Pen<E> {
    return pen.attr("fill", this.#colour(role)).classed(`f-${role}`, true);
  }

  stroke<E extends SVGElement>(pen: Pen<E>, role: Role, width = 1): Pen<E> {
    return pen
      .attr("stroke", this.#colour(role))
      .attr("stroke-width", width)
      .classed(`s-${role}`, true);
  }

  /** The colour of writing on a function's colour. */
  fillTextOn<E extends SVGElement>(pen: Pen<E>, role: Role): Pen<E> {
    return pen.attr("fill", textOn(this.#colour(role))).classed(`t-${role}`, true);
  }

  /** Fills with stripes of a colour: waiting, moving, or an estimate; never work that was done. */
  hatch<E extends SVGElement>(pen: Pen<E>, role: Role): Pen<E> {
    const name = `${this.id}-hatch-${role}`;
    if (!this.#patterns.has(name)) {
      this.#patterns.add(name);
      const pattern = this.#defs
        .append("pattern")
        .attr("id", name)
        .attr("width", 6)
        .attr("height", 6)
        .attr("patternUnits", "userSpaceOnUse")
        .attr("patternTransform", "rotate(45)");
      this.fill(pattern.append("rect"), role)
        .attr("width", 6)
        .attr("height", 6)
        .attr("opacity", 0.16);
      this.fill(pattern.append("rect"), role)
        .attr("width", 2)
        .attr("height", 6)
        .attr("opacity", 0.7);
    }
    return pen.attr("fill", `url(#${name})`);
  }

  text(
    group: Group,
    x: number,
    y: number,
    words: string,
    {size = 12, role = "ink" as Role, bold = false, anchor = "start"} = {},
  ): Pen<SVGTextElement> {
    const text = group
      .append("text")
      .attr("x", round(x))
      .attr("y", round(y))
      .attr("font-size", size)
      .text(words) as Pen<SVGTextElement>;
    if (bold) text.attr("font-weight", 600);
    if (anchor !== "start") text.attr("text-anchor", anchor);
    return this.fill(text, role);
  }

  #colour(role: Role): string {
    return palettes[this.theme === "dark" ? "dark" : "light"][role];
  }
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function darkStyle(): string {
  const rules = Object.entries(palettes.dark).flatMap(([role, colour]) => [
    `.f-${role}{fill:${colour}}`,
    `.s-${role}{stroke:${colour}}`,
    /^c\d$/.test(role) ? `.t-${role}{fill:${textOn(colour)}}` : "",
  ]);
  return `@media (prefers-color-scheme: dark) {${rules.join("")}}`;
}
