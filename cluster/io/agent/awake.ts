// Waiting that counts only the time in which this process was awake.

/** How many ticks a wait has. */
const ticks = 25;

/**
 * Calls `act` after `ms` milliseconds in which the process ran. A process or machine that stands
 * still makes fewer ticks, and a timer of the whole time would ring at once when it goes on: before
 * other processes of the same machine have had their time. Returns what calls the wait off.
 */
export function afterAwake(ms: number, act: () => void): () => void {
  let left = ticks;
  let timer = setTimeout(tick, ms / ticks);
  return () => clearTimeout(timer);

  function tick(): void {
    if (--left === 0) act();
    else timer = setTimeout(tick, ms / ticks);
  }
}
