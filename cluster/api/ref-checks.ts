// Checks lists of refs and the options beside them. Errors say what is wrong and what to write
// instead.

import {isActor} from "./actors.js";
import type {GetOptions} from "../backend.js";
import {UsageError} from "../errors.js";
import {ObjectRef} from "./object-ref.js";
import {checkHeld} from "./refs.js";
import {isRemote} from "./remote.js";

export type Options<T> = {[Key in keyof T]?: T[Key] | undefined};

export function checkRefs(verb: string, refs: readonly unknown[], isList: boolean): void {
  for (let index = 0; index < refs.length; index++) {
    const ref = refs[index];
    if (!(ref instanceof ObjectRef)) throw noRef(verb, ref, isList ? index : null);
    checkHeld(ref, verb);
  }
}

function noRef(verb: string, value: unknown, index: number | null): UsageError {
  const where = index === null ? "" : ` (number ${index} of the list)`;
  return new UsageError(
    `${verb}: ${kindOf(value)}${where} is not an ObjectRef; ${adviceFor(value, verb)}`,
  );
}

export function kindOf(value: unknown): string {
  if (
    value === undefined ||
    value === null ||
    typeof value === "number" ||
    typeof value === "boolean"
  ) {
    return String(value);
  }
  if (isActor(value)) return String(value);
  if (isRemote(value)) return `the remote function \`${value.name}\``;
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value === "function") return `the function \`${value.name || "anonymous"}\``;
  if (value instanceof Promise) return "a promise";
  if (Array.isArray(value)) return "a list";
  const name = (value as object).constructor?.name ?? "object";
  return `${/^[AEIOU]/i.test(name) ? "an" : "a"} ${name}`;
}

function adviceFor(value: unknown, verb: string): string {
  if (value instanceof Promise) return "await a promise as it is";
  if (isRemote(value)) return `submit it first: ${value.name}.remote(…)`;
  if (isActor(value)) return "it takes what a call of its methods returns: actor.method.remote(…)";
  if (Array.isArray(value)) return `${verb} takes refs, not lists of lists; flatten it`;
  return "it takes what .remote(…) and put(…) return";
}

export function checkBounds(verb: string, options: Options<GetOptions>, least = 0): GetOptions {
  const {timeoutMs, signal} = options;
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs >= least)) {
    throw new UsageError(
      `${verb}: timeoutMs: ${String(timeoutMs)}: must be a number of milliseconds ≥ ${least}`,
    );
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new UsageError(
      `${verb}: signal: must be an AbortSignal, such as new AbortController().signal`,
    );
  }
  return {
    ...(timeoutMs !== undefined && timeoutMs !== Infinity && {timeoutMs}),
    ...(signal !== undefined && {signal}),
  };
}
