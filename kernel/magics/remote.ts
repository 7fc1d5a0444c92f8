// `%%remote --num-cpus 2`: calls of every function that the cell declares become tasks, and
// instances of every class actors.

import type {RemoteOptionsOfCell} from "../threads.js";
import {MagicError, type Arguments, type Magic} from "./magic.js";

const notNegative = (value: string | number) =>
  Number(value) >= 0 ? undefined : "must be a number ≥ 0";

export const remoteCell: Magic = {
  name: "remote",
  kind: "cell",
  summary: "make all functions and classes of the cell remote",
  help: `%%remote --num-cpus 2 --resources tpu=1
function multiply(…) {…}         // as if each had @remote({numCpus: 2, resources: {tpu: 1}}) above it
class Counter {…}`,
  options: {
    "num-cpus": {
      type: "number",
      summary: "logical CPUs of each call, or actor",
      check: notNegative,
    },
    "num-gpus": {type: "number", summary: "GPUs of each call, or actor", check: notNegative},
    memory: {type: "number", summary: "memory of each call, or actor, bytes", check: notNegative},
    "max-retries": {
      type: "number",
      summary: "a function's runs after a lost worker (3); -1: without end",
    },
    "max-restarts": {
      type: "number",
      summary: "how often an actor is made anew after a lost process (0); -1: without end",
    },
    resources: {type: "list", summary: "other resources, as name=amount"},
  },
  run(context, args, body) {
    return context.run(body, {remoteOptions: remoteOptions(args)});
  },
};

/** The magic's options as the source of options objects. */
function remoteOptions({numbers, lists}: Arguments): RemoteOptionsOfCell {
  const resources = parseResources(lists["resources"] ?? []);
  const common = {
    numCpus: numbers["num-cpus"],
    numGpus: numbers["num-gpus"],
    memory: numbers["memory"],
    resources: Object.keys(resources).length > 0 ? resources : undefined,
  };
  return {
    functions: JSON.stringify({...common, maxRetries: numbers["max-retries"]}),
    classes: JSON.stringify({...common, maxRestarts: numbers["max-restarts"]}),
  };
}

/** `["tpu=1", "ssd=2.5"]` → `{tpu: 1, ssd: 2.5}`. */
export function parseResources(pairs: readonly string[]): Record<string, number> {
  const resources: Record<string, number> = {};
  for (const pair of pairs) {
    const [, name, amount] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
    const number = Number(amount);
    if (name === undefined || !Number.isFinite(number) || number < 0)
      throw new MagicError(`--resources ${pair}: must be name=amount, for example tpu=1`);
    resources[name] = number;
  }
  return resources;
}
