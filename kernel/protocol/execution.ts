// One execute_request: what it asks for, and what its reply says.

import type {CellId, Outcome} from "../threads.js";
import type {Entry} from "./history.js";
import {maxCodeChars} from "./limits.js";
import type {Request} from "./request.js";

export interface Execution {
  request: Request;
  cell: CellId;
  code: string;
  silent: boolean;
  storeHistory: boolean;
  stopOnError: boolean;
  allowStdin: boolean;
  userExpressions: Record<string, string>;
}

/** A cell that main works on. */
export interface Running extends Execution {
  executionCount: number;
  started: string;
  startedAtMs: number;
  entry: Entry | null;
  /** An interrupt came while it ran, whoever answers it then. */
  isInterrupted: boolean;
}

export type Failure = Extract<Outcome, {status: "error"}>;

/** What the request asks for, or what is wrong with it. */
export function executionOf(request: Request): Execution | string {
  const {content, header} = request.message;
  const {code, silent, store_history, stop_on_error, allow_stdin, user_expressions} = content;
  if (typeof code !== "string")
    return `its code is ${code === undefined ? "missing" : "no string"}`;
  if (code.length > maxCodeChars)
    return `its code has ${code.length} characters, at most ${maxCodeChars} can be compiled; read data from a file`;
  const expressions = Object.entries(
    typeof user_expressions === "object" && user_expressions !== null ? user_expressions : {},
  ).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return {
    request,
    cell: header.msg_id as CellId,
    code,
    silent: silent === true,
    storeHistory: store_history !== false,
    stopOnError: stop_on_error !== false,
    // Who does not speak of stdin has none: a cell that asks must not wait for ever.
    allowStdin: allow_stdin === true,
    userExpressions: Object.fromEntries(expressions),
  };
}

/** The content of an execute_reply, but for its counter. */
export function replyOf(outcome: Outcome): object {
  if (outcome.status === "error") {
    const {ename, evalue, traceback} = outcome;
    return {status: "error", ename, evalue, traceback};
  }
  return {status: "ok", user_expressions: outcome.userExpressions, payload: outcome.payload};
}

/** A failure that is not the cell's own. */
export function failure(ename: string, evalue: string): Failure {
  return {status: "error", ename, evalue, traceback: [`${ename}: ${evalue}`]};
}

export const interrupted = failure(
  "InterruptedError",
  "the cell was interrupted; its variables are kept",
);
