// Cells as the kernel runs them: compiled by its emitter, evaluated in V8's REPL mode.

import {createRequire} from "node:module";
import {type Runtime, Session} from "node:inspector";
import type {CompilerOptions} from "typescript";
import {measuredCalls} from "../../../cluster/host.js";
import {remote} from "../../../cluster/index.js";
import {installCellRuntime} from "../../../cluster/shipping/runtime.js";
import {sources} from "../../../cluster/shipping/source/thunk.js";
import {emit} from "../../../kernel/compiler/emit/emit.js";
import {Positions} from "../../../kernel/compiler/rewrite/positions.js";

const require = createRequire(import.meta.url);
const session = new Session();
session.connect();
const sessionNames = new Set<string>();
let count = 0;

installCellRuntime({
  import: (specifier) => import(specifier) as Promise<Record<string, unknown>>,
  meta: {
    url: import.meta.url,
    dirname: import.meta.dirname,
    filename: import.meta.filename,
    resolve: require.resolve,
  },
  remote: remote as never,
  setup: () => () => Promise.resolve(),
  measurable: (...added) => measuredCalls.add(...added),
});

/** Runs a cell; gives the value of `name` afterwards. */
export async function runCell(
  typeScript: string,
  name = "subject",
  compilerOptions: CompilerOptions = {},
): Promise<unknown> {
  const source = `Cell In[${++count}]`;
  const emitted = emit(typeScript, {
    source,
    cell: typeScript,
    positions: new Positions([{source: 0, target: 0, length: typeScript.length}]),
    sessionNames,
    captured: new Set(),
    typeNames: new Set(),
    hasValue: false,
    compilerOptions,
  });
  for (const declared of emitted.names) sessionNames.add(declared);
  sources.set(source, {code: emitted.code, map: emitted.map});
  await evaluate(emitted.code);
  return evaluate(name);
}

function evaluate(expression: string): Promise<unknown> {
  const hook = `globalThis[Symbol.for("tasklab.test")]`;
  return new Promise((resolve, reject) => {
    const parameters = {expression, replMode: true, awaitPromise: true};
    session.post("Runtime.evaluate", parameters, (error: Error | null, answer?: object) => {
      if (error) return reject(error);
      const {result, exceptionDetails} = answer as Runtime.EvaluateReturnType;
      if (exceptionDetails)
        return reject(new Error(exceptionDetails.exception?.description ?? exceptionDetails.text));
      if (result.objectId === undefined) return resolve(result.value);
      const take = {
        objectId: result.objectId,
        functionDeclaration: `function () { ${hook} = this; }`,
      };
      session.post("Runtime.callFunctionOn", take, () => {
        resolve((globalThis as unknown as Record<symbol, unknown>)[Symbol.for("tasklab.test")]);
      });
    });
  });
}
