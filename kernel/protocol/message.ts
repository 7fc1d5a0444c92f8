// One Jupyter message: frames ↔ fields, signed and verified. Pure.
//
//   identities… | <IDS|MSG> | signature | header | parent_header | metadata | content | buffers…

import {createHmac, getHashes, randomUUID, timingSafeEqual} from "node:crypto";
import {tooMuch} from "./json.js";
import {maxHeaderBytes, maxJsonBytes, rememberedSignatures} from "./limits.js";

export interface Header {
  msg_id: string;
  session: string;
  username: string;
  date: string;
  msg_type: string;
  version: string;
  /** The subshell that a request is for; none: the main shell. */
  subshell_id?: string | null;
}

export interface Message<Content = Record<string, unknown>> {
  /** Routing: who is to get it, or (on iopub) its topic. */
  identities: Buffer[];
  header: Header;
  /** `{}` when nothing caused it. */
  parent_header: Header | Record<string, never>;
  metadata: Record<string, unknown>;
  content: Content;
  buffers: Uint8Array[];
}

/** Why frames were dropped, in words for the log. */
export interface Rejected {
  rejected: string;
  /**
   * The message reduced to its header, so that the kernel can answer it. Present when the signature
   * is right and the header whole, and only a later part is broken.
   */
  request?: Message;
}

export const protocolVersion = "5.5";

const delimiter = Buffer.from("<IDS|MSG>");

/** Signs what this kernel sends and checks what it receives; the session id is its own. */
export class Signer {
  readonly session = randomUUID();
  readonly #key: string;
  readonly #algorithm: string;
  readonly #seen = new Set<string>();

  /** An empty key means that messages are not signed. */
  constructor(key: string, scheme: string) {
    // Python writes some names with an underscore: sha3_256.
    const algorithm = /^hmac-(\w+)$/.exec(scheme)?.[1]?.replaceAll("_", "-") ?? "";
    if (key !== "" && !getHashes().includes(algorithm))
      throw new Error(`unknown signature scheme: ${scheme}; hmac-sha256 is the usual one`);
    this.#key = key;
    this.#algorithm = algorithm;
  }

  decode(frames: readonly Buffer[]): Message | Rejected {
    const start = frames.findIndex((frame) => frame.equals(delimiter));
    if (start < 0) return {rejected: `no <IDS|MSG> delimiter in ${frames.length} frames`};
    const [signature, ...signed] = frames.slice(start + 1, start + 6);
    if (!signature || signed.length < 4)
      return {
        rejected: `truncated: ${frames.length - start - 1} frames follow the delimiter, not 5`,
      };
    if (this.#key !== "") {
      const expected = Buffer.from(this.#sign(signed));
      if (expected.length !== signature.length || !timingSafeEqual(expected, signature))
        return {rejected: "bad signature"};
      // Every message has an id of its own, so nobody has cause to send the same bytes again.
      if (!this.#isNew(signature.toString("latin1"))) return {rejected: "played back"};
    }
    const header = parseObject<Header>(signed[0] as Buffer, maxHeaderBytes);
    if (typeof header === "string") return {rejected: `broken header: ${header}`};
    for (const field of ["msg_id", "msg_type", "session"] as const)
      if (typeof header[field] !== "string" || header[field] === "")
        return {rejected: `broken header: ${field} is not a string`};
    const identities = frames.slice(0, start);
    const bare = {identities, header, parent_header: {}, metadata: {}, content: {}, buffers: []};
    const parts: Record<string, unknown>[] = [];
    for (const [index, name] of ["parent header", "metadata", "content"].entries()) {
      const part = parseObject(signed[index + 1] as Buffer, maxJsonBytes);
      if (typeof part === "string") return {rejected: `broken ${name}: ${part}`, request: bare};
      parts.push(part);
    }
    const [parent, metadata, content] = parts as [Header, {}, {}];
    return {...bare, parent_header: parent, metadata, content, buffers: frames.slice(start + 6)};
  }

  encode(message: Message<object>): (Buffer | Uint8Array)[] {
    const {header, parent_header, metadata, content} = message;
    const signed = [header, parent_header, metadata, content].map((part) =>
      Buffer.from(JSON.stringify(part)),
    );
    const signature = Buffer.from(this.#key === "" ? "" : this.#sign(signed));
    return [...message.identities, delimiter, signature, ...signed, ...message.buffers];
  }

  /** A header of a new message of this kernel. */
  header(type: string): Header {
    return {
      msg_id: randomUUID(),
      session: this.session,
      username: "kernel",
      date: new Date().toISOString(),
      msg_type: type,
      version: protocolVersion,
    };
  }

  #isNew(signature: string): boolean {
    if (this.#seen.has(signature)) return false;
    this.#seen.add(signature);
    if (this.#seen.size > rememberedSignatures) {
      const [oldest] = this.#seen;
      this.#seen.delete(oldest as string);
    }
    return true;
  }

  #sign(parts: readonly Buffer[]): string {
    const hmac = createHmac(this.#algorithm, this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest("hex");
  }
}

/** The object, or what is wrong with it. */
function parseObject<T = Record<string, unknown>>(frame: Buffer, maxBytes: number): T | string {
  if (frame.length > maxBytes) return `it has ${frame.length} bytes, at most ${maxBytes} are taken`;
  const excess = tooMuch(frame);
  if (excess) return excess;
  try {
    const value: unknown = JSON.parse(frame.toString("utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as T;
    return "not an object";
  } catch (error) {
    return (error as Error).message;
  }
}
