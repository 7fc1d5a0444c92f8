// Shows pictures: bytes, files, addresses.

import {fileURLToPath} from "node:url";
import {Rich} from "./displayable.js";
import {UsageError} from "../errors.js";
import {maxImageBytes} from "../limits.js";
import {escapeMarkup} from "./markup.js";
import {FileRefusedError, readWhole} from "../shipping/modules/whole-file.js";

/**
 * How `image` shows a picture.
 *
 * @example
 * ```ts
 * import {image, type ImageOptions} from "tasklab";
 *
 * const options: ImageOptions = {width: 300, alt: "a harbour at night"};
 * console.log(String(image("https://example.org/harbour.png", options))); // → a harbour at night
 * ```
 */
export interface ImageOptions {
  /** In pixels. Default: the picture's own. */
  width?: number;
  /** In pixels. Default: the picture's own, or in proportion to `width`. */
  height?: number;
  /** A description for readers who can't see the picture. Default: its type and size. */
  alt?: string;
}

/**
 * Makes a value that is shown as a picture. `source` is one of: the bytes of a PNG, JPEG, GIF, WebP
 * or SVG; the path or `file:` address of such a file, at most 64 MiB; a `data:` address; an
 * `https:` address, which the browser fetches.
 *
 * @throws UsageError for bytes that begin as no such picture, and for a file that can't be read or
 * is too long.
 *
 * @example
 * ```ts
 * import {image} from "tasklab";
 *
 * const gif = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
 * console.log(String(image(Buffer.from(gif, "base64")))); // → image/gif, 42 bytes
 * ```
 */
export function image(
  source: string | URL | Uint8Array | ArrayBuffer,
  options: ImageOptions = {},
): Rich {
  if (source instanceof ArrayBuffer) return ofBytes(new Uint8Array(source), "image", options);
  if (source instanceof Uint8Array) return ofBytes(source, "image", options);
  const place = String(source);
  if (/^https?:/i.test(place)) return ofAddress(place, options);
  if (/^data:/i.test(place)) return ofDataUrl(place, options);
  const path = /^file:/i.test(place) ? fileURLToPath(place) : place;
  return ofBytes(bytesOf(path), `image: ${path}`, options);
}

function bytesOf(path: string): Uint8Array {
  try {
    return readWhole(path, maxImageBytes);
  } catch (error) {
    throw error instanceof FileRefusedError ? new UsageError(`image: ${error.message}`) : error;
  }
}

/** The MIME type of a picture, known by its first bytes; null when they belong to no picture. */
export function imageType(bytes: Uint8Array): string | null {
  const found = signatures.find(({parts}) =>
    parts.every(([offset, text]) =>
      [...text].every((letter, i) => bytes[offset + i] === letter.charCodeAt(0)),
    ),
  );
  return found?.type ?? null;
}

const signatures: {type: string; parts: [offset: number, text: string][]}[] = [
  {type: "image/png", parts: [[0, "\x89PNG\r\n\x1a\n"]]},
  {type: "image/jpeg", parts: [[0, "\xff\xd8\xff"]]},
  {type: "image/gif", parts: [[0, "GIF8"]]},
  {
    type: "image/webp",
    parts: [
      [0, "RIFF"],
      [8, "WEBP"],
    ],
  },
];

function ofBytes(bytes: Uint8Array, what: string, options: ImageOptions): Rich {
  const type = imageType(bytes);
  if (type) return ofType(type, bytes, options);
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1000));
  if (/^\s*<[^]*?svg[\s>]/.test(start.toString("utf8")))
    return ofType("image/svg+xml", Buffer.from(bytes).toString("utf8"), options);
  throw new UsageError(
    `${what}: ${bytes.length.toLocaleString("en")} bytes that begin as no PNG, JPEG, GIF, WebP or SVG`,
  );
}

function ofType(type: string, content: Uint8Array | string, {alt, ...size}: ImageOptions): Rich {
  const isText = typeof content === "string";
  const data = isText ? content : Buffer.from(content).toString("base64");
  const words =
    alt ?? `${type}, ${content.length.toLocaleString("en")} ${isText ? "characters" : "bytes"}`;
  const about = alt === undefined ? size : {...size, alt};
  const metadata = Object.keys(about).length > 0 ? {[type]: about} : {};
  return new Rich({[type]: data, "text/plain": words}, metadata);
}

function ofAddress(address: string, {width, height, alt}: ImageOptions): Rich {
  const attributes = Object.entries({src: address, alt: alt ?? "", width, height})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeMarkup(String(value))}"`);
  return new Rich({"text/html": `<img${attributes.join("")}>`, "text/plain": alt ?? address});
}

function ofDataUrl(address: string, options: ImageOptions): Rich {
  const comma = address.indexOf(",");
  const isBase64 = /;base64$/i.test(address.slice(0, comma));
  const content = address.slice(comma + 1);
  const bytes = isBase64
    ? Buffer.from(content, "base64")
    : Buffer.from(decodeURIComponent(content), "utf8");
  return ofBytes(bytes, `image: ${address.slice(0, comma)}`, options);
}
