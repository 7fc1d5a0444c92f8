// How shipping recognises a remote function: by what `remote` leaves on it.

/** Where a remote function keeps what it was made from; shipping sends these two. */
export const remoteKey: unique symbol = Symbol.for("tasklab.remote") as never;

export interface RemoteMark {
  fn: (...args: never[]) => unknown;
  options: unknown;
}

export function maybeRemoteMark(value: object): RemoteMark | undefined {
  return (value as {[remoteKey]?: RemoteMark})[remoteKey];
}
