// A head that only lends workers: two leases each, as where one waits and another runs; they are
// asked back now and then when others wait.

import type {Shape} from "../../../../cluster/core/events.js";
import type {LeaseId, WorkerId} from "../../../../cluster/ids.js";
import type {FromHead, ToHead} from "../../../../cluster/messages.js";
import type {Clock} from "../../../simulation/network.js";
import type {Random} from "../../../simulation/random.js";

export interface HeadClient {
  readonly id: string;
  fromHead(message: FromHead): void;
}

export class Head {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #wants = new Map<HeadClient, {shape: Shape; count: number}>();
  #free: WorkerId[] = [];
  readonly #lent = new Map<LeaseId, {worker: WorkerId; to: HeadClient}>();
  #leases = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  hear(client: HeadClient, message: ToHead): void {
    switch (message.kind) {
      case "want-leases":
        this.#wants.set(client, message);
        break;
      case "return-lease": {
        const lent = this.#lent.get(message.lease);
        this.#lent.delete(message.lease);
        if (lent) this.#free.push(lent.worker);
        break;
      }
      default:
        break;
    }
    this.#lend();
  }

  workerReady(worker: WorkerId): void {
    this.#free.push(worker, worker);
    this.#lend();
  }
  workerLost(worker: WorkerId): void {
    this.#free = this.#free.filter((each) => each !== worker);
    for (const [lease, lent] of this.#lent) {
      if (lent.worker !== worker) continue;
      this.#lent.delete(lease);
      lent.to.fromHead({kind: "lease-lost", lease, worker, reason: "it crashed"});
    }
  }
  clientLost(client: HeadClient): void {
    this.#wants.delete(client);
    for (const [lease, {to, worker}] of this.#lent) {
      if (to !== client) continue;
      this.#lent.delete(lease);
      this.#free.push(worker);
    }
    this.#lend();
  }

  #lend(): void {
    for (;;) {
      const waiting = [...this.#wants].filter(([, {count}]) => count > 0);
      if (waiting.length === 0) return;
      if (this.#free.length === 0) return this.#askBack();
      const [to, want] = this.#random.pick(waiting);
      const [worker] = this.#free.splice(this.#random.whole(0, this.#free.length - 1), 1);
      const lease = `lease${++this.#leases}` as LeaseId;
      want.count--;
      this.#lent.set(lease, {worker: worker!, to});
      to.fromHead({kind: "granted", lease, shape: want.shape, worker: worker!, address: ""});
    }
  }

  #askBack(): void {
    if (this.#lent.size === 0) return;
    const [lease, {to}] = this.#random.pick([...this.#lent]);
    if ([...this.#wants.keys()].every((other) => other === to)) return;
    this.#clock.after(this.#random.between(5, 60), () => {
      if (this.#lent.has(lease)) to.fromHead({kind: "revoked", lease});
    });
  }
}
