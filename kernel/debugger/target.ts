// The main thread as the debugger has it: connected once anybody wants to look, enabled while a
// client debugs. Only then does V8 keep what debugging needs, and stop.

import type {Debugger, Runtime} from "node:inspector";
import {Breakpoints} from "./breakpoints.js";
import type {Scope, StackFrame, Variable} from "./dap.js";
import {debuggeeExpression} from "./debuggee-name.js";
import type {Inspector} from "./inspector.js";
import {Pauses, type PausesParts} from "./pauses.js";
import {foreignPatterns, Scripts, type CellText} from "./scripts.js";
import {errorText, Variables, type Lifetime, type Remote} from "./variables.js";

export interface TargetParts extends Pick<
  PausesParts,
  "running" | "stopped" | "continued" | "log"
> {
  inspector: Inspector;
  cellText: CellText;
}

/** What an expression of the user's may take: meanwhile nothing else can be asked of the thread. */
const evaluationMs = 3000;

export class Target {
  readonly inspector: Inspector;
  readonly scripts: Scripts;
  readonly breakpoints: Breakpoints;
  readonly pauses: Pauses;
  readonly variables: Variables;
  /** The call frames of the current pause, by the ids that the client knows. */
  readonly #frames = new Map<number, Debugger.CallFrame>();
  #lastFrame = 0;

  private constructor(parts: TargetParts, debuggee: string) {
    const {inspector, cellText} = parts;
    this.inspector = inspector;
    this.scripts = new Scripts(inspector, cellText);
    this.breakpoints = new Breakpoints(inspector, this.scripts);
    this.variables = new Variables(inspector, debuggee);
    const {scripts, breakpoints} = this;
    this.pauses = new Pauses({
      ...{...parts, scripts, breakpoints},
      continued: () => {
        this.#frames.clear();
        void this.variables.forget("pause").catch(() => {});
        parts.continued();
      },
    });
    inspector.on<Debugger.ScriptParsedEventDataType>("Debugger.scriptParsed", (parsed) => {
      scripts.parsed(parsed);
      if (scripts.isModule(parsed.scriptId)) void this.#bind(parsed.scriptId);
    });
  }

  static async connect(parts: TargetParts): Promise<Target> {
    const {result} = await parts.inspector.post<Runtime.EvaluateReturnType>("Runtime.evaluate", {
      expression: debuggeeExpression,
    });
    if (!result.objectId) throw new Error("the kernel has not started yet; try again");
    return new Target(parts, result.objectId);
  }

  async enable(): Promise<void> {
    const {inspector} = this;
    await inspector.post("Debugger.enable");
    await inspector.post("Debugger.setBlackboxPatterns", {patterns: foreignPatterns});
    await inspector.post("Debugger.setInstrumentationBreakpoint", {
      instrumentation: "beforeScriptWithSourceMapExecution",
    });
    await this.#tell(true);
  }

  /** The main thread goes on and knows nothing of debugging any more. */
  async disconnect(): Promise<void> {
    this.pauses.release();
    const {inspector} = this;
    const stops = inspector.post("Debugger.disable");
    await Promise.all([stops, this.#tell(false)]).finally(() => inspector.disconnect());
  }

  /** The user's frames, innermost first. */
  async stack(): Promise<StackFrame[]> {
    const {current} = this.pauses;
    if (!current) return [];
    const {scripts} = this;
    const ofUser = current.callFrames.filter(({location}) => scripts.isUsers(location.scriptId));
    this.#frames.clear();
    return Promise.all(
      ofUser.map(async (frame): Promise<StackFrame> => {
        const id = ++this.#lastFrame;
        this.#frames.set(id, frame);
        const {scriptId, lineNumber, columnNumber = 0} = frame.location;
        const script = await scripts.load(scriptId);
        const {line, column} = script?.place(frame.location) ?? {
          line: lineNumber + 1,
          column: columnNumber + 1,
        };
        const source = script ? {source: {name: script.name, path: script.path}} : {};
        const name = frame.functionName || (script?.name ?? "(anonymous)");
        return {id, name, line, column, ...source};
      }),
    );
  }

  /** Local variables, those around them, and the notebook's. */
  scopes(frameId: unknown): Scope[] {
    const frame = this.#frame(frameId);
    const of = (...types: Debugger.Scope["type"][]) =>
      frame.scopeChain.filter(({type}) => types.includes(type)).map(({object}) => object);
    const inner = of("local", "block", "catch", "with", "eval");
    const isInFunction = frame.scopeChain.some(({type}) => type === "local");
    return [
      {name: "Locals", scopes: inner, self: isInFunction ? frame.this : null},
      {name: "Closure", scopes: of("closure", "module"), self: null},
      {name: "Globals", scopes: of("script"), self: null},
    ].flatMap(({name, scopes, self}) => {
      if (scopes.length === 0) return [];
      return [{name, variablesReference: this.variables.scopes(scopes, self), expensive: false}];
    });
  }

  /** Without a frame, the innermost one while the thread is stopped. */
  async evaluate(expression: string, frameId?: unknown, more: object = {}): Promise<Remote> {
    const {pauses, inspector} = this;
    const options = {expression, timeout: evaluationMs, silent: true, ...more};
    const frame = frameId === undefined ? pauses.current?.callFrames[0] : this.#frame(frameId);
    const lifetime: Lifetime = frame ? "pause" : "globals";
    // In a pause V8 can cut off only what it evaluates in a frame.
    const answer = frame
      ? inspector.post<Debugger.EvaluateOnCallFrameReturnType>("Debugger.evaluateOnCallFrame", {
          ...{...options, objectGroup: lifetime, callFrameId: frame.callFrameId},
        })
      : inspector.post<Runtime.EvaluateReturnType>("Runtime.evaluate", {
          ...{replMode: true, ...options, objectGroup: lifetime},
        });
    const {result, exceptionDetails} = await answer.catch((error: Error) => {
      if (!/terminated/.test(error.message)) throw error;
      throw new Error(`the expression was stopped: it took longer than ${evaluationMs / 1000} s`);
    });
    if (exceptionDetails) throw new Error(errorText(exceptionDetails));
    return result;
  }

  value(value: Remote): Promise<Variable> {
    return this.variables.value(value, this.pauses.current ? "pause" : "globals");
  }

  async globals(): Promise<Variable[]> {
    const {names} = await this.inspector.post<Runtime.GlobalLexicalScopeNamesReturnType>(
      "Runtime.globalLexicalScopeNames",
    );
    return this.variables.globals(names);
  }

  /**
   * Modules are functions to V8, which it does not stop before: theirs hold a moment after loading.
   */
  async #bind(scriptId: string): Promise<void> {
    const script = await this.scripts.load(scriptId).catch(() => undefined);
    if (script) await this.breakpoints.bind(script).catch(() => {});
  }

  async #tell(isAttached: boolean): Promise<void> {
    const expression = `${debuggeeExpression}.isAttached = ${isAttached}`;
    await this.inspector.post("Runtime.evaluate", {expression});
  }

  #frame(id: unknown): Debugger.CallFrame {
    const frame = this.#frames.get(id as number);
    if (!frame)
      throw new Error(`unknown frameId: ${String(id)}; ask for the stackTrace of this pause`);
    return frame;
  }
}
