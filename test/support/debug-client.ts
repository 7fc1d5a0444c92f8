// A client that debugs: DAP in debug_request, on the control channel.

import assert from "node:assert/strict";
import type {
  DapEvent,
  DapResponse,
  Scope,
  StackFrame,
  Variable,
} from "../../kernel/debugger/dap.js";
import type {JupyterClient} from "./jupyter-client.js";

/** A cell to stop in: the function at its third line is called twice, and 9 is its value. */
export const cell = `const factor = 3;
function scale(x: number): number {
  const scaled = x * factor;
  return scaled;
}
let first = scale(1);
let second = scale(2);
first + second`;

export class DebugClient {
  readonly #client: JupyterClient;
  #sequence = 0;

  constructor(client: JupyterClient) {
    this.#client = client;
  }

  /** Leaves whatever was debugged, and begins anew. */
  async restart(): Promise<void> {
    for (const command of ["disconnect", "initialize", "attach"]) await this.ask(command);
  }

  async request(command: string, given: object = {}): Promise<DapResponse> {
    const request = {type: "request", seq: ++this.#sequence, command, arguments: given};
    return (await this.#client.request("control", "debug_request", request)).content as never;
  }

  /** The body of a response that must be a success. */
  async ask<Body>(command: string, given: object = {}): Promise<Body> {
    const {success, message, body} = await this.request(command, given);
    assert.ok(success, `${command}: ${message}`);
    return body as Body;
  }

  /** Does something and waits for the next `stopped`; gives its body and the stack. */
  async stopAfter(act: () => unknown) {
    const events = () => this.#client.received.filter(({type}) => type === "debug_event");
    const before = events().length;
    act();
    const event = await this.#client.until("stopped", () =>
      events()
        .slice(before)
        .map(({content}) => content as unknown as DapEvent)
        .find(({event}) => event === "stopped"),
    );
    const {stackFrames} = await this.ask<{stackFrames: StackFrame[]}>("stackTrace", {threadId: 1});
    const body = event.body as {reason: string; text?: string};
    return {...body, frames: stackFrames, top: stackFrames[0]!};
  }

  async setBreakpoints(code: string, ...lines: number[]): Promise<string> {
    const {sourcePath} = await this.ask<{sourcePath: string}>("dumpCell", {code});
    const breakpoints = lines.map((line) => ({line}));
    await this.ask("setBreakpoints", {source: {path: sourcePath}, breakpoints});
    return sourcePath;
  }

  /** Runs the cell up to its first breakpoint. */
  async stopIn(code: string, ...lines: number[]) {
    const sourcePath = await this.setBreakpoints(code, ...lines);
    let id = "";
    const stopped = await this.stopAfter(() => (id = this.#client.execute(code)));
    return {...stopped, id, sourcePath};
  }

  async variables(reference: number): Promise<Record<string, Variable>> {
    const answer = await this.ask<{variables: Variable[]}>("variables", {
      variablesReference: reference,
    });
    return Object.fromEntries(answer.variables.map((variable) => [variable.name, variable]));
  }

  /** What each scope's variables are asked for by. */
  async scopesOf(frame: StackFrame): Promise<Record<string, number>> {
    const {scopes} = await this.ask<{scopes: Scope[]}>("scopes", {frameId: frame.id});
    return Object.fromEntries(
      scopes.map(({name, variablesReference}) => [name, variablesReference]),
    );
  }
}
