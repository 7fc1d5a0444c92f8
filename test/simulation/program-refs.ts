// The refs that the program of one process holds: counted by the real book, which tells the agent
// in batches, and by hand beside it, for the checks.

import {Holdings, type Holding} from "../../cluster/core/client/holdings.js";
import {InvariantError} from "../../cluster/core/invariants.js";
import type {ObjectId} from "../../cluster/ids.js";

/** The agent of the process, which hears of what the program holds. */
export interface RefsAgent {
  readonly isDown: boolean;
  hold(object: ObjectId): void;
  leave(object: ObjectId, fn: string): void;
  release(object: ObjectId): void;
}

interface Home extends Holding<RefsAgent> {
  /** Whether somebody has asked for it, or will meet its error. */
  isSeen: boolean;
}

export class ProgramRefs {
  readonly #agent: RefsAgent;
  readonly #holdings: Holdings<RefsAgent, Home>;
  readonly #counts = new Map<ObjectId, number>();
  /** Objects of which the agent knows that the program holds them. */
  readonly #told = new Set<ObjectId>();

  /** `plan`: calls the function it is given in a moment, or at once. */
  constructor(agent: RefsAgent, plan: (send: () => void) => void) {
    this.#agent = agent;
    this.#holdings = new Holdings(() => plan(() => this.send()));
  }

  has(object: ObjectId): boolean {
    return this.#counts.has(object);
  }

  /** Whether the program holds the object, and its agent has been told. */
  isKnown(object: ObjectId): boolean {
    return this.#counts.has(object) && this.#told.has(object);
  }

  /** Of a new object. `fn`: the function of its task; null when nobody could miss its error. */
  add(object: ObjectId, fn: string | null): void {
    this.#counts.set(object, 1);
    this.#told.add(object);
    this.#holdings.add(object, this.#home(fn ?? "", fn === null, 1));
  }

  /** A ref of it has come out of a value, or another hand holds it. */
  hold(object: ObjectId): void {
    this.#counts.set(object, (this.#counts.get(object) ?? 0) + 1);
    const known = this.#holdings.meet(object, null);
    if (known) known.isSeen = true;
    const home = known ?? this.#home("", true, 0);
    home.count++;
    if (!known) this.#holdings.remember(object, home, () => this.send());
  }

  /** As `hold`, for as long as a wait for it lasts. */
  keep(object: ObjectId): void {
    this.#counts.set(object, this.#counts.get(object)! + 1);
    this.#holdings.find(object)!.count++;
  }

  see(object: ObjectId): void {
    const home = this.#holdings.find(object);
    if (home) home.isSeen = true;
  }

  letGo(object: ObjectId): void {
    const count = this.#counts.get(object)!;
    if (count > 1) this.#counts.set(object, count - 1);
    else this.#counts.delete(object);
    const home = this.#holdings.find(object)!;
    home.count--;
    if (home.count !== (this.#counts.get(object) ?? 0))
      throw new InvariantError(`${object} is held ${count - 1} times, counted ${home.count}`);
    if (home.count > 0) return;
    if (home.isSeen) this.#holdings.drop(object, home);
    else this.#holdings.leave(object, home);
  }

  send(): void {
    const {held, left, released} = this.#holdings.take();
    for (const [agent, objects] of held) {
      for (const object of objects) {
        this.#told.add(object);
        agent.hold(object);
      }
    }
    for (const [agent, groups] of left) {
      for (const {fn, objects} of groups) {
        for (const object of objects) {
          this.#told.delete(object);
          agent.leave(object, fn);
        }
      }
    }
    for (const [agent, objects] of released) {
      for (const object of objects) {
        // One that is held again must not be released: it stays known, and its end is an error.
        if (!this.#counts.has(object)) this.#told.delete(object);
        agent.release(object);
      }
    }
  }

  leftovers(): string[] {
    const {isPlanned, size} = this.#holdings;
    if (this.#counts.size + size === 0 && !isPlanned) return [];
    return [`${this.#counts.size} refs of ${size} objects`];
  }

  #home(fn: string, isSeen: boolean, count: number): Home {
    return {count, backend: this.#agent, fn, cell: "", isSeen};
  }
}
