// The object stores of all nodes, which may be full, slow, gone, or cut off from a process: the
// real books and frames, and the real machine for what each process asks of them.

import type {Place} from "../../cluster/core/events.js";
import {InvariantError} from "../../cluster/core/invariants.js";
import {StoreBook, type Put, type StoreEvent} from "../../cluster/core/node/store-book.js";
import {
  StoreRequests,
  type StoreRequestsCommand,
  type StoreRequestsEvent,
} from "../../cluster/core/client/store-requests.js";
import type {ClientId, NodeId, ObjectId, WorkerId} from "../../cluster/ids.js";
import type {Client} from "./client.js";
import type {Network} from "./network.js";
import type {Maker, ObjectStores} from "./object-stores.js";
import {decode, errorPlace, errorValue, inlinePlace, type Value} from "./values.js";
import type {StoreWeather} from "./weather.js";
import type {World} from "./world.js";

type Answer =
  | {kind: "stored"}
  | {kind: "full"}
  | {kind: "stale"; reason: string}
  | {kind: "object"; frames: Uint8Array[]}
  | {kind: "no-object"};

const sizeBytes = 1e6;

export class NodeStores implements ObjectStores {
  readonly #world: World;
  readonly #network: Network;
  readonly #weather: StoreWeather;
  readonly #stores = new Map<NodeId, NodeStore>();
  readonly #links = new Map<ClientId, StoreLinks>();

  constructor(world: World, network: Network, weather: StoreWeather) {
    this.#world = world;
    this.#network = network;
    this.#weather = weather;
  }

  add(node: NodeId): void {
    this.#stores.set(node, new NodeStore(this.#world, node, this.#weather));
  }
  /** The head tells a process of all stores, as soon as it says hello. */
  greet(client: Client): void {
    this.#links.set(client.id, new StoreLinks(this.#world, this.#network, this, client));
    this.#world.toHead(client.id, () => this.#tell(client.id));
  }
  tellAll(): void {
    for (const client of this.#links.keys()) this.#tell(client);
  }
  #tell(client: ClientId): void {
    const living = [...this.#stores.keys()].filter((node) => !this.#network.isGone("head", node));
    this.#world.toClient("head", client, () => {
      this.#links.get(client)?.tell({kind: "stores-known", nodes: living});
    });
  }

  keep(
    by: Client,
    node: NodeId,
    object: ObjectId,
    value: Value,
    maker: Maker,
    then: (place: Place) => void,
  ): void {
    const {frames, ...place} = inlinePlace(value) as Extract<Place, {kind: "inline"}>;
    const put: Put = {object, sizeBytes, fn: value.name, by: by.id, ...maker};
    this.#links.get(by.id)!.ask(
      node,
      (store, answer) => store.put(put, frames, answer),
      (answer) => {
        if (answer?.kind === "stored") then({...place, kind: "stored", node, sizeBytes});
        else if (answer?.kind === "full") then(errorPlace("store-full"));
        else if (answer?.kind === "stale") then({kind: "lost", reason: answer.reason});
        else then({kind: "lost", reason: `the store of ${node} is gone`});
      },
    );
  }

  read(by: Client, object: ObjectId, place: Place, then: (value: Value) => void): void {
    if (place.kind === "lost") return then(errorValue(`lost: ${place.reason}`));
    if (place.kind === "inline") return then(decode(place.frames));
    this.#links.get(by.id)!.ask(
      place.node,
      (store, answer) => store.fetch(object, answer),
      (answer) => {
        if (answer?.kind === "object") then(decode(answer.frames));
        else if (answer) then(errorValue("lost: not in the store"));
        else then(errorValue(`lost: the store of ${place.node} is gone`));
      },
    );
  }

  peek(object: ObjectId, place: Place): Value {
    if (place.kind === "lost") return errorValue(`lost: ${place.reason}`);
    if (place.kind === "inline") return decode(place.frames);
    const frames = this.#stores.get(place.node)!.frames.get(object);
    return frames ? decode(frames) : errorValue("lost: not in the store");
  }

  drop(by: Client, object: ObjectId, node: NodeId | null, upTo?: number): void {
    for (const each of node === null ? this.#stores.keys() : [node])
      this.#links
        .get(by.id)!
        .send(each, (store) => store.tell({kind: "objects-deleted", objects: [object], upTo}));
  }
  delete(node: NodeId, object: ObjectId): void {
    this.#order(node, {kind: "objects-deleted", objects: [object]});
  }
  loseClient(client: ClientId, keep: ObjectId[]): void {
    for (const node of this.#stores.keys()) this.#order(node, {kind: "client-lost", client, keep});
  }
  #order(node: NodeId, event: StoreEvent): void {
    this.#world.toNode(node, () => this.#stores.get(node)!.tell(event));
  }
  fence(node: NodeId, worker: WorkerId): void {
    this.#stores.get(node)!.tell({kind: "worker-fenced", worker});
  }

  storeOf(node: NodeId): NodeStore {
    return this.#stores.get(node)!;
  }
  /** The node's process has ended. */
  end(node: NodeId): void {
    this.#stores.get(node)!.frames.clear();
    for (const links of this.#links.values()) links.breakOff(node);
  }
  leave(client: ClientId): void {
    this.#links.get(client)?.tell({kind: "left"});
  }
  /** A link between a process and a store breaks. */
  breakSome(): void {
    const living = [...this.#links].filter(([id]) => this.#world.clientOf(id));
    if (living.length === 0) return;
    const [, links] = this.#world.random.pick(living);
    links.breakOff(this.#world.random.pick([...this.#stores.keys()]));
  }

  leftovers(): string[] {
    const left: string[] = [];
    for (const [node, store] of this.#stores) {
      if (this.#world.nodes.get(node)!.isDead) continue;
      const {objects, waiting} = store.book.inspect();
      if (waiting.length > 0) left.push(`${waiting.length} puts wait in the store of ${node}`);
      // What is sent again may come after it has been let go of.
      if (objects.size > 0 && this.#weather.breakEveryMs === 0)
        left.push(
          `${objects.size} objects in the store of ${node}: ${[...objects.keys()].join(" ")}`,
        );
    }
    for (const [client, links] of this.#links) {
      if (this.#world.clientOf(client)?.isDead !== false || links.waiting === 0) continue;
      left.push(`${links.waiting} requests of ${client} to stores`);
    }
    return left;
  }
}

class NodeStore {
  readonly book: StoreBook;
  readonly frames = new Map<ObjectId, Uint8Array[]>();
  readonly #world: World;
  readonly #node: NodeId;
  readonly #puts = new Map<number, {frames: Uint8Array[]; answer(answer: Answer): void}>();
  #lastPut = 0;

  constructor(world: World, node: NodeId, {limitBytes, roomWaitMs}: StoreWeather) {
    this.#world = world;
    this.#node = node;
    this.book = new StoreBook({limitBytes, roomWaitMs});
  }

  get isGone(): boolean {
    return this.#world.nodes.get(this.#node)!.isDead;
  }

  put(value: Put, frames: Uint8Array[], answer: (answer: Answer) => void): void {
    const put = ++this.#lastPut;
    this.#puts.set(put, {frames, answer});
    this.tell({kind: "put-asked", put, value});
  }
  fetch(object: ObjectId, answer: (answer: Answer) => void): void {
    const frames = this.frames.get(object);
    answer(frames ? {kind: "object", frames} : {kind: "no-object"});
  }

  tell(event: StoreEvent): void {
    if (this.isGone) return;
    const world = this.#world;
    const clock = world.clockOf(this.#node);
    world.note(`${this.#node}'s store`, event);
    for (const command of this.book.handle(event, clock.nowMs)) {
      world.note(`${this.#node}'s store`, command);
      switch (command.kind) {
        case "accept": {
          const {frames, answer} = this.#take(command.put);
          this.frames.set(command.object, frames);
          answer({kind: "stored"});
          break;
        }
        case "refuse": {
          const {why} = command;
          const isFull = why.kind === "full";
          const hasRoom = (this.frames.size + 1) * sizeBytes <= this.book.limitBytes;
          if (isFull && hasRoom) throw new InvariantError(`the store of ${this.#node} is not full`);
          this.#take(command.put).answer(isFull ? {kind: "full"} : why);
          break;
        }
        case "delete":
          if (event.kind === "objects-deleted") this.#checkFree(command.object);
          this.frames.delete(command.object);
          break;
        case "ask-room": {
          const clients = world.clientIds();
          const asker = `the store of ${this.#node}`;
          world.toHead(this.#node, (head) => head.tell({kind: "collect-wanted", asker, clients}));
          break;
        }
        case "wake":
          clock.at(command.atMs, () => this.tell({kind: "ticked"}));
          break;
        default:
          command satisfies never;
      }
    }
    const {objects} = this.book.inspect();
    const isSame =
      objects.size === this.frames.size && this.book.bytes === objects.size * sizeBytes;
    if (!isSame || this.book.bytes > this.book.limitBytes)
      throw new InvariantError(`the store of ${this.#node} has lost count`);
  }
  /** Nobody who lives holds what goes because nobody holds it. */
  #checkFree(object: ObjectId): void {
    const world = this.#world;
    if (world.crashes > 0 || world.ledger.hasBrokenLinks) return;
    for (const id of world.clientIds()) {
      const client = world.clientOf(id)!;
      const place = client.submitter.placeOf(object);
      const isHere = place?.kind === "stored" && place.node === this.#node;
      if (!isHere || !client.holds(object)) continue;
      throw new InvariantError(`${this.#node} has deleted ${object}, which ${id} holds`);
    }
  }

  #take(put: number): {frames: Uint8Array[]; answer(answer: Answer): void} {
    const taken = this.#puts.get(put)!;
    this.#puts.delete(put);
    return taken;
  }
}

interface Asked {
  handle(store: NodeStore, answer: (answer: Answer) => void): void;
  done(answer: Answer | null): void;
}

/** What one process asks of stores, and its links to them. */
class StoreLinks {
  readonly #world: World;
  readonly #network: Network;
  readonly #stores: NodeStores;
  readonly #client: Client;
  readonly #machine = new StoreRequests({pauseMs: 2, maxPauses: 4});
  readonly #asked = new Map<number, Asked>();
  readonly #linked = new Set<NodeId>();
  #last = 0;

  constructor(world: World, network: Network, stores: NodeStores, client: Client) {
    this.#world = world;
    this.#network = network;
    this.#stores = stores;
    this.#client = client;
  }

  get waiting(): number {
    return this.#machine.waiting + this.#asked.size;
  }

  ask(node: NodeId, handle: Asked["handle"], done: Asked["done"]): void {
    const request = ++this.#last;
    this.#asked.set(request, {handle, done});
    this.tell({kind: "asked", request, node});
  }
  /** Without an answer, while there is a link. */
  send(node: NodeId, handle: (store: NodeStore) => void): void {
    if (this.#machine.isOpen(node)) this.#deliver(node, handle);
  }

  tell(event: StoreRequestsEvent): void {
    if (this.#client.isDead) return;
    this.#world.note(`${this.#client.id}'s links`, event);
    const commands = this.#machine.handle(event, this.#client.clock.nowMs);
    for (const command of commands) this.#obey(command);
  }

  #obey(command: StoreRequestsCommand): void {
    this.#world.note(`${this.#client.id}'s links`, command);
    switch (command.kind) {
      case "send": {
        const {node, request} = command;
        const {handle} = this.#asked.get(request)!;
        return this.#deliver(node, (store) =>
          handle(store, (answer) => this.#reply(node, request, answer)),
        );
      }
      case "unlink":
        this.#linked.delete(command.node);
        return this.#network.cut(this.#client.id, nameOf(command.node), false);
      case "give-up":
        return this.#answer(command.request, null);
      case "wake":
        return this.#client.clock.at(command.atMs, () => this.tell({kind: "ticked"}));
      default:
        command satisfies never;
    }
  }

  #deliver(node: NodeId, handle: (store: NodeStore) => void): void {
    const store = this.#stores.storeOf(node);
    const {id, clock} = this.#client;
    if (!this.#linked.has(node)) {
      this.#linked.add(node);
      this.#network.connect(id, nameOf(node));
      // Nobody listens there any more.
      if (store.isGone) clock.after(1, () => this.#notice(node));
    }
    const arrive = (): void =>
      this.#world.clockOf(node).whenAwake(() => store.isGone || handle(store));
    this.#network.send(id, nameOf(node), arrive, id);
  }

  #reply(node: NodeId, request: number, answer: Answer): void {
    const {id, clock} = this.#client;
    const {random, faults} = this.#world;
    const hear = (): void => {
      this.tell({kind: "answered", request, node});
      this.#answer(request, answer);
    };
    const slowMs = random.chance(0.2) ? random.between(0, faults.stores!.slowMs) : 0;
    this.#world.clock.after(slowMs, () =>
      this.#network.send(nameOf(node), id, () => clock.whenAwake(hear), id),
    );
  }
  #answer(request: number, answer: Answer | null): void {
    const asked = this.#asked.get(request);
    this.#asked.delete(request);
    if (!this.#client.isDead) asked?.done(answer);
  }

  /** The link breaks: what is under way is lost, and so is what is sent until that is noticed. */
  breakOff(node: NodeId): void {
    if (!this.#linked.has(node)) return;
    this.#network.cut(this.#client.id, nameOf(node), false);
    this.#client.clock.after(this.#world.random.pick([0, 15]), () => this.#notice(node));
  }
  #notice(node: NodeId): void {
    if (this.#linked.has(node)) this.tell({kind: "link-broke", node});
  }
}

const nameOf = (node: NodeId): string => `the store of ${node}`;
