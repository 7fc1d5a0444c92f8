// The words of the Debug Adapter Protocol that this kernel speaks, as Jupyter carries it: requests
// in `debug_request`, responses in `debug_reply`, events in `debug_event`. Lines and columns from
// 1.

export interface DapRequest {
  seq: number;
  command: string;
  arguments: Record<string, unknown>;
}

export interface DapResponse {
  type: "response";
  seq: number;
  request_seq: number;
  command: string;
  success: boolean;
  /** Why it failed. */
  message?: string;
  body: object;
}

export interface DapEvent {
  type: "event";
  seq: number;
  event: string;
  body: object;
}

/** What a client asks to stop at. */
export interface WantedBreakpoint {
  line: number;
  /** Stops only where this is true. */
  condition?: string;
}

export interface Breakpoint {
  id: number;
  verified: boolean;
  line: number;
  source: {path: string};
}

export interface StackFrame {
  id: number;
  name: string;
  line: number;
  column: number;
  source?: {name: string; path: string};
}

export interface Scope {
  name: string;
  variablesReference: number;
  expensive: boolean;
}

/** Without a type: JupyterLab would show it in place of the value, but for Python's types. */
export interface Variable {
  name: string;
  value: string;
  /** 0: there is nothing to expand. */
  variablesReference: number;
}

/** V8 counts threads of its own; user code has one. */
export const threadId = 1;

/** The request in a message's content, or what is wrong with it. */
export function parseRequest(content: Record<string, unknown>): DapRequest | string {
  const {seq, command} = content;
  const given = content.arguments ?? {};
  if (typeof command !== "string" || command === "") return "its command is no string";
  if (typeof given !== "object" || Array.isArray(given)) return "its arguments are no object";
  return {
    seq: typeof seq === "number" ? seq : 0,
    command,
    arguments: given as Record<string, unknown>,
  };
}

/** The lines that `setBreakpoints` asks for; what is no line is left out. */
export function wantedBreakpoints(given: unknown): WantedBreakpoint[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((each: unknown): WantedBreakpoint[] => {
    const {line, condition} = (each ?? {}) as Record<string, unknown>;
    if (typeof line !== "number" || !Number.isInteger(line) || line < 1) return [];
    const isConditional = typeof condition === "string" && condition !== "";
    return [isConditional ? {line, condition} : {line}];
  });
}
