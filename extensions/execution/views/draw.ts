// A view becomes a drawing: an SVG element that can be told of a newer view, and of a later now.

import type {TimeScale} from "../diagrams/axis.js";
import {Canvas} from "../diagrams/canvas.js";
import type {Theme} from "../diagrams/palette.js";
import type {View} from "./view.js";

export interface DrawOptions {
  document: Document;
  width: number;
  /** "auto": light, and dark for readers that prefer it. */
  theme: Theme | "auto";
  /** Unique in the page. */
  id?: string;
  /** Bars can be focused and chosen. */
  isInteractive?: boolean;
  /** Lies on paper of its own. */
  hasPaper?: boolean;
}

export interface Drawing {
  readonly node: SVGSVGElement;
  /** Shows a newer view, changing only what differs. */
  update(view: View): void;
  /**
   * Lets running bars grow to `nowUs` of the model's clock; false when the axis must be redrawn.
   */
  tick(nowUs: number): boolean;
}

export function draw(view: View, options: DrawOptions): Drawing {
  const {document, width, theme, id = "tasklab", isInteractive = false, hasPaper = false} = options;
  const canvas = new Canvas({document, width, theme, id});
  const lanes = {isFocusable: isInteractive, hasPaper};
  let time: TimeScale;
  let zero = 0;
  const update = (newer: View): void => {
    zero = newer.zero;
    time = newer.draw(canvas, lanes);
    if (newer.nowUs !== null) canvas.grow(newer.nowUs);
  };
  update(view);
  const node = canvas.root.node();
  if (node === null) throw new Error("no SVG element could be made in this document");
  if (isInteractive) node.setAttribute("role", "group");
  return {
    node,
    update,
    tick: (nowUs) => {
      canvas.grow(nowUs - zero);
      return nowUs - zero <= time.untilUs;
    },
  };
}
