// Values that draw themselves: charts of Vega, canvases, elements of a document, images.

import type {MimeBundle} from "../../cluster/show/displayable.js";
import {image, imageType} from "../../cluster/show/image.js";
import {maybeMember} from "./members.js";
import {isPlain} from "./properties.js";

type Bundle = MimeBundle | Promise<MimeBundle>;

/** The picture that `value` is, if it is one. */
export function maybePicture(value: object): Bundle | null {
  for (const make of [maybeVega, maybeChart, maybeCanvas, maybeElement, maybeBlob]) {
    const made = make(value);
    if (made) return made;
  }
  return null;
}

/** Bytes that begin as a picture. */
export function maybeImage(bytes: Uint8Array): MimeBundle | null {
  const type = imageType(bytes);
  return type ? {[type]: Buffer.from(bytes).toString("base64")} : null;
}

/** A specification of Vega or Vega-Lite, which names its schema. */
function maybeVega(value: object): MimeBundle | null {
  if (!isPlain(value)) return null;
  const schema = maybeMember(value, "$schema");
  const [, language] =
    /\/(vega|vega-lite)\/v\d/.exec(typeof schema === "string" ? schema : "") ?? [];
  if (!language) return null;
  const type = language === "vega" ? "vnd.vega.v5" : "vnd.vegalite.v5";
  return {[`application/${type}+json`]: value};
}

/** A chart of vega-lite-api. */
function maybeChart(value: object): MimeBundle | null {
  const toSpec = maybeMember(value, "toSpec");
  if (typeof toSpec !== "function") return null;
  const spec: unknown = toSpec.call(value);
  return isPlain(spec) ? {"application/vnd.vegalite.v5+json": spec} : null;
}

/** A canvas, as node-canvas and others have it. */
function maybeCanvas(value: object): Bundle | null {
  const toDataURL = maybeMember(value, "toDataURL");
  if (typeof toDataURL !== "function") return null;
  const url: unknown = toDataURL.call(value, "image/png");
  return url instanceof Promise ? url.then(ofDataUrl).then((made) => made ?? {}) : ofDataUrl(url);
}

function ofDataUrl(url: unknown): MimeBundle | null {
  if (typeof url !== "string" || !url.startsWith("data:image/")) return null;
  const {"text/plain": _, ...picture} = image(url).data;
  return picture;
}

/** An element of a document: a chart of Observable Plot or D3, with linkedom or jsdom. */
function maybeElement(value: object): MimeBundle | null {
  const markup = maybeMember(value, "outerHTML");
  if (typeof markup !== "string") return null;
  if (!/^\s*<svg[\s>]/i.test(markup)) return {"text/html": markup};
  return {"image/svg+xml": standalone(markup.trimStart())};
}

/**
 * Jupyter shows an SVG as an image, which knows neither the page's colours nor its namespace. One
 * that is drawn in the page's colour gets paper, to be read in the dark too.
 */
function standalone(markup: string): string {
  const root = /^<svg[^>]*/i.exec(markup)?.[0] ?? "";
  const hasStyle = /\sstyle="/.test(root);
  const isInk = /currentcolor/i.test(markup) && !/\sstyle="[^"]*(background|color)/i.test(root);
  const paper = "background:#fff;color:#1b1e23;";
  const written = isInk && hasStyle ? root.replace(/\sstyle="/, `$&${paper}`) : root;
  const added =
    (/\sxmlns=/.test(root) ? "" : ` xmlns="http://www.w3.org/2000/svg"`) +
    (isInk && !hasStyle ? ` style="${paper}"` : "");
  return `<svg${added}${written.slice("<svg".length)}${markup.slice(root.length)}`;
}

function maybeBlob(value: object): Promise<MimeBundle> | null {
  if (!(value instanceof Blob) || !value.type.startsWith("image/")) return null;
  return value.arrayBuffer().then((bytes) => maybeImage(new Uint8Array(bytes)) ?? {});
}
