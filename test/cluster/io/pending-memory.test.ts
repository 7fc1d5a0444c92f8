// Memory that a pending task costs the process that submits it: on the user's thread, and in its
// agent.
import assert from "node:assert/strict";
import {afterEach, test} from "node:test";
import {setFlagsFromString} from "node:v8";
import {runInNewContext} from "node:vm";
import {ClusterBackend} from "../../../cluster/backends/cluster.js";
import {setAmbient} from "../../../cluster/context/context.js";
import {remote} from "../../../cluster/index.js";
import {AgentCodec, UserCodec} from "../../../cluster/io/threads/compact.js";
import type {ClientRequest} from "../../../cluster/io/threads/ports.js";
import {Submissions} from "../../../cluster/io/agent/submissions.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

afterEach(() => setAmbient({backend: null}));

test("a pending task of a known function with a small argument takes less than 500 bytes", async () => {
  const nothing = (): void => {};
  const submissions = new Submissions({
    stores: () => {
      throw new Error("nothing here is large");
    },
    connectWorker: () => {
      throw new Error("no worker is granted");
    },
    ...{toHead: nothing, post: nothing, trace: nothing, wakeTurn: nothing},
    ...{blocked: nothing, unblocked: nothing, waits: nothing},
  });
  const [user, agent] = [new UserCodec(), new AgentCodec()];
  // Both threads' memory lies in this one heap.
  const send = (message: ClientRequest): void => {
    const bytes = new Uint8Array(user.encode(message)!);
    user.sent();
    submissions.request(agent.decode(bytes) as ClientRequest);
  };
  const door = {send, onReply: nothing, hold: nothing, end: () => Promise.resolve()};
  setAmbient({backend: new ClusterBackend(door)});
  const next = remote(function next(x: number) {
    return x + 1;
  });
  const submit = (count: number) => Array.from({length: count}, (_, i) => next.remote(i));
  const first = submit(1_000);
  const before = await liveBytes();
  const count = 30_000;
  const refs = submit(count);
  const bytes = ((await liveBytes()) - before) / count;
  assert.ok(bytes < 500, `${bytes.toFixed(0)} bytes for each of ${count} pending tasks`);
  submissions.request({kind: "release", objects: [...first, ...refs].map(({id}) => id)});
});

async function liveBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await new Promise(setImmediate);
  }
  const {heapUsed, external} = process.memoryUsage();
  return heapUsed + external;
}
