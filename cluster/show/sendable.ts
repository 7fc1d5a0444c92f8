// Makes a bundle ready to travel: all its values become strings or JSON. Such a bundle crosses
// threads and processes and fits a message, whatever its maker has put in.

import {textOf, type MimeBundle, type Shown} from "./displayable.js";
import {DisplayError} from "../errors.js";

/**
 * Turns bytes into base64, and other values into JSON. Throws DisplayError for what JSON can't
 * hold.
 */
export function sendable({data, metadata}: Shown): Shown {
  const sent: Shown["data"] = {};
  for (const [type, content] of Object.entries(data)) {
    if (content === undefined) continue;
    sent[type] = isBytes(content) ? base64(content) : asJson(type, content);
  }
  return {data: sent, metadata: asJson("the metadata", metadata) as Shown["metadata"]};
}

/** Checks a bundle that a user gave as it is, and adds its text. */
export function rawShown(bundle: MimeBundle, metadata: Record<string, unknown> = {}): Shown {
  if (typeof bundle !== "object" || bundle === null || Array.isArray(bundle)) {
    throw new DisplayError(
      `display with \`raw\` takes a MIME bundle, such as {"text/html": "<b>hello</b>"}`,
    );
  }
  const {data, metadata: sent} = sendable({data: bundle, metadata});
  return {data: {"text/plain": textOf(data), ...data}, metadata: sent};
}

function asJson(what: string, content: unknown): unknown {
  if (typeof content === "string") return content;
  if (what.startsWith("text/")) return String(content);
  let text: string | undefined;
  try {
    text = JSON.stringify(content, (_, value: unknown) =>
      typeof value === "bigint" ? bigintJson(value) : value,
    );
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new DisplayError(`cannot show ${what}: JSON can't hold it: ${why}`, {cause: error});
  }
  if (text === undefined)
    throw new DisplayError(`cannot show ${what}: JSON can't hold a ${typeof content}`);
  return JSON.parse(text);
}

function bigintJson(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function isBytes(content: unknown): content is Uint8Array | ArrayBuffer {
  return content instanceof Uint8Array || content instanceof ArrayBuffer;
}

function base64(bytes: Uint8Array | ArrayBuffer): string {
  const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  return Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("base64");
}
