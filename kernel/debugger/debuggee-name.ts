/** The global under which the inspector finds what the main thread has for it (`debuggee.ts`). */
export const debuggeeKey = "tasklab.debuggee";

/** The expression that gives it in any code of the main thread. */
export const debuggeeExpression = `globalThis[Symbol.for(${JSON.stringify(debuggeeKey)})]`;
