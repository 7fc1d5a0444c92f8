// What a test file's own process tells the runner: one line of JSON per test, as it ends.
import {inspect} from "node:util";

export default async function* report(events) {
  for await (const {type, data} of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details.type === "suite") continue;
    const error = type === "test:fail" ? data.details.error : undefined;
    // A parent that fails only because a test inside it failed says nothing new.
    if (error?.failureType === "subtestsFailed") continue;
    yield `${JSON.stringify({
      name: data.name,
      durationMs: data.details.duration_ms,
      outcome: outcomeOf(type, data),
      reason: reasonOf(data),
      failure: error && describe(error.cause ?? error),
    })}\n`;
  }
}

function outcomeOf(type, data) {
  if (data.skip !== undefined || data.todo !== undefined) return "skipped";
  return type === "test:pass" ? "passed" : "failed";
}

function reasonOf({skip, todo}) {
  const reason = skip ?? todo;
  return typeof reason === "string" ? reason : undefined;
}

function describe(error) {
  if (!(error instanceof Error)) return {message: `threw ${inspect(error)}`, stack: ""};
  const cause = error.cause === undefined ? "" : `\ncaused by: ${inspect(error.cause)}`;
  return {message: `${error.message}${cause}`, stack: error.stack ?? ""};
}
