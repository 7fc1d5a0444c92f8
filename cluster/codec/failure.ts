// What a task threw travels twice: as itself, with all that it holds, and in plain words that can always
// be said of it.

import {inspect} from "node:util";
import {asTaskError, CannotShipError, TaskError, type TaskPlace} from "../errors.js";

export interface Failure {
  thrown: "error" | "other";
  name: string;
  message: string;
  stack: string;
  place: TaskPlace | null;
  /** So many frames are its own; those after them are its cause's, encoded as an error for itself. */
  ownFrames?: number;
  /** Why it does not travel as itself. */
  refused?: string;
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

/** What is the cause then: so nobody looks in vain for what the error held. */
export function refusalOf({refused}: Failure): CannotShipError | undefined {
  if (refused === undefined) return undefined;
  const error = new CannotShipError(refused, []);
  error.stack = `${error.name}: ${refused}`;
  return error;
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
  if (cause !== undefined)
    Object.defineProperty(plain, "cause", {value: cause, configurable: true, writable: true});
  return plain;
}

function wrapped({message, place}: Failure, thrown: Thrown): Error {
  const where = place ? `task \`${place.fn}\` ` : "";
  const [cause, isIt] =
    "arrived" in thrown
      ? [thrown.arrived, " (it is this error's `cause`)"]
      : [thrown.lost, ", and which does not travel"];
  return new Error(`${where}${message}, which is not an Error${isIt}`, {cause});
}

function brief(value: unknown): string {
  const text = inspect(value, {depth: 1, breakLength: Infinity, maxStringLength: 80});
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
