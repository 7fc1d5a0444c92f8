// Takes a picture or a trace out of JupyterLab as a file.

import {draw} from "../views/draw.js";
import type {View} from "../views/view.js";

export function saveFile(name: string, type: string, content: string | Blob): void {
  const blob = typeof content === "string" ? new Blob([content], {type}) : content;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The view as an SVG that stands alone. */
export function svgText(view: View, width = 960): string {
  const {node} = draw(view, {document, width, theme: "auto", id: "tasklab-export", hasPaper: true});
  return new XMLSerializer().serializeToString(node);
}

/** The view as a picture of twice its size in pixels. */
export async function pngOf(view: View, theme: "light" | "dark", width = 960): Promise<Blob> {
  const {node} = draw(view, {document, width, theme, id: "tasklab-export", hasPaper: true});
  const image = new Image();
  const text = new XMLSerializer().serializeToString(node);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = Number(node.getAttribute("height")) * 2;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) =>
        blob === null ? reject(new Error("the picture could not be made")) : resolve(blob),
      "image/png",
    ),
  );
}
