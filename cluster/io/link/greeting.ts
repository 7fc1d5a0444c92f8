// The handshake of a link, in JSON, so that a peer of another protocol version can read why it is
// refused. The frames may come from anybody who has the server's key, so everything is checked.

import {timingSafeEqual} from "node:crypto";
import {maxHelloBytes} from "../../limits.js";
import type {Hello, Welcome} from "../../messages.js";

/** True for a frame of the handshake: no frame of a batch begins like one. */
export function isGreeting(frame: Buffer | undefined): boolean {
  return frame?.[0] === firstOfJson;
}
const firstOfJson = "{".charCodeAt(0);

/** Reads a hello; gives the hello, or the reason to refuse it. */
export function parseHello(frame: Buffer): Hello | string {
  if (frame.length > maxHelloBytes) return "its hello is too long";
  const hello = parseJson(frame) as Partial<Hello> | undefined;
  if (hello?.kind !== "hello") return "it did not say hello";
  const texts = [hello.version, hello.token, hello.role, hello.id, hello.host];
  const isWhole = texts.every((text) => typeof text === "string") && roles.has(hello.role!);
  if (!isWhole || typeof hello.protocol !== "number") {
    return "its hello is incomplete";
  }
  return hello as Hello;
}

const roles = new Set<Hello["role"]>(["driver", "worker", "node"]);

export function parseWelcome(frame: Buffer | undefined): Welcome {
  const welcome = frame && (parseJson(frame) as Partial<Welcome> | undefined);
  if (welcome?.kind === "welcome" || welcome?.kind === "refused") return welcome as Welcome;
  return {kind: "refused", reason: "it does not answer like a tasklab server"};
}

function parseJson(frame: Buffer): unknown {
  try {
    return JSON.parse(frame.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Compares two texts in a time that does not depend on where they differ. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
