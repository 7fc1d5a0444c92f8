// What follows from the event that a machine handles: its commands in order, and when it wants to
// be called again.

import type {Wake} from "./events.js";

export class Outbox<Command> {
  #commands: (Command | Wake)[] = [];
  #wakeAtMs = Infinity;

  push(command: Command): void {
    this.#commands.push(command);
  }

  /** Asks for `ticked` at this time, unless it comes earlier anyway. */
  wake(atMs: number): void {
    if (atMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = atMs;
    this.#commands.push({kind: "wake", atMs});
  }
  ticked(): void {
    this.#wakeAtMs = Infinity;
  }

  /** Takes the commands that were added since the last call. */
  take(): (Command | Wake)[] {
    if (this.#commands.length === 0) return nothing;
    const commands = this.#commands;
    this.#commands = [];
    return commands;
  }
}

const nothing: never[] = [];
