// How shipping recognises a remote function: by a mark that `remote` leaves on the function.

/**
 * The key under which a remote function keeps its inner function and its options, which shipping
 * sends.
 */
export const remoteKey: unique symbol = Symbol.for("tasklab.remote") as never;

export interface RemoteMark {
  fn: (...args: never[]) => unknown;
  options: unknown;
}

export function maybeRemoteMark(value: object): RemoteMark | undefined {
  return (value as {[remoteKey]?: RemoteMark})[remoteKey];
}
