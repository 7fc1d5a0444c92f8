// The compiler thread: TypeScript, away from the user's code and from the sockets, so that
// completion answers while a cell runs. Requests come from several threads, each on its own port,
// and are answered on it by id. A request that fails, by a defect of ours, is answered too.

import {workerData, type MessagePort} from "node:worker_threads";
import type {CompilerReply, CompilerRequest, CompilerStart, SettingsReport} from "../threads.js";
import {Compiler} from "./compile.js";
import {complete} from "./complete.js";
import {inspect} from "./inspect.js";
import {isComplete} from "./is-complete.js";
import {completeSetting, SettingsError} from "./check/settings.js";
import {checkSize, reasonOf} from "./size.js";

/** A first cell that is waiting already goes before. */
const warmAfterMs = 100;

const {ports} = workerData as CompilerStart;
for (const port of ports) {
  port.on("message", (request: CompilerRequest) => void answer(port, request));
}
const compiler = new Compiler();
// The first conversion reads the library's types: better now than in the first cell. The first
// completion may come later: whoever types it has just seen the kernel start.
const {notices} = compiler.compile("const warm: number[] = [1];\nconsole.log(warm)", 0, {});
// They are the first cell's to tell.
compiler.settings.note(notices);
setTimeout(() => complete(compiler, "c", 1), warmAfterMs);

async function answer(port: MessagePort, request: CompilerRequest): Promise<void> {
  let reply: CompilerReply;
  try {
    reply = await replyTo(request);
  } catch (error) {
    reply = {kind: "failed", id: request.id, message: reasonOf(error)};
  }
  port.postMessage(reply);
}

function replyTo(request: CompilerRequest): CompilerReply | Promise<CompilerReply> {
  const {id} = request;
  if ("code" in request) checkSize(request.code);
  switch (request.kind) {
    case "compile": {
      const {code, executionCount, options} = request;
      return {kind: "compiled", id, result: compiler.compile(code, executionCount, options)};
    }
    case "commit":
      compiler.commit(request.executionCount);
      return {kind: "committed", id};
    case "complete":
      return {kind: "completed", id, ...complete(compiler, request.code, request.cursor)};
    case "inspect": {
      const {code, cursor, detail} = request;
      return {kind: "inspected", id, text: inspect(compiler, code, cursor, detail)};
    }
    case "is-complete":
      return {
        ...{kind: "is-completed", id},
        ...isComplete(request.code, compiler.isJsx(request.code)),
      };
    case "configure":
      return {kind: "configured", id, answer: configure(request.words)};
    case "complete-setting":
      return {kind: "settings-completed", id, words: completeSetting(request.word)};
    case "forget-packages":
      compiler.notebook.forgetPackages();
      return {kind: "packages-forgotten", id};
    case "draw":
      return draw(request);
    default:
      throw new TypeError(`unknown request: ${JSON.stringify(request satisfies never)}`);
  }
}

function configure(words: readonly string[]): SettingsReport | {refused: string} {
  try {
    return compiler.assign(words);
  } catch (error) {
    if (error instanceof SettingsError) return {refused: error.message};
    throw error;
  }
}

/** The diagrams are loaded when the first is drawn. */
async function draw({
  id,
  bundle,
}: Extract<CompilerRequest, {kind: "draw"}>): Promise<CompilerReply> {
  const {drawSaved} = await import("../../extensions/execution/views/saved.js");
  return {kind: "drawn", id, ...drawSaved(bundle)};
}
