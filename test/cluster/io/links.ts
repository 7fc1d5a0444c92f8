// A server in this process with clients and raw sockets, all closed whatever happens.

import * as zmq from "zeromq";
import {
  Client,
  createKeys,
  Server,
  type Peer,
  type ServerListener,
} from "../../../cluster/io/link/link.js";
import {protocolVersion, type Hello} from "../../../cluster/messages.js";

export interface Note {
  kind: "note";
  value: unknown;
}
export interface Blob {
  kind: "object";
  request: number;
  frames: Uint8Array[];
}
export type Message = Note | Blob;

const token = "right token";

interface TestServer {
  link: Server<Message, Message>;
  address: string;
  heard: Message[];
  joined: Peer<Message>[];
  lost: Peer<Message>[];
  log: string[];
}
interface TestClient {
  link: Client<Message, Message>;
  heard: Message[];
  welcomed: Promise<void>;
  lost: Promise<string>;
}
export interface Setting {
  server: TestServer;
  keys: {publicKey: string};
  client(options?: {hello?: Partial<Hello>; serverKey?: string}): TestClient;
  /** A socket with the server's key, which has sent `first`. */
  raw(first: Hello | Uint8Array[]): Promise<zmq.Dealer>;
}

export async function withServer(
  body: (setting: Setting) => Promise<void>,
  options: Pick<ServerListener<Message, Message>, "forbids"> = {},
): Promise<void> {
  const keys = createKeys();
  const notes: Omit<TestServer, "link" | "address"> = {heard: [], joined: [], lost: [], log: []};
  const link = await Server.listen<Message, Message>(keys, token, {
    ...options,
    heard: (_, messages) => notes.heard.push(...messages),
    joined: (peer) => notes.joined.push(peer),
    lost: (peer) => notes.lost.push(peer),
    log: (line) => notes.log.push(line),
  });
  const server: TestServer = {...notes, link, address: link.address};
  const clients: Client<Message, Message>[] = [];
  const client: Setting["client"] = ({hello = {}, serverKey = keys.publicKey} = {}) => {
    const heard: Message[] = [];
    let welcome!: () => void;
    let lose!: (reason: string) => void;
    const welcomed = new Promise<void>((resolve) => (welcome = resolve));
    const lost = new Promise<string>((resolve) => (lose = resolve));
    const listener = {
      welcomed: welcome,
      heard: (messages: Message[]) => void heard.push(...messages),
      lost: lose,
      log: () => {},
    };
    const link = new Client<Message, Message>(server.address, serverKey, helloOf(hello), listener);
    clients.push(link);
    return {link, heard, welcomed, lost};
  };
  const raws: zmq.Dealer[] = [];
  const raw: Setting["raw"] = async (first) => {
    const own = createKeys();
    const socket = new zmq.Dealer({
      linger: 0,
      curveServerKey: keys.publicKey,
      curvePublicKey: own.publicKey,
      curveSecretKey: own.secretKey,
    });
    raws.push(socket);
    socket.connect(server.address);
    await socket.send(Array.isArray(first) ? first : JSON.stringify(first));
    return socket;
  };
  try {
    await body({server, keys, client, raw});
  } finally {
    for (const socket of raws) socket.close();
    await Promise.all([link, ...clients].map((each) => each.close()));
  }
}

export function helloOf(parts: Partial<Hello>): Hello {
  return {
    kind: "hello",
    protocol: protocolVersion,
    version: "0.1.0",
    token,
    role: "driver",
    id: "one",
    pid: process.pid,
    host: "here",
    ...parts,
  };
}

export async function until(isTrue: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!isTrue()) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${String(isTrue)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
