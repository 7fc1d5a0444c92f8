// The debugger: DAP requests in, responses and events out. It lives in the I/O thread, so it
// answers whatever the main thread is doing, paused too. Nothing of it exists before a client asks.

import {basename} from "node:path";
import {maxCodeBytes} from "../../cluster/limits.js";
import {readText} from "../../cluster/shipping/modules/whole-file.js";
import {cellPath, hashSeed, pathPrefix, pathSuffix} from "./cell-paths.js";
import {
  parseRequest,
  threadId,
  wantedBreakpoints,
  type DapEvent,
  type DapRequest,
  type DapResponse,
} from "./dap.js";
import {debuggeeExpression} from "./debuggee-name.js";
import type {Inspector} from "./inspector.js";
import type {CellText} from "./scripts.js";
import type {StepCommand} from "./stepping.js";
import {Target} from "./target.js";

export interface DebuggerParts {
  /** Resolves when the main thread can be asked. */
  ready: Promise<void>;
  connect(): Inspector;
  cellText: CellText;
  /** The cells that run now. */
  running(): readonly string[];
  publish(event: DapEvent): void;
  log(line: string): void;
}

type Arguments = Record<string, unknown>;
type Answer = (given: Arguments) => object | Promise<object>;

/** Cells whose text clients have told. */
const maxDumped = 1000;

const exceptionFilters = [
  {filter: "all", label: "Raised Exceptions", default: false},
  {filter: "uncaught", label: "Uncaught Exceptions", default: false},
] as const;

export class Debugger {
  readonly #parts: DebuggerParts;
  readonly #dumped = new Map<string, string>();
  #target: Promise<Target> | null = null;
  #inspector: Inspector | null = null;
  /** The target, while the debugger is started. */
  #live: Target | null = null;
  #sequence = 0;

  constructor(parts: DebuggerParts) {
    this.#parts = parts;
  }

  /** Every request gets a response: what it must not do fails in words. */
  async answer(content: Record<string, unknown>): Promise<DapResponse> {
    const request = parseRequest(content);
    if (typeof request === "string")
      return this.#response({seq: 0, command: "", arguments: {}}, `bad request: ${request}`);
    const {command} = request;
    // Jupyter's clients ask as soon as the kernel answers at all.
    await this.#parts.ready;
    try {
      const always = this.#always[command];
      if (always) return this.#response(request, await always(request.arguments));
      const started = this.#started[command];
      if (!started) throw new Error(`unknown command: ${command}`);
      if (!this.#live)
        throw new Error(`${command}: the debugger is not started; initialize it first`);
      return this.#response(request, await started(request.arguments, this.#live));
    } catch (error) {
      return this.#response(request, (error as Error).message);
    }
  }

  /** Before an interrupt or the kernel's end: nothing holds the main thread from here on. */
  release(): void {
    this.#live?.pauses.release();
  }
  /** What was to be interrupted has been. */
  holdAgain(): void {
    this.#live?.pauses.holdAgain();
  }

  /** Must be called before the thread ends; asks nothing of a main thread that may be gone. */
  close(): void {
    this.#inspector?.disconnect();
  }

  /** What is answered whether or not the debugger is started. */
  readonly #always: Readonly<Record<string, Answer>> = {
    debugInfo: () => ({
      isStarted: this.#live !== null,
      hashMethod: "Murmur2",
      hashSeed,
      tmpFilePrefix: pathPrefix,
      tmpFileSuffix: pathSuffix,
      breakpoints: this.#live?.breakpoints.all() ?? [],
      stoppedThreads: this.#live?.pauses.current ? [threadId] : [],
      richRendering: true,
      exceptionPaths: [],
      copyToGlobals: false,
    }),
    initialize: async () => {
      await this.#start();
      return {
        supportsConfigurationDoneRequest: true,
        supportsConditionalBreakpoints: true,
        supportsEvaluateForHovers: true,
        supportsTerminateRequest: true,
        supportsModulesRequest: true,
        exceptionBreakpointFilters: exceptionFilters,
      };
    },
    disconnect: () => this.#stop(),
    terminate: () => this.#stop(),
    inspectVariables: async () => ({variables: await (await this.#connected()).globals()}),
    richInspectVariables: async ({variableName, frameId}) => {
      if (!isIdentifier(variableName)) return {data: {}, metadata: {}};
      const target = await this.#connected();
      const expression = `${debuggeeExpression}.shown(${variableName})`;
      const {value} = await target.evaluate(expression, frameId, {returnByValue: true});
      return value as object;
    },
    variables: async ({variablesReference}) => {
      const target = await this.#connected();
      return {variables: await target.variables.expand(variablesReference)};
    },
    modules: () => {
      const modules = this.#live?.scripts.modules() ?? [];
      return {
        modules: modules.map(({id, path}) => ({id, name: basename(path), path})),
        totalModules: modules.length,
      };
    },
  };

  readonly #started: Readonly<Record<string, (given: Arguments, target: Target) => object>> = {
    attach: () => {
      this.#publish("initialized", {});
      return {};
    },
    configurationDone: () => ({}),
    dumpCell: ({code}) => {
      if (typeof code !== "string") throw new Error("the cell's code is no string");
      const sourcePath = cellPath(code);
      this.#dumped.delete(sourcePath);
      this.#dumped.set(sourcePath, code);
      if (this.#dumped.size > maxDumped) this.#dumped.delete(this.#dumped.keys().next().value!);
      return {sourcePath};
    },
    setBreakpoints: async ({source, breakpoints}, target) => ({
      breakpoints: await target.breakpoints.replace(pathOf(source), wantedBreakpoints(breakpoints)),
    }),
    setExceptionBreakpoints: async ({filters}, target) => {
      const wanted = Array.isArray(filters) ? filters : [];
      const state = exceptionFilters.find(({filter}) => wanted.includes(filter))?.filter;
      await target.inspector.post("Debugger.setPauseOnExceptions", {state: state ?? "none"});
      return {};
    },
    source: async ({source}, target) => {
      const path = pathOf(source);
      const content = this.#dumped.get(path) ?? target.scripts.cellText(path);
      if (content !== undefined) return {content, mimeType: "text/typescript"};
      if (!target.scripts.modules().some((module) => module.path === path))
        throw new Error(`source unavailable: ${path}`);
      return {content: readText(path, maxCodeBytes), mimeType: "text/typescript"};
    },
    threads: () => ({threads: [{id: threadId, name: "cells"}]}),
    stackTrace: async (_given, target) => {
      const stackFrames = await target.stack();
      return {stackFrames, totalFrames: stackFrames.length};
    },
    scopes: ({frameId}, target) => ({scopes: target.scopes(frameId)}),
    evaluate: async ({expression, frameId}, target) => {
      if (typeof expression !== "string") throw new Error("the expression is no string");
      const {value, variablesReference} = await target.value(
        await target.evaluate(expression, frameId),
      );
      return {result: value, variablesReference};
    },
    continue: async (_given, target) => {
      await target.pauses.go("resume");
      return {allThreadsContinued: true};
    },
    next: (_given, target) => step(target, "stepOver"),
    stepIn: (_given, target) => step(target, "stepInto"),
    stepOut: (_given, target) => step(target, "stepOut"),
    pause: async (_given, target) => {
      await target.pauses.pause();
      return {};
    },
  };

  #connected(): Promise<Target> {
    if (this.#target) return this.#target;
    const {connect, publish: _publish, ...parts} = this.#parts;
    const stops = {threadId, allThreadsStopped: true};
    const inspector = connect();
    this.#inspector = inspector;
    this.#target = Target.connect({
      ...{...parts, inspector},
      stopped: (reason, text) =>
        this.#publish("stopped", {reason, ...stops, ...(text === undefined ? {} : {text})}),
      continued: () => this.#publish("continued", {threadId, allThreadsContinued: true}),
    });
    // What failed once may go well the next time.
    this.#target.catch(() => {
      this.#target = null;
      inspector.disconnect();
    });
    return this.#target;
  }

  async #start(): Promise<void> {
    if (this.#live) return;
    const target = await this.#connected();
    try {
      await target.enable();
    } catch (error) {
      await this.#stop();
      throw error;
    }
    this.#live = target;
  }

  async #stop(): Promise<object> {
    const target = this.#target;
    this.#target = null;
    this.#live = null;
    await target?.then((target) => target.disconnect()).catch(() => {});
    return {};
  }

  #publish(event: string, body: object): void {
    this.#parts.publish({type: "event", seq: ++this.#sequence, event, body});
  }

  #response({seq, command}: DapRequest, answer: object | string): DapResponse {
    const envelope = {type: "response", seq: ++this.#sequence, request_seq: seq, command} as const;
    if (typeof answer === "string") return {...envelope, success: false, message: answer, body: {}};
    return {...envelope, success: true, body: answer};
  }
}

async function step(target: Target, command: StepCommand): Promise<object> {
  await target.pauses.go(command);
  return {};
}

function pathOf(source: unknown): string {
  const path = (source as {path?: unknown} | null | undefined)?.path;
  if (typeof path !== "string" || path === "") throw new Error("the source has no path");
  return path;
}

function isIdentifier(name: unknown): name is string {
  return typeof name === "string" && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
}
