// What the processes of a cluster have in common: the `hello` that says who they are, the parts of
// an address, and timers for their machines.

import {randomBytes} from "node:crypto";
import {readFileSync} from "node:fs";
import {hostname} from "node:os";
import {protocolVersion, type ClusterAddress, type Hello} from "../../messages.js";

/** The address with the secret half of the key, which servers need. */
export interface ServerSecrets {
  publicKey: string;
  secretKey: string;
}

export function hello(address: ClusterAddress, role: Hello["role"], id: string): Hello {
  return {
    kind: "hello",
    protocol: protocolVersion,
    version: packageVersion(),
    token: address.token,
    role,
    id,
    pid: process.pid,
    host: hostname(),
  };
}

let version = "";
function packageVersion(): string {
  if (version === "") {
    const file = new URL("../../../../package.json", import.meta.url);
    version = (JSON.parse(readFileSync(file, "utf8")) as {version: string}).version;
  }
  return version;
}

export function newToken(): string {
  return randomBytes(24).toString("hex");
}

/**
 * Carries out `wake` commands: tells the machine `ticked` at the earliest time that it asked for.
 */
export class Alarm {
  readonly #ring: () => void;
  readonly #nowMs: () => number;
  #timer: NodeJS.Timeout | null = null;
  #atMs = Infinity;

  constructor(nowMs: () => number, ring: () => void) {
    this.#nowMs = nowMs;
    this.#ring = ring;
  }
  set(atMs: number): void {
    if (atMs >= this.#atMs) return;
    this.clear();
    this.#atMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#atMs = Infinity;
        this.#ring();
      },
      Math.max(0, Math.ceil(atMs - this.#nowMs())),
    );
  }
  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#atMs = Infinity;
  }
}
