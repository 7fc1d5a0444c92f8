// What a task threw, as it travels: the error itself with all that it holds, and beside it, in plain
// words, what can always be said of it.

import {inspect} from "node:util";
import {asTaskError, type TaskPlace} from "../errors.js";

export interface Failure {
  /** What was thrown, `null` when it can't travel. */
  error: unknown;
  thrown: "error" | "other";
  name: string;
  message: string;
  stack: string;
  place: TaskPlace | null;
}

export function describeFailure(error: unknown, place?: TaskPlace): Failure {
  const common = {error, place: place ?? null};
  if (!(error instanceof Error))
    return {...common, thrown: "other", name: "Error", message: `threw ${brief(error)}`, stack: ""};
  const {name, message, stack} = error;
  return {
    ...common,
    thrown: "error",
    name: String(name),
    message: String(message),
    stack: typeof stack === "string" ? stack : "",
  };
}

export function reviveFailure(failure: Failure): Error {
  const error = errorOf(failure);
  return failure.place ? asTaskError(error, failure.place, failure.stack) : error;
}

function errorOf({error, thrown, name, message, stack, place}: Failure): Error {
  if (thrown === "other") {
    const where = place ? `task \`${place.fn}\` ` : "";
    return new Error(`${where}${message}, which is not an Error (it is this error's \`cause\`)`, {
      cause: error,
    });
  }
  if (error instanceof Error && Object.isExtensible(error)) return error;
  const plain = new Error(message);
  plain.name = name;
  plain.stack = stack;
  if (error !== null) plain.cause = error;
  return plain;
}

function brief(value: unknown): string {
  const text = inspect(value, {depth: 1, breakLength: Infinity, maxStringLength: 80});
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
