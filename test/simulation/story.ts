// What has happened in one cluster, for the message of a run that fails.

export class Story {
  readonly #notes: {atMs: number; who: string; what: object}[] = [];

  note(atMs: number, who: string, what: object): void {
    this.#notes.push({atMs, who, what});
  }

  /** Everything that speaks of the task, or the last of everything. */
  ofTask(task: string | null): string {
    return this.matching(task === null ? "" : task.slice(0, 16));
  }

  /** The last notes whose lines match. */
  matching(pattern: string, most = 80): string {
    const wanted = new RegExp(pattern);
    const lines: string[] = [];
    for (let i = this.#notes.length - 1; i >= 0 && lines.length < most; i--) {
      const {atMs, who, what} = this.#notes[i]!;
      const text = JSON.stringify(what, (key, value: unknown) =>
        key === "frames" || key === "payload" ? undefined : value,
      );
      const line = `${atMs.toFixed(3).padStart(10)} ${who.padEnd(12)} ${text.slice(0, 400)}`;
      if (wanted.test(line)) lines.push(line);
    }
    return lines.reverse().join("\n");
  }
}
