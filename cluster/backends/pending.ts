// Tasks that have not started, in the order in which they may: deeper ones first, so that those who
// wait for them get on; of one depth by priority, then as submitted.

import type {SequentialTask} from "./sequential-task.js";

interface Rank {
  depth: number;
  priority: number;
  tasks: Set<SequentialTask>;
}

export class PendingTasks {
  readonly #ranks: Rank[] = [];

  add(task: SequentialTask): void {
    this.#rankOf(task).tasks.add(task);
  }

  delete(task: SequentialTask): void {
    const rank = this.#rankOf(task);
    rank.tasks.delete(task);
    if (rank.tasks.size === 0) this.#ranks.splice(this.#ranks.indexOf(rank), 1);
  }

  /** The first that `accept` makes something of. */
  find<Found>(accept: (task: SequentialTask) => Found | undefined): Found | undefined {
    for (const {tasks} of this.#ranks) {
      for (const task of tasks) {
        const found = accept(task);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  #rankOf({call}: SequentialTask): Rank {
    const {depth} = call.context;
    const {priority} = call.options;
    const isBefore = (rank: Rank) =>
      rank.depth > depth || (rank.depth === depth && rank.priority > priority);
    const at = this.#ranks.findIndex((rank) => !isBefore(rank));
    const found = this.#ranks[at];
    if (found?.depth === depth && found.priority === priority) return found;
    const rank = {depth, priority, tasks: new Set<SequentialTask>()};
    this.#ranks.splice(at === -1 ? this.#ranks.length : at, 0, rank);
    return rank;
  }
}
