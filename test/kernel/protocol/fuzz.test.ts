// A kernel process that gets signed nonsense: it answers or drops each, and lives.
// Always the same nonsense, unless told otherwise:
//   TASKLAB_FUZZ_SEED=7 TASKLAB_FUZZ_RUNS=5000 npm test -- protocol/fuzz

import assert from "node:assert/strict";
import {after, afterEach, before, test} from "node:test";
import fc from "fast-check";
import {isIdle, JupyterClient} from "../../support/jupyter-client.js";
import {nested, signedFrames, type Parts} from "../../support/raw-messages.js";

const {TASKLAB_FUZZ_SEED = "20261125", TASKLAB_FUZZ_RUNS = "150"} = process.env;
const options = {seed: Number(TASKLAB_FUZZ_SEED), numRuns: Number(TASKLAB_FUZZ_RUNS)};

let client: JupyterClient;
let key: string;
before(async () => {
  client = await JupyterClient.start();
  key = String(client.connection.key);
  await client.run(`const kept = 41; jupyter.comms.register("known", () => {});`);
});
after(() => client?.close());
afterEach(async () => {
  await client.request("control", "interrupt_request", {});
  assert.equal((await client.run("kept + 1")).result, "42");
});

const channels = fc.constantFrom("shell" as const, "control" as const);
const types = fc.constantFrom(
  ...["kernel_info_request", "complete_request", "inspect_request", "is_complete_request"],
  ...["history_request", "comm_info_request", "comm_open", "comm_msg", "comm_close"],
  ...["create_subshell_request", "delete_subshell_request", "list_subshell_request"],
  ...["interrupt_request", "usage_request", "connect_request", "debug_request"],
  ...["made_up_request", "execute_reply", "input_reply", "__proto__", "constructor"],
);
const names = fc.constantFrom(
  ...["code", "cursor_pos", "detail_level", "hist_access_type", "n", "session", "start", "stop"],
  ...["pattern", "output", "unique", "target_name", "comm_id", "data", "subshell_id", "command"],
  ...["type", "seq", "arguments", "silent", "store_history", "user_expressions", "allow_stdin"],
  ...["stop_on_error", "value", "__proto__", "constructor", "toString"],
);
/** Values that mean something to somebody, and any JSON besides. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    "tail",
    "range",
    "search",
    "known",
    "tasklab.trace",
    "*a*a*a*b",
    "%time?",
  ),
  fc.constantFrom<unknown>(
    "😀.",
    "\ud800",
    "\u0000",
    "const x = ",
    "`${",
    "'",
    "%%",
    "!",
    "@remote",
  ),
  fc.constantFrom<unknown>(-1, 0.5, 1e308, -0, 2 ** 53, null, {}, []),
  fc.jsonValue() as fc.Arbitrary<unknown>,
);
const content = fc.dictionary(names, value, {noNullPrototype: true});

test("a signed request with any content gets its busy and idle", async () => {
  await fc.assert(
    fc.asyncProperty(channels, types, content, async (channel, type, fuzzed) => {
      const id = client.send(channel, type, fuzzed);
      await client.until(`idle of ${type} ${JSON.stringify(fuzzed)}`, () =>
        client.about(id).some(isIdle),
      );
    }),
    options,
  );
});

test("an execute_request with any content is answered", async () => {
  await fc.assert(
    fc.asyncProperty(content, async (fuzzed) => {
      // As a string it is harmless, whatever it says.
      const {code} = fuzzed;
      const sent = typeof code === "string" ? {...fuzzed, code: JSON.stringify(code)} : fuzzed;
      await client.finished(client.send("shell", "execute_request", sent));
    }),
    {...options, numRuns: Math.ceil(options.numRuns / 3)},
  );
});

test("a signed message with any header is answered or dropped", async () => {
  const fields = fc.constantFrom(
    ...["msg_id", "session", "username", "date", "msg_type", "version", "subshell_id", "__proto__"],
  );
  const headers = fc.dictionary(fields, fc.oneof(types, value), {noNullPrototype: true});
  await fc.assert(
    fc.asyncProperty(channels, headers, content, async (channel, header, fuzzed) => {
      if (header.msg_type === "shutdown_request") return;
      const whole = {...client.signer.header("kernel_info_request"), ...header};
      for (const each of [header, whole]) {
        const parts: Parts = [JSON.stringify(each), "{}", "{}", JSON.stringify(fuzzed)];
        client.sendFrames(channel, signedFrames(key, parts));
      }
      await client.request("control", "kernel_info_request", {});
    }),
    options,
  );
});

const broken: [name: string, part: string | Uint8Array][] = [
  ["nothing", ""],
  ["half of it", `{"code": "1`],
  ["an array", "[]"],
  ["null", "null"],
  ["a number too large", "1e999"],
  ["NaN", `{"code": NaN}`],
  ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ["a lone surrogate", `{"code": "\\ud800"}`],
  ["100,000 levels", `{"data": ${nested(100_000)}}`],
  ["a prototype", `{"__proto__": {"code": "1"}, "constructor": {"prototype": {"code": "1"}}}`],
  ["a key of a megabyte", `{"${"k".repeat(1_000_000)}": 1}`],
  ["numbers that no double holds", `{"cursor_pos": ${"9".repeat(400)}, "n": -1e400}`],
];
for (const [name, part] of broken)
  test(`a signed message one of whose parts is ${name} is answered or dropped`, async () => {
    for (const type of ["kernel_info_request", "execute_request", "comm_open", "complete_request"])
      for (const index of [0, 1, 2, 3]) {
        const parts = [JSON.stringify(client.signer.header(type)), "{}", "{}", "{}"];
        const changed = parts.map((old, at) => (at === index ? part : old));
        client.sendFrames("shell", signedFrames(key, changed as unknown as Parts));
      }
    await client.request("shell", "kernel_info_request", {});
  });

test("frames that were changed on their way are never answered", async () => {
  const ids: string[] = [];
  const change = fc.oneof(
    fc.record({drop: fc.nat(6)}),
    fc.record({cut: fc.nat(6)}),
    fc.record({flip: fc.nat(6), at: fc.nat(63)}),
    fc.record({swap: fc.constantFrom(2, 3, 4)}),
  );
  await fc.assert(
    fc.asyncProperty(channels, types, change, async (channel, type, how) => {
      const header = client.signer.header(type);
      ids.push(header.msg_id);
      const parts: Parts = [JSON.stringify(header), "{}", `{"a":1}`, `{"code":"1"}`];
      client.sendFrames(channel, changed(signedFrames(key, parts), how));
    }),
    options,
  );
  await client.request("shell", "kernel_info_request", {});
  await client.request("control", "kernel_info_request", {});
  assert.deepEqual(
    ids.filter((id) => client.about(id).length > 0 || client.replyTo(id)),
    [],
  );
});

test("any frames at all leave the kernel as it was", async () => {
  const frames = fc.array(fc.uint8Array({maxLength: 300}), {minLength: 1, maxLength: 9});
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("shell" as const, "control" as const, "stdin" as const),
      frames,
      async (channel, noise) => {
        client.sendFrames(
          channel,
          noise.map((frame) => Buffer.from(frame)),
        );
      },
    ),
    options,
  );
});

type Change = {drop: number} | {cut: number} | {flip: number; at: number} | {swap: number};

function changed(frames: readonly Buffer[], how: Change): Buffer[] {
  if ("drop" in how) return frames.filter((_, index) => index !== how.drop % frames.length);
  if ("cut" in how) return frames.slice(0, how.cut % frames.length);
  const copies = frames.map((frame) => Buffer.from(frame));
  if ("swap" in how) {
    const [one, other] = [copies[how.swap]!, copies[how.swap + 1]!];
    copies.splice(how.swap, 2, other, one);
    return copies;
  }
  const frame = copies[how.flip % copies.length]!;
  frame[how.at % frame.length]! ^= 1;
  return copies;
}
