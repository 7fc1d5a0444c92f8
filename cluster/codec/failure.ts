// What a task threw travels twice: as itself, with all that it holds, and in plain words that can always
// be said of it.

import {inspect} from "node:util";
import {asTaskError, TaskError, type TaskPlace} from "../errors.js";

export interface Failure {
  thrown: "error" | "other";
  name: string;
  message: string;
  stack: string;
  place: TaskPlace | null;
  /** So many frames are its own; those after them are its cause's, encoded as an error for itself. */
  ownFrames?: number;
}

export function summaryOf(error: unknown, place?: TaskPlace): Failure {
  if (!(error instanceof Error)) {
    const message = `threw ${brief(error)}`;
    return {thrown: "other", name: "Error", message, stack: "", place: place ?? null};
  }
  // On its way through an outer task it stays the failure of the one that threw it.
  const inner = error instanceof TaskError ? error : null;
  return {
    thrown: "error",
    name: String(error.name),
    message: String(error.message),
    stack: String(inner?.remoteStack ?? error.stack ?? ""),
    place: inner?.place ?? place ?? null,
  };
}

/** The thing itself, or why it is not to be had here. */
export type Thrown = {arrived: unknown} | {lost: unknown};

export function reviveFailure(failure: Failure, thrown: Thrown): Error {
  const error = failure.thrown === "error" ? errorOf(failure, thrown) : wrapped(failure, thrown);
  return failure.place ? asTaskError(error, failure.place, failure.stack) : error;
}

function errorOf({name, message, stack}: Failure, thrown: Thrown): Error {
  const error = "arrived" in thrown ? thrown.arrived : undefined;
  if (error instanceof Error && Object.isExtensible(error)) return error;
  const plain = new Error(message);
  Object.defineProperty(plain, "name", {value: name, configurable: true, writable: true});
  plain.stack = stack;
  const cause = error ?? ("lost" in thrown ? thrown.lost : undefined);
  if (cause !== undefined) plain.cause = cause;
  return plain;
}

function wrapped({message, place}: Failure, thrown: Thrown): Error {
  const where = place ? `task \`${place.fn}\` ` : "";
  return new Error(`${where}${message}, which is not an Error (it is this error's \`cause\`)`, {
    cause: "arrived" in thrown ? thrown.arrived : thrown.lost,
  });
}

function brief(value: unknown): string {
  const text = inspect(value, {depth: 1, breakLength: Infinity, maxStringLength: 80});
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
