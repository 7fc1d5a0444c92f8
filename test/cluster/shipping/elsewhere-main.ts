// The separate process: runs what it is sent, one call after another.

import {decodeLoading, encodeError, encodeResult} from "../../../cluster/codec/codec.js";
import "../../../cluster/index.js";
import {KeptCodes} from "../../../cluster/io/agent/codes.js";
import {enterNotebook} from "../../../cluster/notebook.js";
import {Arrivals} from "../../../cluster/shipping/names/arrivals.js";
import {processRealm} from "../../../cluster/shipping/names/realm.js";
import {revive} from "../../../cluster/shipping/revive.js";
import type {Answer, Batch, Call} from "./elsewhere.js";

enterNotebook(process.argv[2] ?? import.meta.dirname);

/** What these tests call the functions that they ship. */
const fn = "subject";

const codes = new KeptCodes();

process.on("message", ({pieces, calls}: Batch) => {
  for (const piece of pieces) codes.add(piece);
  void answerAll(calls);
});

async function answerAll(calls: Call[]): Promise<void> {
  const answers: Answer[] = [];
  for (const call of calls) answers.push(await answer(call));
  process.send!(answers);
}

type Instance = Record<string, (...args: unknown[]) => unknown>;
type Class = new (...args: unknown[]) => Instance;
let instance: Instance;
/** Of a task, or of an actor with all of its calls. */
let arrivals: Arrivals;

async function answer({id, code, args, actor}: Call): Promise<Answer> {
  try {
    if (typeof actor !== "object") arrivals = new Arrivals(processRealm);
    const shipped = typeof actor === "object" ? null : await revive(codes.use(code)!, arrivals);
    const values = (await decodeLoading(args, {arrivals})).value as unknown[];
    let result: unknown;
    if (typeof actor === "object") result = await instance[actor.method]!(...values);
    else if (actor === undefined) result = await shipped!(...values);
    else instance = new (shipped as unknown as Class)(...values);
    return {id, ok: true, frames: encodeResult(result, fn).frames};
  } catch (error) {
    const place = {fn, task: `task ${id}`, pid: process.pid, node: "elsewhere"};
    return {id, ok: false, frames: encodeError(error, place)};
  }
}
