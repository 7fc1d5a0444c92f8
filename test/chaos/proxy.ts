// A proxy that can hold or cut connections: a TCP server on loopback in front of another address.
// A far node and its workers reach the head through a proxy, so that partitions need neither root
// nor network namespaces.

import {connect, createServer, type AddressInfo, type Server, type Socket} from "node:net";

/**
 * Kinds of trouble. Silent connections keep the bytes and deliver them when they heal, as TCP does.
 */
export type Trouble = "silent" | "silent to the head" | "silent from the head" | "cut";

interface Wire {
  near: Socket;
  far: Socket;
  isHeld: {toHead: boolean; fromHead: boolean};
}

export class Proxy {
  readonly #server: Server;
  readonly #wires = new Set<Wire>();

  /** Listens in front of `target`. Addresses are written as zmq does: tcp://127.0.0.1:1234. */
  static async listen(target: string): Promise<Proxy> {
    const {hostname, port} = new URL(target);
    const server = createServer({allowHalfOpen: false});
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Proxy(server, {host: hostname, port: Number(port)});
  }

  private constructor(server: Server, target: {host: string; port: number}) {
    this.#server = server;
    server.on("connection", (near) => this.#pass(near, connect(target)));
  }

  get address(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The number of connections through this proxy. */
  get size(): number {
    return this.#wires.size;
  }

  /** Brings trouble to the chosen connections. Returns a function that heals them. */
  trouble(kind: Trouble, chosen: (index: number) => boolean): () => void {
    const wires = [...this.#wires].filter((_, index) => chosen(index));
    for (const wire of wires) {
      if (kind === "cut") this.#cut(wire);
      if (kind !== "silent from the head") hold(wire, "toHead", true);
      if (kind !== "silent to the head") hold(wire, "fromHead", true);
    }
    return () => {
      for (const wire of wires) {
        hold(wire, "toHead", false);
        hold(wire, "fromHead", false);
      }
    };
  }

  async close(): Promise<void> {
    for (const wire of this.#wires) this.#cut(wire);
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(near: Socket, far: Socket): void {
    const wire: Wire = {near, far, isHeld: {toHead: false, fromHead: false}};
    this.#wires.add(wire);
    for (const [from, to, way] of [
      [near, far, "toHead"],
      [far, near, "fromHead"],
    ] as const) {
      from.setNoDelay(true);
      from.on("data", (chunk) => {
        if (to.write(chunk)) return;
        from.pause();
        to.once("drain", () => wire.isHeld[way] || from.resume());
      });
      from.on("error", () => {});
      from.on("close", () => this.#cut(wire));
    }
  }

  #cut(wire: Wire): void {
    this.#wires.delete(wire);
    wire.near.destroy();
    wire.far.destroy();
  }
}

function hold(wire: Wire, way: "toHead" | "fromHead", isHeld: boolean): void {
  wire.isHeld[way] = isHeld;
  const from = way === "toHead" ? wire.near : wire.far;
  if (isHeld) from.pause();
  else from.resume();
}
