// Whose children the unfinished tasks are: who cancels a task cancels them as well.

import type {TaskId} from "../ids.js";
import type {CallId} from "../trace.js";
import type {Task} from "./submitted.js";

export class Families {
  readonly #children = new Map<CallId | TaskId, Set<Task>>();

  add(task: Task): void {
    const {parent} = task.ticket;
    if (parent === null) return;
    const siblings = this.#children.get(parent);
    if (siblings) siblings.add(task);
    else this.#children.set(parent, new Set([task]));
  }

  remove(task: Task): void {
    const {parent} = task.ticket;
    if (parent === null) return;
    const siblings = this.#children.get(parent);
    siblings?.delete(task);
    if (siblings?.size === 0) this.#children.delete(parent);
  }

  childrenOf(parent: TaskId): Task[] {
    return [...(this.#children.get(parent) ?? [])];
  }
}
