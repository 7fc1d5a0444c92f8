// The cluster under test: a head with a node of its own, two far nodes, and this process as the
// driver. The far nodes reach the head through proxies, and are started again when they end.

import {connectCluster, type ClusterBackend} from "../../cluster/backends/cluster.js";
import {epoch} from "../../cluster/clock.js";
import {setDefaultBackend} from "../../cluster/context/context.js";
import type {HeadConfig, HeadReport} from "../../cluster/io/head/head-main.js";
import {Child} from "../../cluster/io/node/launch.js";
import {Client, createKeys, linksEnded} from "../../cluster/io/link/link.js";
import {hello, newToken} from "../../cluster/io/link/member.js";
import type {NodeConfig} from "../../cluster/io/node/node.js";
import type {NodeStatus} from "../../cluster/backend.js";
import type {ClusterAddress, FromHead, ToHead} from "../../cluster/messages.js";
import {Proxy} from "./proxy.js";

const workersPerNode = 4;
/** A head that does not answer for so long is asked again later. */
const statusLimitMs = 1_000;
const stopLimitMs = 10_000;

const keys = createKeys();

export interface FarNode {
  proxy: Proxy;
  /** The process that runs the node now. */
  pid: number;
}

export class Field {
  readonly backend: ClusterBackend;
  readonly far: FarNode[] = [];
  /** Counts the far nodes that have ended while the field was open. */
  nodesLost = 0;
  readonly #head: Child<HeadConfig, HeadReport>;
  readonly #address: ClusterAddress;
  readonly #ends: Promise<unknown>[] = [];
  #nodes = 0;
  #closing = false;
  #last: NodeStatus[] = [];

  static async open(): Promise<Field> {
    const child = new Child<HeadConfig, HeadReport>(entry("head/head-main.js"), {
      args: [String(workersPerNode)],
    });
    const address = new Promise<ClusterAddress>((resolve, reject) => {
      child.onReport = (report) => resolve(report.address);
      void child.ended.then(({lastLine}) => reject(new Error(`the head ended: ${lastLine}`)));
    });
    child.configure({
      keys,
      token: newToken(),
      epochNs: String(epoch()),
      epoch: new Date().toISOString(),
      workerPrefix: "w",
      options: {workers: workersPerNode, cpus: workersPerNode},
    });
    const field = new Field(child, await address);
    for (let i = 0; i < 2; i++) await field.#addFarNode();
    await field.backend.ready;
    return field;
  }

  private constructor(head: Child<HeadConfig, HeadReport>, address: ClusterAddress) {
    this.#head = head;
    this.#address = address;
    this.backend = connectCluster(address);
    setDefaultBackend(this.backend);
  }

  /** Asks the head for the nodes' status; gives its last answer when none comes in time. */
  async nodes(): Promise<NodeStatus[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, statusLimitMs, null)));
    const status = await Promise.race([this.backend.status().catch(() => null), late]);
    clearTimeout(timer);
    return (this.#last = status?.nodes ?? this.#last);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.backend.close();
    await this.#stopHead();
    for (const {pid} of this.far) endNow(pid);
    await Promise.all([this.#head.ended, ...this.#ends]);
    for (const {proxy} of this.far) await proxy.close();
    await linksEnded();
  }

  async #addFarNode(): Promise<void> {
    const far: FarNode = {proxy: await Proxy.listen(this.#address.head), pid: 0};
    this.far.push(far);
    this.#startNode(far);
  }

  #startNode(far: FarNode): void {
    const child = new Child<NodeConfig>(entry("node/node-main.js"));
    far.pid = child.pid!;
    child.configure({
      address: {...this.#address, head: far.proxy.address},
      keys,
      node: `far-${++this.#nodes}`,
      options: {workers: workersPerNode, cpus: workersPerNode},
    });
    const again = child.ended.then(() => {
      if (this.#closing) return;
      this.nodesLost++;
      this.#startNode(far);
    });
    this.#ends.push(again);
  }

  /** Asks the head to stop, as the driver does that started it. */
  async #stopHead(): Promise<void> {
    const {head, serverKey} = this.#address;
    const client = new Client<FromHead, ToHead>(
      head,
      serverKey,
      hello(this.#address, "driver", "driver-that-stops"),
      {heard() {}, lost() {}, log() {}},
    );
    client.send({kind: "stop"});
    const limit = setTimeout(() => this.#head.kill(), stopLimitMs);
    await this.#head.ended;
    clearTimeout(limit);
    await client.close();
  }
}

function entry(file: string): URL {
  return new URL(`../../cluster/io/${file}`, import.meta.url);
}

function endNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The process has ended by itself.
  }
}
