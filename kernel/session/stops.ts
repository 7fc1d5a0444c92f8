// Tells a loop that works on copies of variables (loops.ts) of an interrupt before it is cut off.
//
// The I/O thread evaluates `stopExpression` on the main thread, in the midst of the loop, and waits
// a moment. V8 drops the code that took `__tasklabStop` for a constant. The loop's next round sees
// the new value and saves its variables, and `stop` reports that and waits for the end.

export const stopName = "__tasklabStop";
/** Counts the loops that run: when there is none, there is nothing to wait for. */
export const loopsName = "__tasklabLoops";

const stopKey = "tasklab.stop";

/** For the I/O thread's inspector session; its value is how many loops run. */
export const stopExpression = `${stopName} = globalThis[Symbol.for("${stopKey}")], ${loopsName}`;

/** Much longer than the I/O thread needs to cut off what was saved, on a busy machine too. */
const endMs = 1000;

/**
 * Installs `stop`. `saved` is called when a loop has saved its variables and nothing will change
 * them any more.
 */
export function installStops(saved: () => void): void {
  const stop = () => {
    saved();
    const end = performance.now() + endMs;
    while (performance.now() < end);
    armStops();
  };
  Object.defineProperty(globalThis, Symbol.for(stopKey), {value: stop, configurable: true});
  armStops();
}

/** Before each cell with such loops: what was changed once is made anew, to be a constant again. */
export function armStops(): void {
  Reflect.deleteProperty(globalThis, stopName);
  for (const [name, value] of [
    [stopName, undefined],
    [loopsName, 0],
  ] as const)
    Object.defineProperty(globalThis, name, {value, writable: true, configurable: true});
}
