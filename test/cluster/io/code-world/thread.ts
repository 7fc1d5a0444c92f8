// A worker's user thread: it keeps code as the real one does, and runs tasks that take a while and
// come to the fingerprint of the code that they got.

import {KeptCodes} from "../../../../cluster/io/agent/codes.js";
import type {
  SharedState,
  TaskEnd,
  UserOrder,
  UserReport,
  UserTask,
} from "../../../../cluster/io/threads/ports.js";
import {nowUs} from "../../../../cluster/clock.js";
import type {Clock} from "../../../simulation/network.js";
import type {Random} from "../../../simulation/random.js";
import {fingerprint} from "./functions.js";

/** Kept in a process, unless one function needs more. */
const most = {pieces: 512, bytes: 256 * 1024 * 1024};

interface Handed {
  task: UserTask;
  result: string;
}

export class Thread {
  readonly codes = new KeptCodes();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #shared: SharedState;
  readonly #report: (report: UserReport) => void;
  readonly #meanMs: number;
  readonly #waiting: Handed[] = [];
  #inside: (Handed & {startedAt: number}) | null = null;

  constructor(
    clock: Clock,
    random: Random,
    shared: SharedState,
    report: (report: UserReport) => void,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#shared = shared;
    this.#report = report;
    this.#meanMs = random.pick([0.02, 0.2, 20]);
  }

  hear(order: UserOrder): void {
    switch (order.kind) {
      case "code":
        return this.codes.add(order);
      case "run":
        for (const task of order.tasks) {
          const shipped = this.codes.use(task.code);
          this.#waiting.push({task, result: shipped ? fingerprint(shipped) : `no ${task.code}`});
          const {pieces, bytes} = this.codes.size;
          if ((pieces > most.pieces || bytes > most.bytes) && pieces > shipped!.parts.length + 1)
            throw new Error(`${pieces} pieces of ${bytes} bytes are kept`);
        }
        break;
      case "resume":
        this.#shared.reset();
        if (this.#inside) this.#end("cancelled");
        break;
      default:
        break;
    }
    this.#next();
  }

  get isIdle(): boolean {
    return this.#inside === null && this.#waiting.length === 0;
  }

  #next(): void {
    while (this.#inside === null && this.#waiting.length > 0) {
      const handed = this.#waiting.shift()!;
      const {slot, ticket} = handed.task;
      if (!this.#shared.take(slot, ticket)) continue;
      const startedAt = nowUs();
      const begun = (this.#inside = {...handed, startedAt});
      this.#shared.enter(slot, startedAt);
      this.#clock.after(this.#random.between(0, 2 * this.#meanMs), () => {
        // Cut off meanwhile, or about to be: `resume` follows.
        if (this.#inside !== begun || this.#shared.running() === null) return;
        this.#shared.leave(slot);
        this.#end("returned");
        this.#next();
      });
    }
  }

  #end(state: TaskEnd["state"]): void {
    const {task, result, startedAt} = this.#inside!;
    this.#inside = null;
    const frames = state === "returned" ? [Buffer.from(result)] : [];
    const nothing = {refs: [], errorNames: [], errorLine: "", decodeUs: 0, encodeUs: 0};
    const times = {startedAt, endedAt: nowUs()};
    this.#report({kind: "done", task: task.task, state, frames, ...nothing, ...times});
  }
}
