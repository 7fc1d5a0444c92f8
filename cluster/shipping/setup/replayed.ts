// Calls and assignments of a cell on a value that it imports, to be repeated in workers.

export type Way =
  /** Goes on to a member. */
  | [kind: "get", name: PropertyKey]
  /** Calls the last value as a method of the value before it. */
  | [kind: "call", args: unknown[]];

/** `from` is imported; the last step is carried out on the value that the way leads to. */
export type Replayed = [from: unknown, way: Way[], last: Last];
export type Last =
  | [kind: "call", args: unknown[]]
  | [kind: "set", name: PropertyKey, value: unknown]
  | [kind: "delete", name: PropertyKey]
  /** `Object.assign` and its kind, called on the value. */
  | [kind: "object", method: string, rest: unknown[]];

type Holder = Record<PropertyKey, unknown>;

export async function replay([from, way, last]: Replayed): Promise<void> {
  let receiver: unknown;
  let value = from;
  for (const step of way) {
    if (step[0] === "get") [receiver, value] = [value, (value as Holder)[step[1]]];
    else [receiver, value] = [undefined, await call(value, receiver, step[1])];
  }
  switch (last[0]) {
    case "call":
      await call(value, receiver, last[1]);
      return;
    case "set":
      (value as Holder)[last[1]] = last[2];
      return;
    case "delete":
      delete (value as Holder)[last[1]];
      return;
    case "object":
      call((Object as unknown as Holder)[last[1]], Object, [value, ...last[2]]);
      return;
    default:
      last satisfies never;
  }
}

function call(fn: unknown, receiver: unknown, args: unknown[]): unknown {
  return Reflect.apply(fn as (...args: unknown[]) => unknown, receiver, args);
}
