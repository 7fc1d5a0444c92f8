// The steps that this process has done, or does now.

export const done = new Map<string, true | Promise<void>>();

/** Notes a step of this process's own: the process has done what the step repeats elsewhere. */
export function isDoneHere(hash: string): void {
  done.set(hash, true);
}
