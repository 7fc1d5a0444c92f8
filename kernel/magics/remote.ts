// `%%remote --num-cpus 2`: every function that the cell declares becomes a task.

import {MagicError, type Arguments, type Magic} from "./magic.js";

const notNegative = (value: string | number) =>
  Number(value) >= 0 ? undefined : "must be a number ≥ 0";

export const remoteCell: Magic = {
  name: "remote",
  kind: "cell",
  summary: "make all functions of the cell remote",
  help: `%%remote --num-cpus 2 --resources tpu=1
function multiply(…) {…}         // as if each had @remote({numCpus: 2, resources: {tpu: 1}}) above it`,
  options: {
    "num-cpus": {type: "number", summary: "logical CPUs of each call", check: notNegative},
    "num-gpus": {type: "number", summary: "GPUs of each call", check: notNegative},
    memory: {type: "number", summary: "memory of each call, bytes", check: notNegative},
    "max-retries": {type: "number", summary: "runs after a lost worker (3); -1: without end"},
    resources: {type: "list", summary: "other resources, as name=amount"},
  },
  run(context, args, body) {
    return context.run(body, {remoteOptions: remoteOptions(args)});
  },
};

/** The magic's options as the source of an options object. */
function remoteOptions(args: Arguments): string {
  const options: Record<string, unknown> = {};
  const {numbers} = args;
  if (numbers["num-cpus"] !== undefined) options["numCpus"] = numbers["num-cpus"];
  if (numbers["num-gpus"] !== undefined) options["numGpus"] = numbers["num-gpus"];
  if (numbers["memory"] !== undefined) options["memory"] = numbers["memory"];
  if (numbers["max-retries"] !== undefined) options["maxRetries"] = numbers["max-retries"];
  const resources = parseResources(args.lists["resources"] ?? []);
  if (Object.keys(resources).length > 0) options["resources"] = resources;
  return JSON.stringify(options);
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
