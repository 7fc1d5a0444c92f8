// A small Jupyter client on real sockets, and the kernel process it talks to. Used by tests and
// benches.

import {spawn, type ChildProcess} from "node:child_process";
import {randomUUID} from "node:crypto";
import {once} from "node:events";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {createServer} from "node:net";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {fileURLToPath} from "node:url";
import {curveKeyPair, Dealer, Request, Subscriber} from "zeromq";
import {Signer, type Header, type Message} from "../../kernel/protocol/message.js";

type CurveKeyPair = ReturnType<typeof curveKeyPair>;
export type Channel = "shell" | "control" | "stdin";
type Content = Record<string, unknown>;

export interface Received extends Message {
  channel: Channel | "iopub";
  type: string;
  atMs: number;
}

/** The shell that a cell is sent to; the main one when left out. JupyterLab tells a cell's id. */
export interface ToShell {
  subshell?: string;
  cellId?: string;
}

/** Everything about one execute_request. */
export interface Ran {
  id: string;
  reply: Received;
  /** What iopub said with this request as parent, from busy to idle. */
  iopub: Received[];
  stdout: string;
  stderr: string;
  /** `text/plain` of its execute_result. */
  result: string | undefined;
}

const kernelMain = fileURLToPath(new URL("../../kernel/main.js", import.meta.url));
const patienceMs = 20_000;

export class JupyterClient {
  readonly process: ChildProcess;
  readonly signer: Signer;
  readonly connection: Record<string, string | number>;
  /** Everything received so far. */
  readonly received: Received[] = [];
  /** The same by the request that caused them: a flood is not searched again at each message. */
  readonly #children = new Map<string, Received[]>();
  /** Where something came that a client with another key can't read. */
  readonly unreadable: (Channel | "iopub")[] = [];
  /** The kernel's own stderr, where it logs what it drops. */
  log = "";
  readonly #sockets: Record<Channel, Dealer>;
  readonly #sent: Record<Channel, Promise<void>> = {
    shell: Promise.resolve(),
    control: Promise.resolve(),
    stdin: Promise.resolve(),
  };
  readonly #iopub: Subscriber;
  readonly #heartbeat: Request;
  readonly #waiting = new Set<() => void>();
  #waking: NodeJS.Immediate | null = null;
  readonly #folder: string;
  readonly #options: StartOptions;
  /** Another client has started the kernel, and ends it. */
  readonly #isGuest: boolean;
  /** The kernel has ended, and nobody holds its stderr. */
  #isClosed = false;

  /** Starts a kernel and waits until it has answered and is heard. */
  static async start(options: StartOptions = {}): Promise<JupyterClient> {
    const client = new JupyterClient(await connectionFor(options), options);
    await client.#heard();
    return client;
  }

  /** A second client of the same kernel. */
  async beside(): Promise<JupyterClient> {
    const client = this.stranger(this.#options.curve ? {curve: this.#options.curve} : {});
    await client.#heard();
    return client;
  }
  /** A client that may not be what the kernel expects: nothing is waited for. */
  stranger(options: Pick<StartOptions, "curve" | "key">): JupyterClient {
    const connection = {
      ...this.connection,
      ...(options.key === undefined ? {} : {key: options.key}),
    };
    return new JupyterClient(connection, options, this.process);
  }

  /** Without a kernel's process one is started. */
  constructor(
    connection: Record<string, string | number>,
    options: StartOptions,
    kernel?: ChildProcess,
  ) {
    this.connection = connection;
    this.#options = options;
    this.#folder = mkdtempSync(join(tmpdir(), "tasklab-client-"));
    this.#isGuest = kernel !== undefined;
    this.process = kernel ?? this.#startKernel();
    this.process.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.log += text;
      this.#wake();
    });
    this.process.on("exit", () => this.#wake());
    this.process.on("close", () => (this.#isClosed = true));
    this.signer = new Signer(String(connection.key), String(connection.signature_scheme));
    const identity = randomUUID();
    const curve = options.curve ? encryption(options.curve) : {};
    const dealer = () => new Dealer({routingId: identity, linger: 0, ...curve});
    this.#sockets = {shell: dealer(), control: dealer(), stdin: dealer()};
    for (const channel of ["shell", "control", "stdin"] as const) {
      this.#sockets[channel].connect(this.endpoint(channel));
      void this.#listen(channel, this.#sockets[channel]);
    }
    this.#iopub = new Subscriber({linger: 0, ...curve});
    this.#iopub.connect(this.endpoint("iopub"));
    this.#iopub.subscribe("");
    void this.#listen("iopub", this.#iopub);
    this.#heartbeat = new Request({linger: 0, ...curve});
    this.#heartbeat.connect(this.endpoint("hb"));
  }

  #startKernel(): ChildProcess {
    const {runtimeFolder = this.#folder, folder = this.#folder, env} = this.#options;
    const file = join(runtimeFolder, `kernel-${randomUUID()}.json`);
    writeFileSync(file, JSON.stringify(this.connection));
    return spawn(process.execPath, ["--no-force-async-hooks-checks", kernelMain, file], {
      stdio: ["ignore", "pipe", "pipe"],
      cwd: folder,
      env: {...process.env, JPY_PARENT_PID: String(process.pid), ...env},
    });
  }
  async #heard(): Promise<void> {
    await this.until("iopub_welcome", () =>
      this.received.find(({type}) => type === "iopub_welcome"),
    );
    // Its idle too: a cell that begins before that would be told busy twice.
    const id = this.send("shell", "kernel_info_request", {});
    await this.until("the idle of kernel_info", () => this.#caused(id).find(isIdle));
  }

  endpoint(channel: Channel | "iopub" | "hb"): string {
    const {transport, ip, [`${channel}_port`]: port} = this.connection;
    return transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`;
  }

  /** One more subscription, besides the one to all. */
  subscribe(topic: string): void {
    this.#iopub.subscribe(topic);
  }

  /** Sends a request; gives its id. `fields`: of its header, besides the usual. */
  send(
    channel: Channel,
    type: string,
    content: Content,
    more: Partial<Message> = {},
    fields: Partial<Header> = {},
  ): string {
    const header = {...this.signer.header(type), ...fields};
    const message = {identities: [], parent_header: {}, metadata: {}, buffers: [], ...more};
    this.sendFrames(channel, this.signer.encode({header, content, ...message}) as Buffer[]);
    return header.msg_id;
  }
  /** One after another: a socket takes no second message before the first is on its way. */
  sendFrames(channel: Channel, frames: Buffer[]): void {
    const socket = this.#sockets[channel];
    this.#sent[channel] = this.#sent[channel].then(() => socket.send(frames)).catch(() => {});
  }
  /** Everything sent so far is on its way. */
  async sent(): Promise<void> {
    await Promise.all(Object.values(this.#sent));
  }

  /** Sends a request and waits for its reply. */
  async request(
    channel: Channel,
    type: string,
    content: Content,
    more: Partial<Message> = {},
  ): Promise<Received> {
    const id = this.send(channel, type, content, more);
    const reply = type.replace("_request", "_reply");
    return this.until(`the ${reply}`, () =>
      this.#caused(id).find((message) => message.type === reply),
    );
  }

  /** Sends a cell; `finished(id)` waits for it. */
  execute(code: string, more: Content = {}, {subshell, cellId}: ToShell = {}): string {
    const content = {
      ...{code, silent: false, store_history: true, user_expressions: {}},
      ...{allow_stdin: false, stop_on_error: true, ...more},
    };
    const fields = subshell === undefined ? {} : {subshell_id: subshell};
    const metadata = cellId === undefined ? {} : {cellId};
    return this.send("shell", "execute_request", content, {metadata}, fields);
  }
  /** Waits for a cell's reply and its idle. */
  async finished(id: string): Promise<Ran> {
    const reply = await this.until("the execute_reply", () =>
      this.#caused(id).findLast((message) => message.type === "execute_reply"),
    );
    await this.until("idle", () => this.#caused(id).findLast(isIdle));
    const iopub = this.about(id);
    const text = (name: string) =>
      iopub
        .filter(({type, content}) => type === "stream" && content.name === name)
        .map(({content}) => content.text as string)
        .join("");
    const result = iopub.find(({type}) => type === "execute_result")?.content.data as Content;
    return {
      ...{id, reply, iopub, stdout: text("stdout"), stderr: text("stderr")},
      result: result?.["text/plain"] as string | undefined,
    };
  }
  async run(code: string, more: Content = {}, to: ToShell = {}): Promise<Ran> {
    return this.finished(this.execute(code, more, to));
  }

  /** Waits for what the cell asks its user. */
  question(id: string): Promise<Received> {
    return this.until("the input_request", () =>
      this.#caused(id).find((message) => message.type === "input_request"),
    );
  }
  answer(value: string, {header: parent_header}: Received): void {
    this.send("stdin", "input_reply", {value, status: "ok"}, {parent_header});
  }

  /** The reply to a request, if it has come. */
  replyTo(id: string): Received | undefined {
    return this.#caused(id).find(
      (message) => message.channel !== "iopub" && message.type.endsWith("_reply"),
    );
  }
  /** The states that iopub has told with the request as parent, in order. */
  statusesOf(id: string): unknown[] {
    return this.about(id).flatMap(({type, content}) =>
      type === "status" ? [content.execution_state] : [],
    );
  }

  /** What iopub has said with the request as parent. */
  about(id: string): Received[] {
    return this.#caused(id).filter((message) => message.channel === "iopub");
  }
  #caused(id: string): Received[] {
    return this.#children.get(id) ?? [];
  }

  /** Waits until `find` gives something: it is asked again when messages have come. */
  async until<T>(what: string, find: () => T | undefined | false | null): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const found = find();
      if (found) return found;
      const left = deadline - performance.now();
      if (left <= 0 || this.process.exitCode !== null) {
        const why = left <= 0 ? "did not come in time" : `did not come: the kernel has exited`;
        throw new Error(`${what} ${why}; the kernel's log: ${this.log || "(empty)"}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(() => wake(), left);
        const wake = () => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  /** How long a heartbeat takes, ms. */
  async beat(): Promise<number> {
    const started = performance.now();
    await this.#heartbeat.send("ping");
    await this.#heartbeat.receive();
    return performance.now() - started;
  }

  /** Asks the kernel to end and gives its exit code. */
  async shutdown(): Promise<number | null> {
    this.send("control", "shutdown_request", {restart: false});
    return this.exited();
  }
  async exited(): Promise<number | null> {
    const {process} = this;
    // Its last words come after its exit.
    if (!this.#isClosed) await once(process, "close");
    return process.exitCode;
  }

  /** Ends everything in any state. A kernel that another client has started lives on. */
  async close(): Promise<void> {
    if (!this.#isGuest && this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill("SIGKILL");
      await this.exited();
    }
    for (const socket of [...Object.values(this.#sockets), this.#iopub, this.#heartbeat])
      socket.close();
    rmSync(this.#folder, {recursive: true, force: true});
  }

  async #listen(channel: Channel | "iopub", socket: Dealer | Subscriber): Promise<void> {
    while (!socket.closed) {
      let frames: Buffer[];
      try {
        frames = await socket.receive();
      } catch {
        return;
      }
      const message = this.signer.decode(frames);
      if ("rejected" in message) {
        if (!this.#isGuest) throw new Error(`the kernel sent a bad message: ${message.rejected}`);
        this.unreadable.push(channel);
        continue;
      }
      const type = message.header.msg_type;
      const received = {...message, channel, type, atMs: performance.now()};
      this.received.push(received);
      const {msg_id: parent = ""} = message.parent_header;
      const children = this.#children.get(parent);
      if (children) children.push(received);
      else this.#children.set(parent, [received]);
      this.#wake();
    }
  }
  /** Once for all messages of this turn, or a flood would be searched at each message. */
  #wake(): void {
    this.#waking ??= setImmediate(() => {
      this.#waking = null;
      for (const wake of [...this.#waiting]) wake();
    });
  }
}

export interface StartOptions {
  transport?: "tcp" | "ipc";
  /** What messages are signed with; empty: they are not. */
  key?: string;
  /** `hmac-sha256` without it. */
  scheme?: string;
  /** Encrypted sockets: the kernel's keys. */
  curve?: CurveKeyPair;
  /** Where the connection file is; a folder of its own without it. */
  runtimeFolder?: string;
  /** Where the kernel runs. */
  folder?: string;
  env?: NodeJS.ProcessEnv;
}

export function isChild(message: Received, id: string): boolean {
  return (message.parent_header as {msg_id?: string}).msg_id === id;
}
export function isIdle({type, content}: Received): boolean {
  return type === "status" && content.execution_state === "idle";
}

function encryption({publicKey: curveServerKey}: CurveKeyPair) {
  const {publicKey, secretKey} = curveKeyPair();
  return {curveServerKey, curvePublicKey: publicKey, curveSecretKey: secretKey};
}

async function connectionFor({
  transport = "tcp",
  key = randomUUID(),
  scheme: signature_scheme = "hmac-sha256",
  curve,
}: StartOptions) {
  const ports = transport === "ipc" ? [1, 2, 3, 4, 5] : await freePorts(5);
  const [shell_port, control_port, stdin_port, iopub_port, hb_port] = ports as number[];
  const ip =
    transport === "ipc" ? join(tmpdir(), `tasklab-${randomUUID().slice(0, 8)}`) : "127.0.0.1";
  return {
    ...{transport, ip, key, signature_scheme},
    ...{shell_port, control_port, stdin_port, iopub_port, hb_port},
    ...(curve ? {curve_publickey: curve.publicKey, curve_secretkey: curve.secretKey} : {}),
  } as Record<string, string | number>;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({length: count}, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as {port: number}).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
