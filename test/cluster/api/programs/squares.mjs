// A plain program, as a newcomer writes it: nothing is started, nothing is stopped.
import {cluster, get, put, remote, wait} from "tasklab";

const scale = 10;
const square = remote({numCpus: 0.5}, (n) => n * n * scale);
const sum = remote(async (refs) => (await get(refs)).reduce((a, b) => a + b, 0));
// Put before there is a cluster that could keep it.
const refs = [put(10), square.remote(2), square.remote(3)];
const total = await get(sum.remote(refs));
const {nodes} = await cluster.status();
const pids = nodes.flatMap(({workers}) => workers.map(({pid}) => pid)).filter((pid) => pid > 0);
console.log(JSON.stringify({total, pids}));

const how = process.argv[2];
if (how === "unfetched") {
  const fails = remote(function fails() {
    throw new RangeError("nobody looked");
  });
  globalThis.kept = fails.remote();
  await wait([globalThis.kept]);
}
if (how === "throw") throw new Error("the program failed");
if (how === "endless" || how === "exit") {
  const endless = remote(() => {
    for (;;);
  });
  const never = get(endless.remote());
  if (how === "exit") setTimeout(() => process.exit(7), 50);
  await never;
}
