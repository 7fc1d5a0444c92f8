// Value → MIME bundle. What a value says of itself comes first; then what is known of its kind.
// Every bundle has `text/plain`, without colour codes, as Node's own prompt would print it.

import {types} from "node:util";
import {maybeShown, type MimeBundle, type Shown} from "../../cluster/show/displayable.js";
import {sendable} from "../../cluster/show/sendable.js";
import {maybeDataFrame} from "./data-frame.js";
import {errorHtml} from "./error.js";
import {maybeImage, maybePicture} from "./picture.js";
import {maybeRecords} from "./records.js";
import {tableHtml} from "./table.js";
import {bounded, plainText} from "./text.js";
import {describe} from "./traceback.js";
import {maybeTreeHtml} from "./tree.js";
import {typedArrayHtml, type Elements} from "./typed-array.js";

/**
 * How `value` is shown, or null when there is nothing to show (undefined); a promise only of its
 * own.
 */
export function shownOf(value: unknown): Shown | null | Promise<Shown> {
  if (value === undefined) return null;
  if ((typeof value !== "object" && typeof value !== "function") || value === null)
    return {data: {"text/plain": plainText(value)}, metadata: {}};
  const own = types.isProxy(value) ? maybeOfProxy(value) : maybeShown(value);
  if (own instanceof Promise) return own.then((shown) => finished(value, shown));
  if (own) return finished(value, own);
  const data = typeof value === "function" || types.isProxy(value) ? {} : knownKind(value);
  const finish = (data: MimeBundle) => finished(value, {data, metadata: {}});
  return data instanceof Promise ? data.then(finish) : finish(data);
}

function finished(value: unknown, {data, metadata}: Shown): Shown {
  const whole = "text/plain" in data ? data : {...data, "text/plain": plainText(value)};
  return sendable({data: whole, metadata});
}

/** A proxy answers whatever it likes: what is no bundle is no display. */
function maybeOfProxy(value: object): Shown | undefined {
  try {
    const shown = maybeShown(value);
    return shown instanceof Promise ? undefined : shown;
  } catch {
    return undefined;
  }
}

function knownKind(value: object): MimeBundle | Promise<MimeBundle> {
  if (types.isNativeError(value)) {
    const traceback = bounded(describe(value));
    return {"text/html": errorHtml(traceback), "text/plain": traceback};
  }
  if (ArrayBuffer.isView(value)) return ofBytes(value);
  const table = Array.isArray(value) ? maybeRecords(value) : null;
  if (table) return {"text/html": tableHtml(table)};
  const bundle = Array.isArray(value) ? null : maybeOfLibrary(value);
  if (bundle) return bundle;
  const text = plainText(value);
  const tree = maybeTreeHtml(value, text);
  return {...(tree === null ? {} : {"text/html": tree}), "text/plain": text};
}

/**
 * What only looks like another library's value may fail on the way: then it is an object like
 * others.
 */
function maybeOfLibrary(value: object): MimeBundle | Promise<MimeBundle> | null {
  try {
    const made = maybePicture(value) ?? maybeDataFrame(value);
    return made instanceof Promise ? made.catch(() => ({})) : made;
  } catch {
    return null;
  }
}

function ofBytes(value: ArrayBufferView): MimeBundle {
  const picture = value instanceof Uint8Array ? maybeImage(value) : null;
  if (picture) return picture;
  const isInWords = value instanceof DataView || Buffer.isBuffer(value) || value.byteLength === 0;
  return isInWords ? {} : {"text/html": typedArrayHtml(value as Elements)};
}
