// A kernel process that gets signed nonsense: it answers or drops each, and lives.

import assert from "node:assert/strict";
import {after, before, test} from "node:test";
import fc from "fast-check";
import {isIdle, JupyterClient} from "../../support/jupyter-client.js";

let client: JupyterClient;
before(async () => {
  client = await JupyterClient.start();
});
after(() => client?.close());

const types = [
  ...["kernel_info_request", "complete_request", "inspect_request", "is_complete_request"],
  ...["history_request", "comm_info_request", "comm_open", "comm_msg", "comm_close"],
  ...["interrupt_request", "usage_request", "debug_request", "made_up_request"],
];
const fields = [
  ...["code", "cursor_pos", "detail_level", "hist_access_type", "n", "session", "start", "stop"],
  ...["pattern", "output", "unique", "target_name", "comm_id", "data"],
];
const content = fc.dictionary(fc.constantFrom(...fields), fc.jsonValue() as fc.Arbitrary<unknown>);

test("a signed request with any content gets its busy and idle", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...types), content, async (type, fuzzed) => {
      const id = client.send("shell", type, fuzzed);
      await client.until(`idle of ${type} ${JSON.stringify(fuzzed)}`, () =>
        client.about(id).some(isIdle),
      );
    }),
    {numRuns: 150},
  );
  assert.equal((await client.run("1 + 1")).result, "2");
});

test("an execute_request with any content is answered", async () => {
  const executeFields = [
    "silent",
    "store_history",
    "user_expressions",
    "allow_stdin",
    "stop_on_error",
  ];
  const options = fc.dictionary(fc.constantFrom(...executeFields, "code"), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(options, async (fuzzed) => {
      const code = typeof fuzzed.code === "string" ? JSON.stringify(fuzzed.code) : fuzzed.code;
      const id = client.send("shell", "execute_request", {
        ...fuzzed,
        ...(code === undefined ? {} : {code}),
      });
      await client.finished(id);
    }),
    {numRuns: 50},
  );
  assert.equal((await client.run("1 + 1")).result, "2");
});

test("any frames at all leave the kernel as it was", async () => {
  const frames = fc.array(fc.uint8Array({maxLength: 300}), {minLength: 1, maxLength: 9});
  const channels = fc.constantFrom("shell" as const, "control" as const, "stdin" as const);
  await fc.assert(
    fc.asyncProperty(channels, frames, async (channel, noise) => {
      client.sendFrames(
        channel,
        noise.map((frame) => Buffer.from(frame)),
      );
    }),
    {numRuns: 200},
  );
  assert.equal((await client.run("2 + 2")).result, "4");
});
