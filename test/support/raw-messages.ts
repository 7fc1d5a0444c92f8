// Messages as no client writes them, with the right signature all the same.

import {createHmac} from "node:crypto";

type Part = string | Uint8Array;

/** header, parent header, metadata, content: each the bytes of a frame, JSON or not. */
export type Parts = readonly [header: Part, parent: Part, metadata: Part, content: Part];

export function signedFrames(key: string, parts: Parts, buffers: Buffer[] = []): Buffer[] {
  const frames = parts.map((part) => Buffer.from(part as string));
  const hmac = createHmac("sha256", key);
  for (const frame of frames) hmac.update(frame);
  return [Buffer.from("<IDS|MSG>"), Buffer.from(hmac.digest("hex")), ...frames, ...buffers];
}

/** JSON of so many levels. */
export function nested(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}
