// Value → MIME bundle. Every bundle has `text/plain`, without colour codes.

import {inspect} from "node:util";
import {maybeBundle, type MimeBundle} from "../../cluster/show.js";

/** How `value` is shown, or null when there is nothing to show (undefined); a promise only of its own. */
export function bundleOf(value: unknown): MimeBundle | null | Promise<MimeBundle> {
  if (value === undefined) return null;
  const own = maybeBundle(value);
  if (own instanceof Promise) return own.then((bundle) => withText(bundle, value));
  return withText(own ?? richTypes(value), value);
}

function withText(bundle: MimeBundle, value: unknown): MimeBundle {
  return "text/plain" in bundle ? bundle : {...bundle, "text/plain": plainText(value)};
}

/** As Node's own prompt prints it. */
export function plainText(value: unknown): string {
  try {
    return inspect(value, {depth: 4, maxArrayLength: 100, maxStringLength: 10_000, colors: false});
  } catch (error) {
    return `(cannot be shown: its inspection failed with ${String(error)})`;
  }
}

function richTypes(value: unknown): MimeBundle {
  if (value instanceof Uint8Array) {
    const type = imageType(value);
    return type ? {[type]: Buffer.from(value).toString("base64")} : {};
  }
  const markup = outerHtml(value);
  if (markup === null) return {};
  return /^\s*<svg[\s>]/i.test(markup) ? {"image/svg+xml": markup} : {"text/html": markup};
}

/** Of DOM elements and their like (charts made with linkedom or jsdom). */
function outerHtml(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("outerHTML" in value)) return null;
  return typeof value.outerHTML === "string" ? value.outerHTML : null;
}

const signatures: [type: string, bytes: number[]][] = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
];

function imageType(bytes: Uint8Array): string | null {
  const found = signatures.find(([, start]) => start.every((byte, index) => bytes[index] === byte));
  return found?.[0] ?? null;
}
