// What a task threw, as it travels: as itself, with all that it holds, and in plain words that can
// be had of any error.

import {inspect, types} from "node:util";
import {asTaskError, CannotShipError, TaskError, textOfError, type TaskPlace} from "../errors.js";

export interface Failure {
  thrown: "error" | "other";
  name: string;
  message: string;
  stack: string;
  place: TaskPlace | null;
  /**
   * How many frames are the error's own. The frames after these are its cause, encoded as an error
   * for itself.
   */
  ownFrames?: number;
  /** Why the error does not travel as itself. */
  refused?: string;
  /** Nothing could be added to the error: it is sealed again when it has its place. */
  isSealed?: boolean;
}

export function summaryOf(error: unknown, place?: TaskPlace): Failure {
  if (!isError(error)) {
    const message = `threw ${brief(error)}`;
    return {thrown: "other", name: "Error", message, stack: "", place: place ?? null};
  }
  // On its way through an outer task, an error stays the failure of the task that threw it first.
  const inner = error instanceof TaskError ? error : null;
  return {
    thrown: "error",
    name: textOfError(error, "name"),
    message: textOfError(error, "message"),
    stack: inner?.remoteStack ?? textOfError(error, "stack"),
    place: inner?.place ?? place ?? null,
    ...(Object.isExtensible(error) ? {} : {isSealed: true}),
  };
}

function isError(thrown: unknown): thrown is Error {
  return (thrown instanceof Error || types.isNativeError(thrown)) && !types.isProxy(thrown);
}

/**
 * The error that says why the thrown one did not travel: its cause, for whoever looks for what it
 * held.
 */
export function refusalOf({refused}: Failure): CannotShipError | undefined {
  if (refused === undefined) return undefined;
  const error = new CannotShipError(refused, []);
  error.stack = `${error.name}: ${refused}`;
  return error;
}

/** The thrown value itself, or why the value can't be had in this process. */
export type Thrown = {arrived: unknown} | {lost: unknown};

export function reviveFailure(failure: Failure, thrown: Thrown): Error {
  const error = failure.thrown === "error" ? errorOf(failure, thrown) : wrapped(failure, thrown);
  if (failure.place) asTaskError(error, failure.place, failure.stack);
  return failure.isSealed ? Object.preventExtensions(error) : error;
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
