// Of a call of an actor: nobody schedules it. It goes to the actor's process, and waits for its
// turn.

import {actorLabelOf, actorOf, isCreation} from "./actors.js";
import type {Span} from "./records.js";
import {inputsOf, type Draft} from "./step.js";
import type {TraceModel} from "./trace-model.js";
import {count} from "./words.js";

/** From its submission to its beginning: in the order in which its caller has submitted. */
export function sent(model: TraceModel, span: Span): Draft {
  const attempt = span.attempts[0];
  const begun = attempt?.startedAt ?? attempt?.endedAt ?? null;
  const {words} = inputsOf(model, span, begun);
  const placeLabel = actorLabelOf(model, span.id);
  const behind = behindOf(model, span);
  return {
    from: span.submittedAt,
    to: begun,
    // Whatever it waits for, it waits.
    waits: [{from: span.submittedAt, to: begun}],
    state: begun === null ? "running" : "done",
    kind: "submitted",
    place: "worker",
    placeLabel,
    title: "The call is sent to its actor, and waits for its turn",
    detail: [words, behind].filter((word) => word !== "").join("; "),
  };
}

/** What had to end before it, of the same actor. */
function behindOf(model: TraceModel, span: Span): string {
  const actor = actorOf(span.id);
  const own = model.spansOf(span.run!).filter(({id}) => actorOf(id) === actor);
  const before = own.filter(
    (each) =>
      each.id !== span.id &&
      each.submittedAt <= span.submittedAt &&
      (each.attempts.at(-1)?.endedAt ?? Infinity) > span.submittedAt,
  );
  if (before.some(({id}) => isCreation(id))) return "its actor was being made";
  const calls = before.filter((each) => each.submittedAt < span.submittedAt || each.id < span.id);
  return calls.length === 0
    ? "no other call was before it"
    : `behind ${count(calls.length, "other call")}`;
}
