// Whose children the unfinished tasks are: who cancels a task cancels them as well.

import type {TaskId} from "../../ids.js";
import type {CallId} from "../../trace.js";
import type {Task} from "./submitted.js";

export class Families {
  readonly #children = new Map<CallId | TaskId, Set<TaskId>>();

  add({id, ticket: {parent}}: Task): void {
    if (parent === null) return;
    const siblings = this.#children.get(parent);
    if (siblings) siblings.add(id);
    else this.#children.set(parent, new Set([id]));
  }

  remove({id, ticket: {parent}}: Task): void {
    if (parent === null) return;
    const siblings = this.#children.get(parent);
    siblings?.delete(id);
    if (siblings?.size === 0) this.#children.delete(parent);
  }

  childrenOf(parent: TaskId): TaskId[] {
    return [...(this.#children.get(parent) ?? [])];
  }
}
