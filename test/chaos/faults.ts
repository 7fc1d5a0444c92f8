// Three loops that do harm at random times: a killer (SIGKILL), a pauser (SIGSTOP, and SIGCONT
// after 1 to 25 s) and a partitioner (the proxies of far nodes). The head and the driver are left
// alone.

import {setMaxListeners} from "node:events";
import {setTimeout as sleep} from "node:timers/promises";
import {Random} from "../simulation/random.js";
import type {Field} from "./field.js";
import type {Trouble} from "./proxy.js";

/** The time between two faults of each loop, in milliseconds: at least and at most. */
const everyMs = {kill: [300, 1_500], pause: [1_000, 4_000], part: [2_000, 6_000]} as const;
const lastsMs = [1_000, 25_000] as const;
const maxPausedAtOnce = 6;
/** The share of paused processes that the killer spares, so that most of them go on. */
const spared = 0.75;
const troubles: readonly Trouble[] = [
  "silent",
  "silent to the head",
  "silent from the head",
  "cut",
];

export class Faults {
  readonly counts = new Map<string, number>();
  readonly #field: Field;
  readonly #random: Random;
  readonly #over = new AbortController();
  readonly #paused = new Set<number>();
  readonly #heals = new Set<() => void>();
  #loops: Promise<void>[] = [];

  constructor(field: Field, seed: number) {
    this.#field = field;
    this.#random = new Random(seed);
    setMaxListeners(Infinity, this.#over.signal);
  }

  begin(): void {
    this.#loops = [
      this.#loop(everyMs.kill, () => this.#kill()),
      this.#loop(everyMs.pause, () => this.#pause()),
      this.#loop(everyMs.part, () => this.#part()),
    ];
  }

  /** Ends the faults: paused processes go on, and partitions heal. */
  async end(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#loops);
    for (const pid of this.#paused) signal(pid, "SIGCONT");
    for (const heal of this.#heals) heal();
  }

  async #loop([least, most]: readonly [number, number], act: () => Promise<void>): Promise<void> {
    while (await this.#rest(this.#random.between(least, most))) await act();
  }

  async #rest(ms: number): Promise<boolean> {
    await sleep(ms, null, {signal: this.#over.signal}).catch(() => {});
    return !this.#over.signal.aborted;
  }

  async #kill(): Promise<void> {
    const victim = await this.#pick(40);
    if (!victim || (this.#paused.has(victim.pid) && this.#random.chance(spared))) return;
    if (signal(victim.pid, "SIGKILL")) this.#count(`killed: ${victim.what}`);
  }

  async #pause(): Promise<void> {
    if (this.#paused.size >= maxPausedAtOnce) return;
    const victim = await this.#pick(10);
    if (!victim || this.#paused.has(victim.pid) || !signal(victim.pid, "SIGSTOP")) return;
    this.#count(`paused: ${victim.what}`);
    this.#paused.add(victim.pid);
    void this.#rest(this.#random.between(...lastsMs)).then((isOn) => {
      if (!isOn) return;
      signal(victim.pid, "SIGCONT");
      this.#paused.delete(victim.pid);
    });
  }

  async #part(): Promise<void> {
    const {proxy} = this.#random.pick(this.#field.far);
    if (proxy.size === 0) return;
    const [kind, one] = [this.#random.pick(troubles), this.#random.whole(0, proxy.size - 1)];
    const isAll = this.#random.chance(0.3);
    const heal = proxy.trouble(kind, (index) => isAll || index === one);
    this.#count(`parted: ${isAll ? "a far node" : "one link"}, ${kind}`);
    this.#heals.add(heal);
    void this.#rest(this.#random.between(...lastsMs)).then((isOn) => {
      if (!isOn) return;
      heal();
      this.#heals.delete(heal);
    });
  }

  /** Picks a process: once in `nodesOnceIn` times a far node, else a worker's or an actor's. */
  async #pick(nodesOnceIn: number): Promise<{pid: number; what: string} | null> {
    if (this.#random.chance(1 / nodesOnceIn)) {
      return {pid: this.#random.pick(this.#field.far).pid, what: "nodes"};
    }
    const wantsActor = this.#random.chance(0.5);
    const nodes = await this.#field.nodes();
    const workers = nodes
      .flatMap((node) => node.workers)
      .filter(({pid, actor}) => pid > 0 && (actor !== undefined) === wantsActor);
    if (workers.length === 0) return null;
    return {pid: this.#random.pick(workers).pid, what: wantsActor ? "actors" : "workers"};
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
